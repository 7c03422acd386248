import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/db/client.ts';
import { recordStatements } from '../../../src/domain/statement/record.ts';
import { createTestDatabase, openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { makeWorld, record, statementInput } from '../../support/world.ts';

let test: TestDatabase;
/** All of it runs on one connection. */
let single: Database;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  single = openTestDatabase(test.url, 1);
});
afterAll(async () => {
  await single.close();
  await test.drop();
});

describe('what a statement refers to', () => {
  it('is looked up with plans that PostgreSQL keeps, whatever the number of slugs', async () => {
    for (let i = 0; i < 12; i += 1) {
      const inputs = Array.from({ length: 1 + (i % 3) }, (_, n) =>
        statementInput({
          text: `Statement ${i}-${n}.`,
          speakers: ['anna', 'boris'].slice(n % 2),
          topics: [{ topic: 'trade' }],
        }),
      );
      await recordStatements(single.prisma, inputs, 'test');
    }
    const { rows } = await single.pool.query<{ part: string; kept: boolean }>(
      `SELECT CASE WHEN statement LIKE '%taken_statements%' THEN 'taken' ELSE 'targets' END AS part, generic_plans > 0 AS kept
       FROM pg_prepared_statements WHERE statement LIKE '%taken_statements%' OR statement LIKE '%actor_side WHERE%' ORDER BY part`,
    );
    expect(rows).toEqual([
      { part: 'taken', kept: true },
      { part: 'targets', kept: true },
    ]);
  });

  it('is found by indexes alone where it is a statement with its key or slug, even in a small table', async () => {
    await record(test.db, { key: 'taken-key', slug: 'taken-slug', text: 'A taken one.' });
    const client = await single.pool.connect();
    try {
      await client.query('BEGIN');
      for (const [slug, key] of [
        ['taken-slug', 'none'],
        ['none', 'taken-key'],
        ['none', 'none'],
      ]) {
        const { rowCount } = await client.query('SELECT FROM taken_statements($1, $2)', [[slug], [key]]);
        expect(rowCount, `${slug}, ${key}`).toBe(slug === key ? 0 : 1);
      }
      const { rows } = await client.query(
        `SELECT seq_scan::int AS scans, idx_scan > 0 AS indexed FROM pg_stat_xact_user_tables WHERE relname = 'statement'`,
      );
      expect(rows).toEqual([{ scans: 0, indexed: true }]);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });
});
