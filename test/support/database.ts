import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { waitForLocksForever } from './locks.ts';
import { databaseUrl, SEEDED_TEMPLATE, TEMPLATE } from './templates.ts';
import { until, WAIT_MAX_MS } from './until.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the test server; its user may create databases. */
    serverUrl: string;
  }
}

/** A database of one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  /**
   * Closes the pool, waits for the end of all connections, and returns how many deadlocks PostgreSQL has counted. A backend may
   * report its deadlocks as late as at its end.
   */
  countDeadlocks(): Promise<number>;
  /**
   * Closes the pool and removes the database.
   * @throws if a connection was not released, or a client is still connected.
   */
  drop(): Promise<void>;
}

/** Runs SQL on the server as a whole, such as the making of databases. */
export async function onServer<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: inject('serverUrl') });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** An empty database without tables, for what begins before the migrations. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  return createFrom('template0');
}

/** The same as `createTestDatabase`, without a connection to it. */
export function createUnusedDatabase({
  seeded,
}: {
  seeded: boolean;
}): Promise<{ url: string; drop(): Promise<void> }> {
  return createFrom(seeded ? SEEDED_TEMPLATE : TEMPLATE);
}

/** A pool whose SQL has as much time as a test on a busy machine needs. */
export function openTestDatabase(url: string, poolMax: number): Database {
  const db = openDatabase({ url, poolMax, statementTimeoutMs: WAIT_MAX_MS, waitMs: WAIT_MAX_MS });
  waitForLocksForever(db.pool);
  return db;
}

/** A database of its own, cloned in a few milliseconds: migrated, and with the seed where `seeded`. */
export async function createTestDatabase({ seeded }: { seeded: boolean }): Promise<TestDatabase> {
  const { url, drop } = await createFrom(seeded ? SEEDED_TEMPLATE : TEMPLATE);
  const db = openTestDatabase(url, 5);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= db.close();
    return closed;
  };
  return {
    url,
    db,
    async countDeadlocks() {
      await close();
      return onServer((client) => readDeadlocks(client, new URL(url).pathname.slice(1)));
    },
    async drop() {
      const { totalCount, idleCount, waitingCount } = db.pool;
      const held = totalCount - idleCount;
      if (held > 0)
        void close(); // it waits for these connections, which a test that has failed never gives back
      else await close();
      await drop({ force: held > 0 });
      assert.equal(held, 0, 'connections were not given back to the pool');
      assert.equal(waitingCount, 0, 'a client still waits for a connection of the pool');
    },
  };
}

async function readDeadlocks(client: pg.Client, database: string): Promise<number> {
  await until('the end of all connections to the database', async () => {
    const { rowCount } = await client.query('SELECT FROM pg_stat_activity WHERE datname = $1', [database]);
    return rowCount === 0;
  });
  const { rows } = await client.query<{ count: number }>(
    'SELECT deadlocks::int AS count FROM pg_stat_database WHERE datname = $1',
    [database],
  );
  return rows[0]?.count ?? 0;
}

async function createFrom(
  template: string,
): Promise<{ url: string; drop(options?: { force: boolean }): Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  // FILE_COPY takes half of the CPU of the default, which writes each page to the log.
  await onServer((client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`));
  return {
    url: databaseUrl(inject('serverUrl'), name),
    // Without FORCE by default: a connection that is still open is a leak, and the refusal names it.
    drop: ({ force } = { force: false }) =>
      onServer(
        async (client) => void (await client.query(`DROP DATABASE ${name}${force ? ' WITH (FORCE)' : ''}`)),
      ),
  };
}
