import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/db/client.ts';
import { transact } from '../../../src/db/transaction.ts';
import { saveActors } from '../../../src/domain/actor.ts';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { reviseStatement } from '../../../src/domain/statement/revise.ts';
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

describe('the number of a revision', () => {
  it('is found by an index alone, even in a small table', async () => {
    const { id } = await record(test.db, { slug: 'revised', text: 'A truce is signed.' });
    const scans = await transact(single.prisma, async (tx) => {
      const count = () =>
        tx.$queryRawUnsafe<{ name: string; rows: number }[]>(
          `SELECT relname AS name, seq_tup_read::int AS rows FROM pg_stat_xact_user_tables
           WHERE relname IN ('revision', 'actor_revision') ORDER BY relname`,
        );
      for (const words of ['A truce is far.', 'A truce is unlikely.', 'A truce is near.']) {
        await saveActors(tx, [{ slug: 'anna', description: words }], 'test');
        await reviseStatement(tx, id, { text: words }, null, 'test');
      }
      return count();
    });
    expect(scans).toEqual([
      { name: 'actor_revision', rows: 0 },
      { name: 'revision', rows: 0 },
    ]);
    const { rows } = await single.pool.query(
      `SELECT (SELECT array_agg(number ORDER BY number) FROM actor_revision JOIN actor ON actor.id = actor_id WHERE slug = 'anna') AS actor,
         (SELECT array_agg(number ORDER BY number) FROM revision JOIN statement ON statement.id = statement_id WHERE slug = 'revised') AS statement`,
    );
    expect(rows).toEqual([{ actor: [1, 2, 3], statement: [1, 2, 3] }]);
  });
});
