import type pg from 'pg';
import { within } from '../base/within.ts';

/** PostgreSQL adds up the sizes of all files, so the size is read at most this often. */
const SIZE_INTERVAL_MS = 60_000;
/** How long a reader waits for the first size. After that the former one is shown. */
const SIZE_WAIT_MS = 500;

/** The bytes of the database in PostgreSQL, as they were within the last minute. */
export class DatabaseSize {
  readonly #pool: Pick<pg.Pool, 'query'>;
  #bytes: number | null = null;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(pool: Pick<pg.Pool, 'query'>) {
    this.#pool = pool;
  }

  /** The size, or the former one while PostgreSQL does not answer; null where it was never read. */
  async bytes(): Promise<number | null> {
    const nowMs = performance.now();
    if (nowMs - this.#readAtMs > SIZE_INTERVAL_MS) {
      this.#readAtMs = nowMs;
      await within(SIZE_WAIT_MS, this.#read());
    }
    return this.#bytes;
  }

  async #read(): Promise<void> {
    try {
      const { rows } = await this.#pool.query('SELECT pg_database_size(current_database()) AS bytes');
      this.#bytes = Number(rows[0]?.bytes);
    } catch {
      this.#readAtMs = Number.NEGATIVE_INFINITY; // the watch reports that PostgreSQL is unreachable; the next scrape tries again
    }
  }
}
