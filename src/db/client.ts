import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { CancellablePool } from './cancellation.ts';
import { PrismaClient } from './generated/client.ts';

const WAIT_MS_DEFAULT = 5_000;
/** How much longer than a statement may take PostgreSQL can be silent before its connection is given up. */
const SILENCE_MS = 2_000;
const SIDE_CONNECTIONS_MAX = 2;
const SIDE_TIMEOUT_MS = 3_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 5_000;
const TRANSACTION_TIMEOUT_MS = 30_000;
const STATEMENT_NAMES_MAX = 1_000;

export type Prisma = PrismaClient;
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];
/** Prisma, inside or outside a transaction. */
export type Queryable = Transaction;

/** One bounded pool of connections, used by Prisma and by hand-written SQL alike. */
export interface Database {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly prisma: Prisma;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  /** How long a read or write waits for a connection. Default: 5 s. */
  readonly waitMs?: number;
  /** Told of a connection that broke while nobody used it; the pool replaces it by itself. */
  readonly onConnectionError?: (error: Error) => void;
}

/**
 * Names the SQL texts that Prisma sends, so that PostgreSQL plans each once per connection. A text beyond the
 * first thousand is sent unnamed: lists of varying length must not fill the server's memory with plans.
 */
function statementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    const name = names.size < STATEMENT_NAMES_MAX ? createHash('sha1').update(sql).digest('hex') : '';
    if (name) names.set(sql, name);
    return name;
  };
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
    // One statement uses one core: those that were given several would leave less to other clients.
    options: '-c max_parallel_workers_per_gather=0',
    application_name: 'readout',
  });
  pool.on('error', (error) => options.onConnectionError?.(error));
  pool.on('connect', (client) => endIfSilent(client, options.statementTimeoutMs + SILENCE_MS));
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { statementNameGenerator: statementNames() }),
    transactionOptions: { timeout: TRANSACTION_TIMEOUT_MS, maxWait: waitMs },
    // The long form repeats the arguments of the call, which a log must not have.
    errorFormat: 'minimal',
  });
  return {
    url: options.url,
    pool,
    prisma,
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
