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
 * Bytes that one import keeps in a temporary file: all of an atomic one, and entries that refer to later ones. Beyond it LIMIT_EXCEEDED.
 * @limit bytes
 */
export const IMPORT_SPOOL_BYTES_MAX = 1_073_741_824;

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
    if (this.#bytes > IMPORT_SPOOL_BYTES_MAX) {
      const message = `An import can keep at most ${IMPORT_SPOOL_BYTES_MAX} bytes aside. Import it in parts, or without “atomic”.`;
      const details = { limit: 'IMPORT_SPOOL_BYTES_MAX', max: IMPORT_SPOOL_BYTES_MAX };
      throw new ReadoutError('LIMIT_EXCEEDED', message, undefined, details);
    }
    if (!this.#file) {
      this.#directory = await mkdtemp(join(tmpdir(), 'readout-import-'));
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
