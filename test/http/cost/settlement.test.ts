import { type OperationDefinitionNode, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { comparedEvent } from '../../../bench/cost/cases.ts';
import { SqlClock } from '../../../src/db/pool/sqlClock.ts';
import { costOf } from '../../../src/http/cost/cost.ts';
import { bodyPoints, REQUEST_POINTS, workPoints } from '../../../src/http/cost/prices.ts';
import { schema } from '../../../src/schema/schema.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import type { Variables } from '../../support/graphql.ts';
import { makeRandomRecord } from '../../support/randomRecord.ts';
import { bearer, countPaid, startTestService, type TestService } from '../../support/service.ts';

let test: TestDatabase;
let service: TestService;
let event: string;
/** Statements of SQL that operations have sent. */
let statements = 0;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  const nouns = { actors: 30, topics: 30, sources: 30, events: 30, collections: 30 };
  await makeRandomRecord(test.db, { seed: 7, length: 300, nouns });
  service = await startTestService(test.url, { CACHE_BYTES_MAX: '0', COST_MAX: '10000000' });
  ({ slug: event } = await comparedEvent(async (query) => (await service.ask(query)).data));
  // SQL takes no time, so that the points are those of work that can be counted.
  vi.spyOn(SqlClock.prototype, 'end').mockImplementation(() => {
    statements += 1;
    return 0;
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await service.stop();
  await test.drop();
});

function estimate(query: string, variables: Variables): number {
  const document = parse(query);
  const [operation] = document.definitions as [OperationDefinitionNode];
  return costOf({ schema, document, operation, variables }).points;
}

const objectsIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce<number>((sum, each) => sum + objectsIn(each), 0);
  return Array.isArray(value) ? inner : inner + 1;
};

/** The points that an operation paid, without those of its request, and the points of its counted work. Its document is cached. */
async function measure(query: string, variables: Variables = {}, headers: Record<string, string> = {}) {
  await service.ask(query, variables, headers);
  const paid = countPaid(service);
  statements = 0;
  const answer = await service.ask(query, variables, headers);
  const size = { bytes: Buffer.byteLength(JSON.stringify(answer)), objects: objectsIn(answer) };
  return {
    answer,
    paid: paid() - REQUEST_POINTS - bodyPoints(JSON.stringify({ query, variables }).length),
    work: workPoints({ sqlMs: 0, statements }, size),
    statements,
  };
}

const many = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');
const any = (count: number): string => `{ any: [${many(count, (i) => `{ topics: ["topic-${i}"] }`)}] }`;

/** Operations whose estimate is more than their work. */
const OVERESTIMATED: Readonly<Record<string, () => string>> = {
  'pages of cells that are mostly empty': () =>
    `{ event(slug: "${event}") { comparison(first: 100) { cells(first: 100) { statements(first: 100) { text speakers { name } } } } } }`,
  'aliases of a field with arguments': () =>
    `{ collections(first: 1) { nodes { ${many(10, (i) => `a${i}: statements(first: 100) { nodes { id } }`)} } } }`,
  'lists in lists that are empty': () =>
    '{ statements(first: 100) { nodes { linkedFrom(first: 100) { statement { codings(first: 100) { __typename } } } } } }',
  'pages of many parents without statements': () =>
    `{ sources(first: 100) { nodes { statements(first: 100, filter: ${any(80)}) { nodes { text } } } } }`,
  'fields that are skipped': () =>
    `query ($skip: Boolean = true) { ${many(10, (i) => `a${i}: statements(first: 100) @skip(if: $skip) { nodes { text } }`)} }`,
};

describe('an operation that was estimated at more than its work', () => {
  it.each(Object.entries(OVERESTIMATED))('costs its work: %s', async (_, query) => {
    const { answer, paid, work } = await measure(query());
    expect(answer.errors).toBeUndefined();
    expect(estimate(query(), {})).toBeGreaterThan(work);
    expect(paid).toBe(work);
  });

  it('returns the rest to the budget of its client, and not more', async () => {
    const query = `${OVERESTIMATED['fields that are skipped']?.()} # again`;
    const before = { ...service.points };
    const { paid } = await measure(query);
    expect(service.points.returned - before.returned).toBeGreaterThan(estimate(query, {}));
    expect(paid).toBeLessThan(estimate(query, {}) / 3);
  });

  it('costs its estimate where it ends with an error, since only a part of its work can be counted', async () => {
    const query = `{ event(slug: "${event}") { comparison(sides: ["no-such-actor"]) { cells(first: 100) { statements(first: 100) { text } } } } }`;
    const { answer, paid } = await measure(query);
    expect(answer.errors).toHaveLength(1);
    expect(paid).toBeGreaterThanOrEqual(estimate(query, {}));
  });
});

describe('an operation that was estimated at less than its work', () => {
  it('costs its work: introspection', async () => {
    const type = '{ name description }';
    const query = `{ __schema { types { fields { type ${type} args { type ${type} } } inputFields { type ${type} } } } }`;
    const { paid, work } = await measure(query);
    expect(work).toBeGreaterThan(3 * estimate(query, {}));
    expect(paid).toBe(work);
  });

  it('costs its statements of SQL: a search for a name', async () => {
    const { paid, work, statements } = await measure(
      '{ actors(search: "Acter Numbr 7") { nodes { name } } }',
    );
    expect(statements).toBeGreaterThan(1);
    expect(paid).toBe(work);
  });
});

it('A mutation costs at least its estimate, which counts what is checked and written', async () => {
  const query = 'mutation ($input: [SaveTopicInput!]!) { saveTopics(input: $input) { position } }';
  const input = Array.from({ length: 200 }, (_, i) => ({ slug: `made-${i}`, name: `Made ${i}` }));
  const token = await bearer(test.db, 'recorder');
  const { answer, paid } = await measure(query, { input }, token);
  expect(answer.errors).toBeUndefined();
  expect(paid).toBeGreaterThanOrEqual(estimate(query, { input }));
});
