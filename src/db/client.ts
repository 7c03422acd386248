import type { Socket } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { CancellablePool } from './cancellation.ts';
import { PrismaClient } from './generated/client.ts';
import { PreparedNames } from './preparedNames.ts';

const WAIT_MS_DEFAULT = 5_000;
/** How much longer than a statement may take PostgreSQL can be silent before its connection is given up. */
const SILENCE_MS = 2_000;
const SIDE_CONNECTIONS_MAX = 2;
const SIDE_TIMEOUT_MS = 3_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
/** How long SQL waits for a lock of PostgreSQL. Beyond it UNAVAILABLE. @limit ms */
export const LOCK_TIMEOUT_MS = 5_000;
/** Time that a write has, all its SQL together. Beyond it the write is rolled back: UNAVAILABLE. @limit ms */
export const TRANSACTION_TIMEOUT_MS = 30_000;
/**
 * Bounds what one statement takes of PostgreSQL. It uses one core, so that others are left for other clients. Compiled code of
 * many different conditions would stay in a connection's memory, and a filter can need a dozen hash tables at a time.
 */
const CONNECTION_OPTIONS = '-c max_parallel_workers_per_gather=0 -c jit=off -c hash_mem_multiplier=1';

export type Prisma = PrismaClient;
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];
/** Prisma, inside or outside a transaction. */
export type Queryable = Transaction;

/** One bounded pool of connections, used by Prisma and by hand-written SQL alike. */
export interface Database {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly prisma: Prisma;
  /** The SQL texts that its connections keep prepared. */
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
  /** Told of a connection that broke while nobody used it; the pool replaces it by itself. */
  readonly onConnectionError?: (error: Error) => void;
}

/** Opens the pool; connections are made when they are first needed. */
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
    // The long form repeats the arguments of the call, which a log must not have.
    errorFormat: 'minimal',
  });
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
 * Breaks a connection off when PostgreSQL, asked for something, says nothing for so long. The driver's own `query_timeout`
 * puts a function on each query that keeps its rows in memory until V8 collects everything, which costs a tenth of all CPU.
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

/** Two connections for what must not wait for operations: asking whether PostgreSQL is there, and cancelling. */
export function openSidePool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: SIDE_CONNECTIONS_MAX,
    connectionTimeoutMillis: SIDE_TIMEOUT_MS,
    query_timeout: SIDE_TIMEOUT_MS,
    application_name: 'readout watch',
  });
  pool.on('error', () => undefined); // the watch says so
  return pool;
}
