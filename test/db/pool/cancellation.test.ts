import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cancellation } from '../../../src/db/pool/cancellation.ts';
import { transact } from '../../../src/db/transaction.ts';
import { STATEMENT_POINTS, sqlPoints } from '../../../src/http/cost/prices.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
});
afterAll(() => test.drop());

it('The work of an operation counts its statements and transactions, which cost points beside their time', async () => {
  const { db } = test;
  const work = new Cancellation(null);
  await work.run(async () => {
    await Promise.all([db.pool.query('SELECT 1'), db.pool.query('SELECT 2')]);
    await transact(db.prisma, (tx) => tx.$queryRawUnsafe('SELECT 3'));
  });
  expect(work.statements).toBe(3);
  expect(sqlPoints(work)).toBe(3 * STATEMENT_POINTS);
});
