import pg from 'pg';

/** Length of the log at which its tables are first analysed. */
const POSITION_MIN = 25;
/** Growth factor of the log until its tables are analysed again. */
const GROWTH_FACTOR = 2;
const CONNECT_TIMEOUT_MS = 5_000;
/** Long enough for samples of tables with millions of rows. An analysis blocks no writer. */
const ANALYSIS_TIMEOUT_MS = 60_000;
/** An autovacuum of a table holds the same lock and yields after a second. */
const LOCK_TIMEOUT_MS = 5_000;
const PAUSE_AFTER_FAILURE_MS = 30_000;
/** Pause before a process checks again while another process analyses. */
const PAUSE_FOR_OTHER_MS = 2_000;
/** Key of the advisory lock that the processes of one record share. */
const ADVISORY_LOCK = 7_265_616;

/** The tables of the record, and the length of the log when it was last analysed; -1 where it never was. */
const TABLES = `
SELECT string_agg(format('%I.%I', nspname, relname), ', ') AS tables,
  max(reltuples) FILTER (WHERE pg_class.oid = 'change'::regclass) AS analysed
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname = current_schema()`;

export interface TableStatisticsOptions {
  readonly url: string;
  readonly notice: (message: string) => void;
}

/**
 * Keeps PostgreSQL's statistics of the tables up to date: runs ANALYZE whenever the log has doubled. PostgreSQL makes a cached plan for
 * the tables as they are at that moment. An analysis invalidates the cached plans of all connections, including those of foreign key checks,
 * before they become much slower than new ones. Autovacuum is too late for a record that grows within minutes.
 */
export class TableStatistics {
  readonly #options: TableStatisticsOptions;
  /** The position at which to check again. */
  #nextPosition = POSITION_MIN;
  #position = 0;
  #running: Promise<void> | undefined;
  #client: pg.Client | undefined;
  #pausedUntilMs = 0;
  #stopped = false;
  /** Analyses that this process has run. */
  count = 0;

  constructor(options: TableStatisticsOptions) {
    this.#options = options;
  }

  /** Reports the length of the log. Never waits. */
  reached(position: bigint): void {
    this.#position = Number(position);
    if (this.#position < this.#nextPosition || this.#running || this.#stopped) return;
    if (performance.now() < this.#pausedUntilMs) return;
    this.#running = this.#look().finally(() => {
      this.#running = undefined;
      this.reached(BigInt(this.#position)); // the log may have doubled in the meantime
    });
  }

  /** Resolves when no analysis is running. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Cancels a running analysis. The tables keep their former statistics. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#client?.end().catch(() => undefined); // the connection is already closed
    await this.#running;
  }

  async #look(): Promise<void> {
    const position = this.#position;
    const client = new pg.Client({
      connectionString: this.#options.url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANALYSIS_TIMEOUT_MS,
      statement_timeout: ANALYSIS_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      application_name: 'readout statistics',
    });
    client.on('error', () => undefined); // the running query rejects
    try {
      await client.connect();
      this.#client = client; // not before: a client that is ended while it connects never reports its failure
      if (!this.#stopped) await this.#analyse(client, position);
    } catch (error) {
      if (this.#stopped) return;
      this.#pausedUntilMs = performance.now() + PAUSE_AFTER_FAILURE_MS;
      const reason = (error as Error).message;
      this.#options.notice(
        `The record's tables could not be analysed, and plans may be slow until they are: ${reason}`,
      );
    } finally {
      await client.end().catch(() => undefined); // the connection is already closed
      this.#client = undefined;
    }
  }

  async #analyse(client: pg.Client, position: number): Promise<void> {
    const lock = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [
      ADVISORY_LOCK,
    ]);
    if (!lock.rows[0]?.held) {
      this.#pausedUntilMs = performance.now() + PAUSE_FOR_OTHER_MS;
      return;
    }
    const { rows } = await client.query<{ tables: string; analysed: number }>(TABLES);
    const [{ tables, analysed } = { tables: '', analysed: 0 }] = rows;
    if (position < Math.max(POSITION_MIN, analysed * GROWTH_FACTOR)) {
      this.#nextPosition = analysed * GROWTH_FACTOR;
      return;
    }
    // Outside a transaction, each table is analysed in its own one, so that locks are held briefly.
    await client.query(`ANALYZE ${tables}`);
    this.count += 1;
    this.#nextPosition = position * GROWTH_FACTOR;
  }
}
