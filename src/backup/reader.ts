import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { archiveFault, invalidBackup } from './fault.ts';
import { copyCommand, END_OF_ROWS, LAST_LINE, type Manifest, parseManifest } from './manifest.ts';

/** A line outside of the rows: the longest is the manifest. */
const LINE_BYTES_MAX = 1_048_576;
const NEWLINE = 0x0a;

/** A table of a backup while it is read. */
interface TableRows {
  readonly table: Manifest['tables'][number];
  /** The rows in PostgreSQL's text format, whole lines. They must be read to the end before the next table. */
  readonly rows: AsyncIterable<Buffer>;
}

/** Reads a backup from its beginning to its end, in bounded memory. */
export class BackupReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  /** @param file its path. */
  constructor(file: string) {
    const unzipped = createGunzip();
    createReadStream(file)
      .on('error', (error) => unzipped.destroy(error))
      .pipe(unzipped);
    this.#chunks = unzipped[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** @throws ReadoutError INVALID_INPUT where the file is not a backup. */
  async manifest(): Promise<Manifest> {
    return parseManifest(await this.#line(), await this.#line());
  }

  /**
   * The tables in the order of the manifest.
   * @throws ReadoutError INVALID_INPUT where the file is damaged or ends too early.
   */
  async *tables(manifest: Manifest): AsyncGenerator<TableRows> {
    for (const table of manifest.tables) {
      const line = await this.#line();
      if (line !== copyCommand(table))
        throw invalidBackup(`the table ${table.name} is not where it should be`);
      let count = 0;
      const rows = this.#rows((added) => {
        count += added;
      });
      yield { table, rows };
      if (count !== table.rows) {
        throw invalidBackup(`the table ${table.name} has ${count} rows, and the manifest says ${table.rows}`);
      }
    }
    if ((await this.#line()) !== LAST_LINE) throw invalidBackup('its last line is missing');
    // The checksum of the file is compared when it is read to its end.
    if (this.#buffer.length > 0 || (await this.#more()))
      throw invalidBackup('it has more lines than its manifest says');
  }

  /** The next line without its end. */
  async #line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf(NEWLINE);
      if (end >= 0) {
        const line = this.#buffer.toString('utf8', 0, end);
        this.#buffer = this.#buffer.subarray(end + 1);
        return line;
      }
      if (this.#buffer.length > LINE_BYTES_MAX) throw invalidBackup('it is not a backup of Readout');
      if (!(await this.#more())) throw invalidBackup('it ends too early, so it is not complete');
    }
  }

  /** The rows up to their end. Data never has a line `\.`, because the text format writes a backslash as `\\`. */
  async *#rows(counted: (rows: number) => void): AsyncGenerator<Buffer> {
    const end = Buffer.from(`${END_OF_ROWS}\n`);
    const endAfterRow = Buffer.from(`\n${END_OF_ROWS}\n`);
    for (;;) {
      // The buffer begins with a line here.
      if (this.#buffer.subarray(0, end.length).equals(end)) {
        this.#buffer = this.#buffer.subarray(end.length);
        return;
      }
      const at = this.#buffer.indexOf(endAfterRow);
      const length = (at >= 0 ? at : this.#buffer.lastIndexOf(NEWLINE)) + 1;
      if (length > 0) {
        const rows = this.#buffer.subarray(0, length);
        this.#buffer = this.#buffer.subarray(length);
        counted(countLines(rows));
        yield rows;
      }
      if (at < 0 && !(await this.#more())) throw invalidBackup('it ends too early, so it is not complete');
    }
  }

  /** Reads more of the file into the buffer. Returns false at its end. */
  async #more(): Promise<boolean> {
    let next: IteratorResult<Buffer>;
    try {
      next = await this.#chunks.next();
    } catch (error) {
      throw archiveFault(error);
    }
    if (next.done) return false;
    this.#buffer = this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value]);
    return true;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** The number of ends of lines. */
export function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
