import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { databaseFailureOf } from '../../src/db/failure.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { happens } from '../support/until.ts';
import { layWire, type Wire } from '../support/wire.ts';

const CONNECTIONS = 3;

let test: TestDatabase;
let wire: Wire;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  wire = await layWire(test.url);
  db = openDatabase({ url: wire.url, poolMax: CONNECTIONS, statementTimeoutMs: 100 });
});
afterAll(async () => {
  await db.close();
  await wire.stop();
  await test.drop();
});

/** The server's processes behind all connections of the pool. */
async function backends(): Promise<number[]> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => db.pool.connect()));
  const pids = await Promise.all(
    clients.map(async (client) => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid),
  );
  for (const client of clients) client.release();
  return pids.sort();
}

it('a connection is given up when PostgreSQL is silent on it', async () => {
  const before = await backends();
  const client = await db.pool.connect();
  client.on('error', () => undefined); // its query tells
  await client.query('BEGIN');
  wire.silence();
  const failures = Promise.all(
    [db.pool.query('SELECT 1'), db.prisma.$queryRaw`SELECT 1`, client.query('SELECT 1')].map((asked) =>
      asked.then(
        () => null,
        (error: unknown) => databaseFailureOf(error),
      ),
    ),
  );
  try {
    const found = await happens('the failure of three queries on silent connections', failures);
    expect(found).toEqual(['unreachable', 'unreachable', 'unreachable']);
  } finally {
    client.release(true);
    wire.mend();
  }
  const after = await backends();
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
});

it('a connection on which nothing is asked stays, however long', async () => {
  const before = await backends();
  await new Promise((resolve) => setTimeout(resolve, 2_500)); // longer than it may be silent when asked
  expect(await backends()).toEqual(before);
  wire.silence(); // and is still given up when it is asked
  await expect(db.pool.query('SELECT 1')).rejects.toSatisfy(
    (error) => databaseFailureOf(error) === 'unreachable',
  );
  wire.mend();
});
