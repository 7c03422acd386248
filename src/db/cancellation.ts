import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import type { Span } from '../observe/tracing.ts';
import { FairQueue, shareOf } from './fairQueue.ts';
import type { SqlClock } from './sqlClock.ts';

const CANCELS_AT_ONCE_MAX = 8;
/** Characters of a statement in a trace. */
const TRACED_TEXT_LENGTH_MAX = 2_000;

/**
 * Connections to PostgreSQL that one client holds in one process while others ask too. Its other SQL waits. A client that
 * is alone leaves one connection free.
 * @limit of the connections for operations
 */
export const CONNECTIONS_PER_CLIENT_SHARE = 0.125;

/** The operation that the current code runs for. */
const current = new AsyncLocalStorage<Cancellation>();

/**
 * Runs work outside operations, such as looking up a token, on behalf of an address. This work has its own share of the
 * connections, so the operations of an address do not delay a client that sends a token from there.
 */
export function onBehalfOf<T>(address: string, work: () => T): T {
  return current.run(new Cancellation(null, `look-ups for ${address}`), work);
}

/**
 * Takes points from the client of an operation for work that is about to begin.
 * @param name of the work, as the subject of a sentence.
 * @param advice what the client can do to pay less, as a sentence without its end.
 * @throws ReadoutError LIMIT_EXCEEDED where not enough points are left.
 */
export type Pay = (points: number, name: string, advice: string) => void;

/** Makes the client of the operation that runs now pay for work before it begins: see `Pay`. Work of the service itself is free. */
export const payFor: Pay = (points, name, advice) => current.getStore()?.pay?.(points, name, advice);

export interface CancellablePoolOptions extends pg.PoolConfig {
  readonly max: number;
  /** How long a statement or transaction waits for a connection. */
  readonly connectionTimeoutMillis: number;
  /** Whether there is only one client. Default: never. */
  readonly isAlone?: () => boolean;
}

/**
 * A pool whose statements outside transactions end with their operation, both Prisma's and hand-written ones. Prisma combines
 * `findUnique` calls of several operations into one statement, so use `findFirst`.
 *
 * Clients share the connections. Every statement and transaction knows for which client it is run (`Cancellation`), and
 * takes a place in a queue before it asks the library for a connection. There are as many places as connections, so nothing
 * waits in the library's own queue, which is first come, first served.
 * - While other clients send requests, too, one client (an address or a token) holds at most an eighth of the connections, but
 *   at least one, because the connection of a long statement can't be taken back. A client that is alone leaves one free.
 * - Among waiting clients, the one that holds the fewest connections goes first, then the one that was served longest ago.
 *   So a client with one query overtakes a client with hundreds.
 * - A client that waits longer than `connectionTimeoutMillis` gets an error.
 * - The service's own work (readiness, its start) has no share and can take any free connection.
 */
export class CancellablePool extends pg.Pool {
  readonly #queue: FairQueue;
  /**
   * The connections that are in use. An array, not a Map: V8 keeps the old tables of a Map, and the operations that they reference, until
   * the next full garbage collection.
   */
  readonly #held: HeldConnection[] = [];

  constructor(options: CancellablePoolOptions) {
    super(options);
    this.#queue = new FairQueue({
      placesMax: options.max,
      placesPerClientMax: shareOf(options.max, CONNECTIONS_PER_CLIENT_SHARE),
      placesAloneMax: Math.max(1, options.max - 1),
      ...(options.isAlone && { isAlone: options.isAlone }),
      waitMs: options.connectionTimeoutMillis,
      refuse: () => new Error('timeout exceeded when trying to connect: every connection was in use'),
    });
    this.on('release', (_error, connection) => {
      const index = this.#held.findIndex((held) => held.connection === connection);
      const held = this.#held[index];
      if (!held) return; // the waiting client had timed out
      this.#held.splice(index, 1);
      held.work?.leave(held);
      this.#queue.give(held.client);
    });
    // The pool listens for errors of idle connections only. An error of one in use also rejects its statement.
    this.on('connect', (connection) => connection.on('error', () => undefined));
  }

  /** Statements and transactions that wait for a connection. */
  get waiting(): number {
    return this.#queue.counts.waiting;
  }

  // The library has an overload for each form of the arguments. The service uses only those that return a promise.
  override connect = ((): Promise<pg.PoolClient> =>
    this.hold(current.getStore(), 'transaction').then(({ connection }) => connection)) as pg.Pool['connect'];

  /**
   * Takes a connection for work, in its turn. Its `release` gives it back.
   * @param text the statement, for the trace of the work.
   */
  async hold(work: Cancellation | undefined, text: string): Promise<HeldConnection> {
    const client = work?.client ?? null;
    const turn = this.#queue.take(client);
    if (turn) await turn;
    try {
      const connection = await super.connect();
      const span = work?.beginSpan(text) ?? null;
      const held: HeldConnection = { connection, client, work, span, sinceMs: 0, isCancellable: false };
      this.#held.push(held);
      work?.hold(held);
      return held;
    } catch (error) {
      this.#queue.give(client);
      throw error;
    }
  }

  override query = ((...args: unknown[]): Promise<unknown> =>
    (current.getStore() ?? new Cancellation(null)).query(this, args)) as pg.Pool['query'];
}

