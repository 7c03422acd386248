import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { SqlClock } from './sqlClock.ts';

const CANCELS_AT_ONCE_MAX = 8;

type Query = (...args: unknown[]) => Promise<unknown>;

/** The operation on whose behalf whatever runs now is run. */
const current = new AsyncLocalStorage<Cancellation>();

/**
 * A pool whose statements outside transactions end with the operation that they are read for, be they Prisma's or written by
 * hand. Prisma reads several operations' rows at once where they are asked for with `findUnique`: use `findFirst`.
 */
export class CancellablePool extends pg.Pool {
  // The library has an overload for each form of the same arguments.
  override query = ((...args: unknown[]): Promise<unknown> => {
    const cancellation = current.getStore();
    if (!cancellation) return (super.query as Query)(...args);
    return cancellation.query(this, args);
  }) as pg.Pool['query'];
}

/** A statement that runs. */
interface RunningQuery {
  readonly client: pg.PoolClient;
  /** When it began, on the clock for SQL. */
  readonly beganMs: number;
  cancelled?: Promise<void>;
}

/** The SQL of one operation, so that all of it can be cancelled, and is known to have taken so long. */
export class Cancellation {
  readonly #canceller: Canceller;
  readonly #running = new Set<RunningQuery>();
  #endedMs = 0;
  #reason: Error | null = null;

  constructor(canceller: Canceller) {
    this.#canceller = canceller;
  }

  /** Time that the statements have taken so far, without the wait for a connection. */
  get sqlMs(): number {
    const now = this.#canceller.clock.ms;
    let ms = this.#endedMs;
    for (const { beganMs } of this.#running) ms += now - beganMs;
    return ms;
  }

  /** Does work, of which every statement can be cancelled. */
  run<T>(work: () => T): T {
    return current.run(this, work);
  }

  /** Ends what runs, and refuses what comes after. */
  cancel(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const query of this.#running) query.cancelled = this.#canceller.cancel(query.client);
  }

  /** Runs a statement on a connection of the pool, for as long as it is wanted. */
  async query(pool: pg.Pool, args: readonly unknown[]): Promise<unknown> {
    if (this.#reason) throw this.#reason;
    const client = await pool.connect();
    if (this.#reason) {
      client.release();
      throw this.#reason;
    }
    // The pool listens for the end of connections that nobody uses; of this one the statement tells as well.
    const ended = (): void => undefined;
    client.on('error', ended);
    const { clock } = this.#canceller;
    clock.begin();
    const query: RunningQuery = { client, beganMs: clock.ms };
    this.#running.add(query);
    let broken = true;
    try {
      const result = await queryOn(client, args);
      broken = false;
      return result;
    } catch (error) {
      throw this.#reason ?? error;
    } finally {
      clock.end();
      this.#endedMs += clock.ms - query.beganMs;
      this.#running.delete(query);
      await query.cancelled;
      // A cancellation that came too late would end whatever this connection does next.
      client.release(broken || query.cancelled !== undefined);
      client.off('error', ended);
    }
  }
}

/**
 * Takes the rows by a callback. Where the driver makes a promise it assigns a function to a property, and V8 places such
 * functions among what is old: until it collects everything they, and the rows they refer to, stay in memory.
 */
function queryOn(client: pg.PoolClient, args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    (client.query as (...args: unknown[]) => void)(...args, (error: Error | null, result: unknown) =>
      error ? reject(error) : resolve(result),
    );
  });
}

/** Asks PostgreSQL, over connections of its own, to end what others run. */
export class Canceller {
  readonly #pool: pg.Pool;
  #running = 0;
  /** Statements that were asked to end. */
  count = 0;
  /** Tells how long statements take. */
  readonly clock: SqlClock;

  constructor(pool: pg.Pool, clock: SqlClock = new SqlClock()) {
    this.#pool = pool;
    this.clock = clock;
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
