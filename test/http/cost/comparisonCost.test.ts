import { type OperationDefinitionNode, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cancellation } from '../../../src/db/pool/cancellation.ts';
import { costOf } from '../../../src/http/cost/cost.ts';
import { cellsOf } from '../../../src/read/comparison/cells.ts';
import { ComparisonLoaders } from '../../../src/read/loading/comparisons.ts';
import { schema } from '../../../src/schema/schema.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { DEBATE, makeDebate } from '../../support/debate.ts';
import { recordSql } from '../../support/graphql.ts';
import { startTestService } from '../../support/service.ts';

/** Rows that PostgreSQL handles, in all nodes of a plan, in about a microsecond. */
const ROWS_PER_POINT = 2.5;
const FACTOR = 1.7;
const LENGTHS = [500, 2_000] as const;
const COMPARED = `{ event(slug: "${DEBATE.slug}") { name comparison(first: 5) { verdict } } }`;

function estimate(query: string): number {
  const document = parse(query);
  const [operation] = document.definitions as [OperationDefinitionNode];
  return costOf({ schema, document, operation, variables: {} }).points;
}

const debates: TestDatabase[] = [];
beforeAll(async () => {
  for (const length of LENGTHS) {
    const made = await createTestDatabase({ seeded: false });
    await makeDebate(made.db, length);
    debates.push(made);
  }
});
afterAll(async () => {
  for (const made of debates) await made.drop();
});

/** What is read of a comparison, by the name of its read. */
const READS: Readonly<Record<string, (load: ComparisonLoaders, id: number) => Promise<unknown>>> = {
  accounts: (load, id) => load.accounts.load(id),
  'statements of the accounts': async (load, id) =>
    Promise.all(
      (await load.accounts.load(id)).map((account) =>
        load.accountStatements.load(account, { first: 5, offset: 0 }),
      ),
    ),
  rows: (load, id) => load.rows(id, { sideIds: null, topicIds: null }, { first: 100, offset: 0 }),
  'rows of two sides': (load, id) =>
    load.rows(id, { sideIds: [10_001, 10_002], topicIds: null }, { first: 100, offset: 0 }),
  'statements of the cells': async (load, id) => {
    const { rows } = await load.rows(id, { sideIds: null, topicIds: null }, { first: 10, offset: 0 });
    return Promise.all(
      rows.flatMap(cellsOf).map((cell) => load.cellStatements.load(cell, { first: 5, offset: 0 })),
    );
  },
};

interface Plan {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}
const rowsOfPlan = (plan: Plan): number =>
  plan['Actual Rows'] * plan['Actual Loops'] +
  (plan.Plans ?? []).reduce((sum, inner) => sum + rowsOfPlan(inner), 0);

interface Work {
  readonly paid: number;
  readonly rows: number;
}

/** The points that are paid before a read, and the rows that PostgreSQL handles for it. */
async function measure({ db }: TestDatabase, read: (typeof READS)[string]): Promise<Work> {
  let paid = 0;
  const sent: { text: string; values: unknown[] }[] = [];
  const query = db.pool.query.bind(db.pool) as (given: object) => Promise<unknown>;
  Object.assign(db.pool, {
    query: (given: { text: string; values: unknown[] }) => {
      sent.push(given);
      return query(given);
    },
  });
  try {
    const work = new Cancellation(null, null, (points) => {
      paid += points;
    });
    await work.run(() => read(new ComparisonLoaders(db), 9_001));
  } finally {
    Object.assign(db.pool, { query });
  }
  let rows = 0;
  for (const { text, values } of sent.filter(({ text }) => text.includes('account_statement AS'))) {
    const explained = (await db.pool.query(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, values)) as {
      rows: { 'QUERY PLAN': { Plan: Plan }[] }[];
    };
    rows += rowsOfPlan(explained.rows[0]?.['QUERY PLAN'][0]?.Plan as Plan);
  }
  return { paid, rows };
}

describe('the points that a comparison pays before it begins', () => {
  it.each(Object.entries(READS))('stand for the work of %s within a factor of three', async (_, read) => {
    const [few, many] = (await Promise.all(debates.map((made) => measure(made, read)))) as [Work, Work];
    // Statements that the price of the field includes are left out of both.
    const paid = many.paid - few.paid;
    const rows = many.rows - few.rows;
    expect(rows / paid, 'rows of a point').toBeGreaterThan(ROWS_PER_POINT / FACTOR);
    expect(rows / paid, 'rows of a point').toBeLessThan(ROWS_PER_POINT * FACTOR);
  });
});

it('a comparison that the budget does not cover is refused with its path', async () => {
  const [, large] = debates as [TestDatabase, TestDatabase];
  const budget = 10_000;
  expect(estimate(COMPARED)).toBeLessThan(budget / 2);
  const service = await startTestService(large.url, {
    COST_PER_MINUTE: String(budget),
    CACHE_BYTES_MAX: '0',
  });
  const { data, errors } = await service.ask<{ event: unknown }>(COMPARED);
  expect(data).toEqual({ event: null });
  expect(errors).toHaveLength(1);
  expect(errors?.[0]).toMatchObject({
    path: ['event', 'comparison'],
    message: expect.stringMatching(
      /^Comparing 2000 statements of an event costs \d+ points, .*Choose fewer “sides”/,
    ),
    extensions: {
      code: 'LIMIT_EXCEEDED',
      limit: 'COST_PER_MINUTE',
      max: budget,
      retryAfterSeconds: expect.any(Number),
    },
  });
  await service.stop();
});

it('a comparison that is refused reads no statements of the event', async () => {
  const [few] = debates as [TestDatabase, TestDatabase];
  const sql = recordSql(few.db);
  const refused = new Cancellation(null, null, () => {
    throw new Error('refused');
  });
  for (const read of Object.values(READS)) {
    await expect(refused.run(() => read(new ComparisonLoaders(few.db), 9_001))).rejects.toThrow('refused');
  }
  expect(sql.filter((text) => text.includes('account_statement AS'))).toEqual([]);
});
