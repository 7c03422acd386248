import type pg from 'pg';
import type { Canceller } from '../db/pool/canceller.ts';
import type { Head } from '../log/cursor.ts';
import { readHead } from '../log/head.ts';

/** Time limit of one SQL statement of an export. Beyond it the export ends. @limit ms */
export const EXPORT_SQL_TIMEOUT_MS = 60_000;
/**
 * Time limit of an export, with the time that it waits for its client. PostgreSQL keeps old versions of rows until the export ends. Beyond
 * the limit the connection is closed before the end of the file.
 * @limit ms
 */
export const EXPORT_TIMEOUT_MS = 1_800_000;

interface SnapshotOptions {
  /** Connections for exports. */
  readonly pool: pg.Pool;
  readonly canceller: Pick<Canceller, 'cancel' | 'clock'>;
  /** Ends the snapshot, with the SQL that runs. */
  readonly signal: AbortSignal;
}

/** The record at one position: a transaction that sees no later change, on a connection of its own. */
export class RecordSnapshot {
  readonly head: Head;
  /** Lines and rows that were made from it so far, without headers. */
  rows = 0;
  readonly #connection: pg.PoolClient;
  readonly #options: SnapshotOptions;
  #sqlMs = 0;
  #cursors = 0;
  #cancelled: Promise<void> | undefined;

  private constructor(connection: pg.PoolClient, head: Head, options: SnapshotOptions) {
    this.#connection = connection;
    this.head = head;
    this.#options = options;
    options.signal.addEventListener('abort', this.#cancel, { once: true });
  }

  static async open(options: SnapshotOptions): Promise<RecordSnapshot> {
    options.signal.throwIfAborted();
    const connection = await options.pool.connect();
    try {
      await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      // All rows are read, so PostgreSQL must not plan for the first ones.
      await connection.query(`SET LOCAL cursor_tuple_fraction = 1; SET LOCAL statement_timeout = ${EXPORT_SQL_TIMEOUT_MS};
        SET LOCAL idle_in_transaction_session_timeout = ${EXPORT_TIMEOUT_MS}`);
      return new RecordSnapshot(connection, await readHead(connection), options);
    } catch (error) {
      connection.release(true);
      throw error;
    }
  }

  /** Time of its SQL so far, by the clock of `Canceller`. */
  get sqlMs(): number {
    return this.#sqlMs;
  }

  /** The connection, for functions of the log. */
  get connection(): Pick<pg.ClientBase, 'query'> {
    return this.#connection;
  }

  /** @param name prepares a text that has no part from a client, so that PostgreSQL plans it once. */
  async query<Row extends object>(text: string, values: readonly unknown[], name?: string): Promise<Row[]> {
    return this.measure(async () => {
      const { rows } = await this.#connection.query<Row>({
        text,
        values: [...values],
        ...(name && { name }),
      });
      return rows;
    });
  }

  /** Counts work of PostgreSQL. */
  async measure<T>(work: () => Promise<T>): Promise<T> {
    const { signal, canceller } = this.#options;
    signal.throwIfAborted();
    const timed = { sinceMs: 0 };
    canceller.clock.begin(timed);
    try {
      return await work();
    } finally {
      this.#sqlMs += canceller.clock.end(timed);
    }
  }

  /** The rows of a query in lists of `length`, by a cursor in PostgreSQL: only one list is in memory. */
  async *pages<Row extends object>(
    text: string,
    values: readonly unknown[],
    length: number,
  ): AsyncGenerator<Row[]> {
    this.#cursors += 1;
    const cursor = `export_${this.#cursors}`;
    await this.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${text}`, values);
    for (;;) {
      const rows = await this.query<Row>(`FETCH ${length} FROM ${cursor}`, []);
      if (rows.length > 0) yield rows;
      if (rows.length < length) break;
    }
    await this.query(`CLOSE ${cursor}`, []);
  }

  /** Ends the transaction and gives the connection back. After an abort or a failure, the connection is closed. */
  async close(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#cancel);
    const ended = this.#cancelled ?? this.#connection.query('ROLLBACK');
    const isBroken = await ended.then(
      () => this.#cancelled !== undefined,
      () => true,
    );
    this.#connection.release(isBroken);
  }

  readonly #cancel = (): void => {
    this.#cancelled = this.#options.canceller.cancel(this.#connection);
  };
}
