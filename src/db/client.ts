import type { Socket } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';
import { CancellablePool } from './pool/pool.ts';
import { PreparedNames } from './pool/preparedNames.ts';
import { PoolSql, registerPool, TRANSACTION_TIMEOUT_MS } from './sql.ts';

const WAIT_MS_DEFAULT = 5_000;
/** A connection on which PostgreSQL is silent for this long beyond the statement timeout is destroyed. */
const SILENCE_MS = 2_000;
const CONTROL_CONNECTIONS_MAX = 2;
/** Longer than `DatabaseWatch` waits, which decides whether PostgreSQL is silent. */
const CONTROL_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
/** How long SQL waits for a lock of PostgreSQL. Beyond it UNAVAILABLE. @limit ms */
export const LOCK_TIMEOUT_MS = 5_000;
/**
 * Bounds the resources of one statement in PostgreSQL. It runs on one core, so that other clients have the others. JIT
 * compilation is off, since the code of many different conditions would stay in the memory of a connection. The memory of
 * hash tables is not multiplied, since one filter can need a dozen of them.
 */
const CONNECTION_OPTIONS = '-c max_parallel_workers_per_gather=0 -c jit=off -c hash_mem_multiplier=1';

/** The items of a list as PostgreSQL writes it; null if some have quotes, which only unusual texts need. */
function plainItems(list: string): string[] | null {
  if (list.includes('"')) return null;
  return list === '{}' ? [] : list.slice(1, -1).split(',');
}

const { INT4 } = pg.types.builtins;
const INT4_LIST = 1007 as typeof INT4;
const TEXT_LIST = 1009 as typeof INT4;
const parseTextList = pg.types.getTypeParser(TEXT_LIST, 'text') as (list: string) => unknown;

/**
 * Parsers of the values of columns: faster ones for lists of ids and of short names, of which a page has many, and the driver's for all
 * others.
 */
const COLUMN_TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') => {
    switch (oid) {
      case INT4:
        return Number;
      case INT4_LIST:
        return (list: string) => plainItems(list)?.map((item) => (item === 'NULL' ? null : Number(item)));
      case TEXT_LIST:
        return (list: string) =>
          plainItems(list)?.map((item) => (item === 'NULL' ? null : item)) ?? parseTextList(list);
      default:
        return pg.types.getTypeParser(oid, format);
    }
  }) as typeof pg.types.getTypeParser,
};

export type Prisma = PrismaClient;

/** One bounded pool of connections, which Prisma and hand-written SQL share. */
export interface Database {
  readonly url: string;
  readonly pool: CancellablePool;
  readonly prisma: Prisma;
  /** The names of the SQL texts that its connections keep prepared. */
  readonly prepared: PreparedNames;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  /** How long a read or write waits for a connection. Default: 5 s. */
  readonly waitMs?: number;
  /** Whether operations come from one client only. Default: never. */
  readonly isAlone?: () => boolean;
  /** Called when an idle connection breaks. The pool replaces it. */
  readonly onConnectionError?: (error: Error) => void;
}

/** Opens the pool. It connects when a connection is first needed. */
export function openDatabase(options: DatabaseOptions): Database {
  const waitMs = options.waitMs ?? WAIT_MS_DEFAULT;
  const pool = new CancellablePool({
    connectionString: options.url,
    max: options.poolMax,
    connectionTimeoutMillis: waitMs,
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    application_name: 'readout',
    types: COLUMN_TYPES,
    ...(options.isAlone && { isAlone: options.isAlone }),
    options: CONNECTION_OPTIONS,
  });
  const prepared = new PreparedNames();
  pool.on('error', (error) => options.onConnectionError?.(error));
  pool.on('acquire', (client) => prepared.renew(client));
  pool.on('connect', (client) => endIfSilent(client, options.statementTimeoutMs + SILENCE_MS));
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { statementNameGenerator: ({ sql }) => prepared.nameOf(sql) ?? '' }),
    transactionOptions: { timeout: TRANSACTION_TIMEOUT_MS, maxWait: waitMs },
    // The long format repeats the arguments of the call, which must not be logged.
    errorFormat: 'minimal',
  });
  registerPool(prisma, new PoolSql(pool, prepared));
  return {
    url: options.url,
    pool,
    prisma,
    prepared,
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/**
 * Destroys a connection on which PostgreSQL does not answer a query for `silenceMs`. The driver's own `query_timeout` would
 * keep the rows of each query in memory until the next full garbage collection, which costs a tenth of the CPU time.
 */
export function endIfSilent(client: pg.Client, silenceMs: number): void {
  const socket = client.connection.stream as Socket;
  socket.setTimeout(silenceMs);
  socket.on('timeout', () => {
    const { readyForQuery } = client as unknown as { readyForQuery: boolean };
    if (readyForQuery) return;
    socket.destroy(new Error(`Connection terminated: PostgreSQL was silent for ${silenceMs} ms`));
  });
}

/** Connections for exports, which are held for minutes. Unused ones are closed. */
export function openExportPool(url: string, max: number, silenceMs: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: WAIT_MS_DEFAULT,
    application_name: 'readout export',
    options: CONNECTION_OPTIONS,
  });
  pool.on('error', () => undefined); // the pool replaces it
  // An error of a connection in use also rejects its statement.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    endIfSilent(client, silenceMs);
  });
  return pool;
}

/** A few connections for control work, which must not wait for operations: checks of PostgreSQL, and cancellations. */
export function openControlPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONTROL_CONNECTIONS_MAX,
    connectionTimeoutMillis: CONTROL_TIMEOUT_MS,
    query_timeout: CONTROL_TIMEOUT_MS,
    application_name: 'readout watch',
  });
  pool.on('error', () => undefined); // the watch reports it
  return pool;
}
