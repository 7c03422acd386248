import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content } from '../../domain/save/former.ts';
import { checkSpoolBytes, makeSpoolDirectory } from './spool.ts';

/** Where a content is in the file, in bytes. */
export interface ContentPlace {
  readonly start: number;
  readonly length: number;
}

/** Contents of entries in a temporary file, so that any number of them takes no memory. */
export class ContentFile {
  #directory: string | undefined;
  #file: FileHandle | undefined;
  #bytes = 0;

  /**
   * @returns the place of each content, in their order.
   * @throws ReadoutError LIMIT_EXCEEDED beyond `IMPORT_SPOOL_BYTES_MAX`.
   */
  async add(contents: readonly Content[]): Promise<ContentPlace[]> {
    const pieces = contents.map((content) => Buffer.from(JSON.stringify(content)));
    const places = pieces.map(({ length }) => {
      const start = this.#bytes;
      this.#bytes += length;
      return { start, length };
    });
    checkSpoolBytes(this.#bytes);
    if (pieces.length === 0) return places;
    this.#directory ??= await makeSpoolDirectory();
    this.#file ??= await open(join(this.#directory, 'contents'), 'wx+', 0o600);
    await this.#file.write(Buffer.concat(pieces), 0, undefined, places[0]?.start);
    return places;
  }

  async read({ start, length }: ContentPlace): Promise<Content> {
    if (!this.#file) throw new Error('the file of contents has none');
    const { buffer } = await this.#file.read(Buffer.alloc(length), 0, length, start);
    return JSON.parse(buffer.toString()) as Content;
  }

  /** Deletes the file. */
  async close(): Promise<void> {
    await this.#file?.close();
    if (this.#directory) await rm(this.#directory, { recursive: true, force: true });
  }
}
