import type pg from 'pg';
import type { SqlClock } from './sqlClock.ts';

const CANCELS_AT_ONCE_MAX = 8;

/** Cancels statements that run on other connections. It has a separate pool for that. */
export class Canceller {
  readonly #pool: pg.Pool;
  #running = 0;
  /** Number of cancellations that were sent. */
  count = 0;
  /** Measures how long statements take. */
  readonly clock: SqlClock;

  constructor(pool: pg.Pool, clock: SqlClock) {
    this.#pool = pool;
    this.clock = clock;
  }

  /** Never rejects: a statement that can't be cancelled ends by its timeout. */
  async cancel(client: pg.PoolClient): Promise<void> {
    const { processID } = client as unknown as { processID: number | null };
    if (processID === null || this.#running >= CANCELS_AT_ONCE_MAX) return;
    this.#running += 1;
    this.count += 1;
    try {
      await this.#pool.query('SELECT pg_cancel_backend($1)', [processID]);
    } catch {
      // The server can't be reached. The statement ends with its connection or its timeout.
    } finally {
      this.#running -= 1;
    }
  }
}
