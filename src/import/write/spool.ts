import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { ReadoutError } from '../../base/errors.ts';
import type { Item, ItemSource } from '../item.ts';
import { jsonlLine, readJsonl } from '../read/jsonl.ts';

/**
 * Bytes that one import keeps in each of its temporary files: all of an atomic one, entries that refer to later ones, and what a dry run would
 * make of entries. Beyond it LIMIT_EXCEEDED.
 * @limit bytes
 */
export const IMPORT_SPOOL_BYTES_MAX = 1_073_741_824;

/** Makes a directory for a temporary file of an import. */
export const makeSpoolDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'readout-import-'));

/** @throws ReadoutError LIMIT_EXCEEDED beyond `IMPORT_SPOOL_BYTES_MAX`. */
export function checkSpoolBytes(bytes: number): void {
  if (bytes <= IMPORT_SPOOL_BYTES_MAX) return;
  const message = `An import can keep at most ${IMPORT_SPOOL_BYTES_MAX} bytes aside. Import it in parts, or without “atomic”.`;
  const details = { limit: 'IMPORT_SPOOL_BYTES_MAX', max: IMPORT_SPOOL_BYTES_MAX };
  throw new ReadoutError('LIMIT_EXCEEDED', message, undefined, details);
}

/** Items in a temporary file, so that any number of them takes no memory. */
export class Spool {
  #directory: string | undefined;
  #file: WriteStream | undefined;
  #bytes = 0;
  /** Items in it. */
  length = 0;

  /** @throws ReadoutError LIMIT_EXCEEDED beyond `IMPORT_SPOOL_BYTES_MAX`. */
  async add(item: Item): Promise<void> {
    const line = jsonlLine(item, true);
    this.#bytes += line.length;
    this.length += 1;
    checkSpoolBytes(this.#bytes);
    if (!this.#file) {
      this.#directory = await makeSpoolDirectory();
      this.#file = createWriteStream(join(this.#directory, 'items.jsonl'), { mode: 0o600 });
    }
    if (!this.#file.write(line)) await once(this.#file, 'drain');
  }

  /** The items, in the order of their addition. No more can be added. */
  async *read(): ItemSource {
    if (!this.#file) return;
    if (!this.#file.writableEnded) {
      this.#file.end();
      await once(this.#file, 'close');
    }
    yield* readJsonl(createReadStream(this.#file.path), { file: '' });
  }

  /** Deletes the file. */
  async close(): Promise<void> {
    // A stream that is destroyed during a write emits an error that nothing handles.
    if (this.#file) await finished(this.#file.end()).catch(() => undefined);
    if (this.#directory) await rm(this.#directory, { recursive: true, force: true });
  }
}
