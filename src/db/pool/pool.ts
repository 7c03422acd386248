import pg from 'pg';
import { FairQueue, shareOf } from '../../base/fairQueue.ts';
import { Cancellation, currentWork, type HeldConnection } from './cancellation.ts';

/**
 * Connections to PostgreSQL that one client holds in one process while others ask too. Its other SQL waits. A client that
 * is alone leaves one connection free.
 * @limit of the connections for operations
 */
export const CONNECTIONS_PER_CLIENT_SHARE = 0.125;

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
 * acquires a slot of a queue before it asks the library for a connection. There are as many slots as connections, so nothing
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
      slotsMax: options.max,
      slotsPerClientMax: shareOf(options.max, CONNECTIONS_PER_CLIENT_SHARE),
      slotsAloneMax: Math.max(1, options.max - 1),
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
      this.#queue.release(held.client);
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
    this.hold(currentWork(), 'transaction').then(({ connection }) => connection)) as pg.Pool['connect'];

  /**
   * Takes a connection for work, in its turn. Its `release` gives it back.
   * @param text the statement, for the trace of the work.
   */
  async hold(work: Cancellation | undefined, text: string): Promise<HeldConnection> {
    const client = work?.client ?? null;
    const turn = this.#queue.acquire(client);
    if (turn) await turn;
    try {
      const connection = await super.connect();
      const span = work?.beginSpan(text) ?? null;
      const held: HeldConnection = { connection, client, work, span, sinceMs: 0, isCancellable: false };
      this.#held.push(held);
      work?.hold(held);
      return held;
    } catch (error) {
      this.#queue.release(client);
      throw error;
    }
  }

  override query = ((...args: unknown[]): Promise<unknown> =>
    (currentWork() ?? new Cancellation(null)).query(this, args)) as pg.Pool['query'];
}
