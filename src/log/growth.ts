import pg from 'pg';

/** The log is this long before its tables are analysed for the first time. */
const POSITION_MIN = 25;
/** How much longer the log must have become before its tables are analysed again. */
const GROWTH_FACTOR = 2;
const CONNECT_TIMEOUT_MS = 5_000;
/** Long enough for samples of tables with millions of rows; an analysis holds up no writer. */
const ANALYSIS_TIMEOUT_MS = 60_000;
/** An autovacuum that is at a table has the same lock; it gives way after a second. */
const LOCK_TIMEOUT_MS = 5_000;
const PAUSE_AFTER_FAILURE_MS = 30_000;
/** How long a process waits before it looks again at what another one is analysing. */
const PAUSE_FOR_OTHER_MS = 2_000;
/** Names the lock that the processes of one record share. */
const ADVISORY_LOCK = 7_265_616;

/** The tables of the record, and how long the log was when it was last analysed; -1 where it never was. */
const TABLES = `
SELECT string_agg(format('%I.%I', nspname, relname), ', ') AS tables,
  max(reltuples) FILTER (WHERE pg_class.oid = 'change'::regclass) AS analysed
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname = current_schema()`;

export interface GrowthOptions {
  readonly url: string;
  readonly notice: (message: string) => void;
}

/**
 * Has PostgreSQL analyse the record's tables whenever the log has doubled. A plan that is kept was made for what the tables
 * were at the time; an analysis makes all connections plan again, also the look-ups of foreign keys, before a plan is
 * much worse than a new one. Autovacuum does the same too late for a record that grows within minutes.
 */
export class Growth {
  readonly #options: GrowthOptions;
  /** The position from which there is something to look at. */
  #nextPosition = POSITION_MIN;
  #position = 0;
  #running: Promise<void> | undefined;
  #client: pg.Client | undefined;
  #pausedUntilMs = 0;
  #stopped = false;
  /** Analyses that this process had made. */
  count = 0;

  constructor(options: GrowthOptions) {
    this.#options = options;
  }

  /** Told how long the log is; never waits. */
  reached(position: bigint): void {
    this.#position = Number(position);
    if (this.#position < this.#nextPosition || this.#running || this.#stopped) return;
    if (performance.now() < this.#pausedUntilMs) return;
    this.#running = this.#look().finally(() => {
      this.#running = undefined;
      this.reached(BigInt(this.#position)); // the log may have doubled meanwhile
    });
  }

  /** Resolves when no analysis is under way. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Ends an analysis that is under way; tables keep the statistics that they had. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#client?.end().catch(() => undefined); // a connection that is gone has ended
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
      application_name: 'readout growth',
    });
    client.on('error', () => undefined); // what runs on it tells
    this.#client = client;
    try {
      await client.connect();
      await this.#analyse(client, position);
    } catch (error) {
      if (this.#stopped) return;
      this.#pausedUntilMs = performance.now() + PAUSE_AFTER_FAILURE_MS;
      const reason = (error as Error).message;
      this.#options.notice(
        `The record's tables could not be analysed, and plans may be slow until they are: ${reason}`,
      );
    } finally {
      await client.end().catch(() => undefined); // a connection that is gone has ended
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
    // Not in a transaction: each table is analysed in one of its own, so that locks are held briefly.
    await client.query(`ANALYZE ${tables}`);
    this.count += 1;
    this.#nextPosition = position * GROWTH_FACTOR;
  }
}
