import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { databaseFailureOf } from '../../src/db/failure.ts';
import { PoolSql, poolSqlOf, type Sql, sqlOf } from '../../src/db/sql.ts';
import { retry, transact, wroteNothing } from '../../src/db/transaction.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const READ = `SELECT position, 1 AS id, NULL::int8 AS none, '{"a":[1]}'::json AS given FROM head`;
const BACKEND = 'SELECT pg_backend_pid() AS pid';
const SAVE = `INSERT INTO source (slug, title, position) VALUES ('gazette', 'Gazette', 1)`;

let test: TestDatabase;
let db: Database;
let sql: PoolSql;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  db = openDatabase({ url: test.url, poolMax: 1, statementTimeoutMs: 5_000 });
  sql = poolSqlOf(db.prisma);
});
afterAll(async () => {
  await db.close();
  await test.drop();
});

it('SQL gives the same values on the pool, in a transaction of it and in one of Prisma', async () => {
  const inTransaction = await db.prisma.$transaction((tx) => sqlOf(tx).rows(READ));
  expect(await sqlOf(db.prisma).rows(READ)).toEqual(inTransaction);
  expect(await transact(db.prisma, (tx) => tx.$queryRawUnsafe(READ))).toEqual(inTransaction);
  expect(inTransaction).toEqual([{ position: 0n, id: 1, none: null, given: { a: [1] } }]);
});

it('a transaction that fails writes nothing, and its connection is used again', async () => {
  const before = await sql.rows(BACKEND);
  const failure = sql.transact('BEGIN', async (tx) => {
    await tx.rows(SAVE);
    throw new Error('no more');
  });
  await expect(failure).rejects.toThrow('no more');
  expect(await sql.rows('SELECT FROM source')).toEqual([]);
  expect(await sql.rows(BACKEND), 'the connection was closed').toEqual(before);
});

it('a transaction that takes too long writes nothing, and the error says that the service is unavailable', async () => {
  const before = await sql.rows(BACKEND);
  const impatient = new PoolSql(db.pool, db.prepared, 50);
  const failure = (write: (tx: Sql) => Promise<unknown>): Promise<unknown> =>
    impatient.transact('BEGIN', write).catch((error: unknown) => error);
  const slowLast = await failure((tx) => tx.rows(`${SAVE} RETURNING pg_sleep(0.1)`));
  const slowFirst = await failure(async (tx) => {
    await tx.rows('SELECT pg_sleep(0.1)');
    await tx.rows(SAVE);
  });
  expect([databaseFailureOf(slowLast), databaseFailureOf(slowFirst)]).toEqual(['unreachable', 'unreachable']);
  expect(await sql.rows('SELECT FROM source')).toEqual([]);
  expect(await sql.rows(BACKEND), 'the connection was closed').toEqual(before);
});

it('a write whose key another writer has taken wrote nothing and is tried again', async () => {
  const written = await sql.transact('BEGIN', (tx) => tx.rows(`${SAVE} RETURNING slug`));
  expect(written).toEqual([{ slug: 'gazette' }]);
  let attempts = 0;
  const error: unknown = await retry(() => {
    attempts += 1;
    return sql.rows(SAVE);
  }).catch((thrown: unknown) => thrown);
  expect(wroteNothing(error)).toBe(true);
  expect(attempts).toBe(4);
});
