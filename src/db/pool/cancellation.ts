import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { Span } from '../../observe/tracing.ts';
import type { Canceller } from './canceller.ts';
import type { TimedWork } from './sqlClock.ts';

/** Characters of a statement in a trace. */
const TRACED_TEXT_LENGTH_MAX = 2_000;

const current = new AsyncLocalStorage<Cancellation>();

/** The operation that the current code runs for; undefined outside of operations. */
export const currentWork = (): Cancellation | undefined => current.getStore();

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
export const payFor: Pay = (points, name, advice) => currentWork()?.pay?.(points, name, advice);

/** A connection that runs a statement or a transaction. */
export interface HeldConnection extends TimedWork {
  readonly connection: pg.PoolClient;
  /** The client that it counts for. */
  readonly client: string | null;
  readonly work: Cancellation | undefined;
  /** Its statement or transaction in the trace of the work. */
  readonly span: Span | null;
  /** Whether it runs a statement outside a transaction. */
  isCancellable: boolean;
  cancelled?: Promise<void> | undefined;
}

/** Lends connections for work. */
interface Lender {
  hold(work: Cancellation, text: string): Promise<HeldConnection>;
}

/** The SQL of one operation: cancels it, counts it for its client, and measures its time. */
export class Cancellation {
  readonly #canceller: Canceller | null;
  readonly #held = new Set<HeldConnection>();
  readonly #span: Span | null;
  #endedMs = 0;
  #statements = 0;
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

  /** Number of the statements and transactions so far. */
  get statements(): number {
    return this.#statements;
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
    this.#canceller?.clock.begin(held);
    this.#statements += 1;
    this.#held.add(held);
  }

  /** Called by the pool when it has given a connection back. */
  leave(held: HeldConnection): void {
    this.#endedMs += this.#canceller?.clock.end(held) ?? 0;
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
  async query(pool: Lender, args: readonly unknown[]): Promise<unknown> {
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
