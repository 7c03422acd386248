import type pg from 'pg';
import type { Database } from './client.ts';

const CANCELS_AT_ONCE_MAX = 8;

/**
 * The SQL of one operation, so that all of it can be cancelled. Only what goes through the pool takes part: hand-written
 * reads. Prisma's are looked up by key, and end by themselves.
 */
export class Cancellation {
  readonly #canceller: Canceller;
  readonly #running = new Set<{ client: pg.PoolClient; cancelled?: Promise<void> }>();
  #reason: Error | null = null;

  constructor(canceller: Canceller) {
    this.#canceller = canceller;
  }

  /** Ends what runs, and refuses what comes after. */
  cancel(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const query of this.#running) query.cancelled = this.#canceller.cancel(query.client);
  }

  /** The database as the operation is to see it. */
  database(db: Database): Database {
    const query = (...args: unknown[]): Promise<unknown> => this.#query(db.pool, args);
    return { ...db, pool: Object.create(db.pool, { query: { value: query } }) as pg.Pool };
  }

  async #query(pool: pg.Pool, args: unknown[]): Promise<unknown> {
    if (this.#reason) throw this.#reason;
    const client = await pool.connect();
    if (this.#reason) {
      client.release();
      throw this.#reason;
    }
    const query: { client: pg.PoolClient; cancelled?: Promise<void> } = { client };
    this.#running.add(query);
    let broken = true;
    try {
      const result = await (client.query as (...given: unknown[]) => Promise<unknown>)(...args);
      broken = false;
      return result;
    } catch (error) {
      throw this.#reason ?? error;
    } finally {
      this.#running.delete(query);
      await query.cancelled;
      // A cancellation that came too late would end whatever this connection does next.
      client.release(broken || query.cancelled !== undefined);
    }
  }
}

/** Asks PostgreSQL, over connections of its own, to end what others run. */
export class Canceller {
  readonly #pool: pg.Pool;
  #running = 0;
  /** Statements that were asked to end. */
  count = 0;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Never fails: what can't be cancelled ends by its timeout. */
  async cancel(client: pg.PoolClient): Promise<void> {
    const { processID } = client as unknown as { processID: number | null };
    if (processID === null || this.#running >= CANCELS_AT_ONCE_MAX) return;
    this.#running += 1;
    this.count += 1;
    try {
      await this.#pool.query('SELECT pg_cancel_backend($1)', [processID]);
    } catch {
      // The server is away; the statement ends with its connection or its timeout.
    } finally {
      this.#running -= 1;
    }
  }
}