/** A connection that runs a statement or a transaction. */
interface HeldConnection {
  readonly connection: pg.PoolClient;
  /** The client that it counts for. */
  readonly client: string | null;
  readonly work: Cancellation | undefined;
  /** Its statement or transaction in the trace of the work. */
  readonly span: Span | null;
  /** When it was taken, by the SQL clock. */
  sinceMs: number;
  /** Whether it runs a statement outside a transaction. */
  isCancellable: boolean;
  cancelled?: Promise<void> | undefined;
}

/** The SQL of one operation: cancels it, counts it for its client, and measures its time. */
export class Cancellation {
  readonly #canceller: Canceller | null;
  readonly #held = new Set<HeldConnection>();
  readonly #span: Span | null;
  #endedMs = 0;
  #reason: Error | null = null;

  /**
   * @param canceller null for work that is never cancelled.
   * @param client the client that it runs for; null for the service itself.
   * @param pay null if nothing is paid before it is done.
   * @param span the work in a trace; null where nothing is traced.
   */
  constructor(
    canceller: Canceller | null,
    readonly client: string | null = null,
    readonly pay: Pay | null = null,
    span: Span | null = null,
  ) {
    this.#canceller = canceller;
    this.#span = span;
  }

  /** Time of the statements and transactions so far, without the wait for a connection; 0 for work that is never cancelled. */
  get sqlMs(): number {
    if (this.#held.size === 0) return this.#endedMs; // reading the clock takes microseconds
    const now = this.#canceller?.clock.ms ?? 0;
    let ms = this.#endedMs;
    for (const { sinceMs } of this.#held) ms += now - sinceMs;
    return ms;
  }

  /** Begins a statement in the trace of this work. Its values are not in the text. */
  beginSpan(text: string): Span | null {
    if (!this.#span) return null;
    const [verb = ''] = /\w+/.exec(text) ?? [];
    const attributes = {
      'db.system.name': 'postgresql',
      'db.query.text': text.slice(0, TRACED_TEXT_LENGTH_MAX),
    };
    return this.#span.child(`SQL ${verb}`, 'client', attributes);
  }

  /** Called by the pool when it has got a connection. */
  hold(held: HeldConnection): void {
    held.sinceMs = this.#canceller?.clock.begin() ?? 0;
    this.#held.add(held);
  }

  /** Called by the pool when it has given a connection back. */
  leave(held: HeldConnection): void {
    const now = this.#canceller?.clock.end() ?? 0;
    this.#endedMs += now - held.sinceMs;
    held.span?.end();
    this.#held.delete(held);
  }

  /** Runs work. Each of its statements can be cancelled. */
  run<T>(work: () => T): T {
    return current.run(this, work);
  }

  /** Cancels the running statements, and refuses later ones. */
  cancel(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const held of this.#held) {
      if (held.isCancellable) held.cancelled = this.#canceller?.cancel(held.connection);
    }
  }

  /** Runs a statement on a connection of the pool until it ends or is cancelled. */
  async query(pool: CancellablePool, args: readonly unknown[]): Promise<unknown> {
    if (this.#reason) throw this.#reason;
    const held = await pool.hold(this, textOf(args));
    const { connection } = held;
    if (this.#reason) {
      connection.release();
      throw this.#reason;
    }
    held.isCancellable = true;
    let broken = true;
    try {
      const result = await queryOn(connection, args);
      broken = false;
      return result;
    } catch (error) {
      throw this.#reason ?? error;
    } finally {
      held.isCancellable = false;
      if (held.cancelled) await held.cancelled;
      // A late cancellation would end the next statement of this connection.
      connection.release(broken || held.cancelled !== undefined);
    }
  }
}

/** The text of a statement that the driver gets as a text or in an object. */
function textOf([first]: readonly unknown[]): string {
  return typeof first === 'string' ? first : String((first as { text?: unknown } | undefined)?.text ?? '');
}

/**
 * Queries with a callback. For a promise, the driver stores a closure on the query, which V8 allocates in old space. So the
 * rows that it references would stay in memory until the next full garbage collection.
 */
function queryOn(client: pg.PoolClient, args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    (client.query as (...args: unknown[]) => void)(...args, (error: Error | null, result: unknown) =>
      error ? reject(error) : resolve(result),
    );
  });
}

/** Cancels the statements of other connections, over connections of its own. */
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
