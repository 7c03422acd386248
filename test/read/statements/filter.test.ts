import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stance, StatementAct, StatementMode } from '../../../src/db/generated/enums.ts';
import {
  FILTER_CONDITIONS_MAX,
  FILTER_DEPTH_MAX,
  FILTER_LIST_MAX,
  SEARCH_LENGTH_MAX,
  type StatementFilterInput,
} from '../../../src/read/statements/filter.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, type TestGraphql } from '../../support/graphql.ts';
import { type MadeRecord, type MadeStatement, makeRandomRecord, WORDS } from '../../support/randomRecord.ts';

let test: TestDatabase;
let graphql: TestGraphql;
let made: MadeRecord;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  made = await makeRandomRecord(test.db, { seed: 20250701, length: 300 });
  graphql = await createTestGraphql(test.db);
});
afterAll(async () => {
  await graphql.stop();
  await test.drop();
});

const STATEMENTS = `query ($filter: StatementFilter, $orderBy: StatementOrder) {
  statements(filter: $filter, orderBy: $orderBy, first: 100) { totalCount nodes { slug } }
}`;
interface Found {
  statements: { totalCount: number; nodes: { slug: string }[] };
}

async function find(
  filter: StatementFilterInput,
  orderBy?: string,
): Promise<{ count: number; slugs: string[] }> {
  const { statements } = await graphql.data<Found>(STATEMENTS, { filter, orderBy });
  return { count: statements.totalCount, slugs: statements.nodes.map(({ slug }) => slug) };
}

/** The topic and everything above it. */
function lineage(topic: string): string[] {
  const parent = made.topics.get(topic) ?? null;
  return [topic, ...(parent === null ? [] : lineage(parent))];
}

function meets(statement: MadeStatement, filter: StatementFilterInput): boolean {
  const anyOf = (wanted: readonly string[] | null | undefined, own: readonly string[]): boolean =>
    wanted == null || wanted.some((value) => own.includes(value));
  const topics = statement.topics.flatMap(({ topic }) =>
    filter.includeSubtopics === false ? [topic] : lineage(topic),
  );
  const { search } = filter;
  const isFound =
    search == null ||
    (search.startsWith('-') ? !statement.words.includes(search.slice(1)) : statement.words.includes(search));
  return (
    anyOf(filter.speakers, statement.speakers) &&
    anyOf(filter.addressees, statement.addressees) &&
    anyOf(
      filter.attributedTo,
      statement.attribution.map(({ actor }) => actor),
    ) &&
    anyOf(filter.topics, topics) &&
    anyOf(filter.sources, [statement.source]) &&
    anyOf(filter.events, statement.events) &&
    anyOf(filter.modes, [statement.mode]) &&
    anyOf(filter.acts, [statement.act]) &&
    anyOf(
      filter.stances,
      statement.topics.flatMap(({ stance }) => stance ?? []),
    ) &&
    (filter.positions == null ||
      filter.positions.some((wanted) =>
        statement.topics.some(({ topic, stance }) => topic === wanted.topic && stance === wanted.stance),
      )) &&
    (filter.saidFrom == null || statement.latest >= filter.saidFrom) &&
    (filter.saidTo == null || statement.earliest <= filter.saidTo) &&
    isFound &&
    (filter.not == null || !meets(statement, filter.not)) &&
    (filter.any == null || filter.any.some((inner) => meets(statement, inner)))
  );
}

const ORDERS: Record<string, (a: MadeStatement, b: MadeStatement) => number> = {
  SAID_ON_DESC: (a, b) => compare(b.earliest, a.earliest) || number(b) - number(a),
  SAID_ON_ASC: (a, b) => compare(a.earliest, b.earliest) || number(a) - number(b),
  RECORDED_DESC: (a, b) => number(b) - number(a),
};
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const number = (statement: MadeStatement): number => made.statements.indexOf(statement);

function expected(filter: StatementFilterInput, orderBy: string): { count: number; slugs: string[] } {
  const found = made.statements.filter(
    (statement) => (filter.includeRetracted || !statement.retracted) && meets(statement, filter),
  );
  const slugs = found.sort(ORDERS[orderBy]).map(({ slug }) => slug);
  return { count: slugs.length, slugs: slugs.slice(0, 100) };
}

const numbered = (noun: string, count: number) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.nat(count - 1).map((i) => `${noun}-${i}`) },
    { weight: 1, arbitrary: fc.constantFrom('nobody', '', "'; DROP TABLE statement; --", '\0', 'Ünknown') },
  );
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 });
const DAYS = [
  '2023-12-31',
  '2024-01-01',
  '2024-12-31',
  '2025-01-01',
  '2025-06-01',
  '2025-06-30',
  '2025-07-01',
  '2025-07-31',
  '2025-08-01',
  '2026-01-01',
];
const range = fc
  .tuple(fc.option(fc.constantFrom(...DAYS)), fc.option(fc.constantFrom(...DAYS)))
  .map(([a, b]) =>
    a !== null && b !== null && a > b ? { saidFrom: b, saidTo: a } : { saidFrom: a, saidTo: b },
  );

const leaf: Record<string, fc.Arbitrary<unknown>> = {
  speakers: some(numbered('actor', 10)),
  addressees: some(numbered('actor', 10)),
  attributedTo: some(numbered('actor', 10)),
  topics: some(numbered('topic', 12)),
  sources: some(numbered('source', 3)),
  events: some(numbered('event', 5)),
  modes: some(fc.constantFrom(...Object.values(StatementMode))),
  acts: some(fc.constantFrom(...Object.values(StatementAct))),
  stances: some(fc.constantFrom(...Object.values(Stance))),
  positions: some(
    fc.record({ topic: numbered('topic', 12), stance: fc.constantFrom(...Object.values(Stance)) }),
  ),
  search: fc.tuple(fc.constantFrom('', '-'), fc.constantFrom(...WORDS)).map((parts) => parts.join('')),
  includeSubtopics: fc.constantFrom(true, false, null),
  includeRetracted: fc.constantFrom(true, false, null),
};

/** A filter of a few fields, so that it seldom leaves nothing; filters within it down to `depth`. */
function filters(depth: number): fc.Arbitrary<StatementFilterInput> {
  const nested =
    depth === 1 ? {} : { not: filters(depth - 1), any: fc.array(filters(depth - 1), { maxLength: 3 }) };
  const fields = { ...leaf, ...nested };
  return fc
    .tuple(
      fc.subarray(Object.keys(fields), { maxLength: 3 }),
      fc.record(fields),
      fc.option(range, { freq: 2 }),
    )
    .map(
      ([names, values, days]) =>
        ({
          ...Object.fromEntries(names.map((name) => [name, (values as Record<string, unknown>)[name]])),
          ...(depth === FILTER_DEPTH_MAX ? {} : days),
        }) as StatementFilterInput,
    );
}

describe('a filter', () => {
  it('finds what a plain search through the same data finds, in the same order', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(filters(1), filters(2), filters(3)),
        fc.constantFrom(...Object.keys(ORDERS)),
        async (filter, orderBy) => {
          const wanted = expected(filter, orderBy);
          found += Number(wanted.count > 0);
          expect(await find(filter, orderBy)).toEqual(wanted);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
    expect(found).toBeGreaterThan(80);
  });

  it.each(Object.keys(leaf))('by %s alone finds the same as a plain search', async (field) => {
    await fc.assert(
      fc.asyncProperty(leaf[field] as fc.Arbitrary<unknown>, fc.boolean(), async (value, inverted) => {
        const filter = { [field]: value } as StatementFilterInput;
        const given = inverted ? { not: filter } : filter;
        expect(await find(given, 'SAID_ON_ASC')).toEqual(expected(given, 'SAID_ON_ASC'));
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  it('means the same inside of lists that hang on something', async () => {
    const query = `query ($actor: String!, $topic: String!, $source: String!, $event: String!, $filter: StatementFilter) {
      actor(slug: $actor) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }
      topic(slug: $topic) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }
      source(slug: $source) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }
      event(slug: $event) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }
    }`;
    await fc.assert(
      fc.asyncProperty(filters(2), fc.nat(2), async (filter, n) => {
        const slugs = {
          actor: `actor-${n}`,
          topic: `topic-${n}`,
          source: `source-${n}`,
          event: `event-${n}`,
        };
        const data = await graphql.data<Record<string, Found>>(query, { ...slugs, filter });
        const parents: Record<string, StatementFilterInput> = {
          actor: { speakers: [slugs.actor] },
          topic: { topics: [slugs.topic], includeSubtopics: filter.includeSubtopics ?? true },
          source: { sources: [slugs.source] },
          event: { events: [slugs.event] },
        };
        for (const [name, parent] of Object.entries(parents)) {
          const both = {
            any: [filter],
            not: { not: parent },
            includeRetracted: filter.includeRetracted ?? false,
          };
          const { statements } = data[name] as Found;
          const found = { count: statements.totalCount, slugs: statements.nodes.map(({ slug }) => slug) };
          expect(found, name).toEqual(expected(both, 'SAID_ON_DESC'));
        }
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('leaves retracted statements out, even where a filter within it would have them', async () => {
    const all = expected({ includeRetracted: true }, 'SAID_ON_DESC').count;
    const current = expected({}, 'SAID_ON_DESC').count;
    expect(all).toBeGreaterThan(current);
    expect((await find({})).count).toBe(current);
    expect((await find({ any: [{ includeRetracted: true }] })).count).toBe(current);
    expect((await find({ includeRetracted: true })).count).toBe(all);
  });

  it('with an empty list matches nothing, and with its inverse everything', async () => {
    for (const field of ['speakers', 'topics', 'modes', 'stances', 'positions', 'any']) {
      expect((await find({ [field]: [] })).count, field).toBe(0);
      expect((await find({ not: { [field]: [] } })).count, field).toBe(expected({}, 'SAID_ON_DESC').count);
    }
  });

  it('takes null and what is left out for no condition', async () => {
    const all = (await find({})).count;
    const fields = [...Object.keys(leaf), 'saidFrom', 'saidTo', 'not', 'any'];
    expect((await find(Object.fromEntries(fields.map((field) => [field, null])))).count).toBe(all);
    expect((await find({ not: {} })).count).toBe(0);
    expect((await find({ any: [{}] })).count).toBe(all);
    expect((await find({ search: '  ' })).count).toBe(all);
  });
});

describe('a filter is refused', () => {
  const refuse = async (filter: unknown) => (await graphql.refusal(STATEMENTS, { filter })).extensions;
  const nest = (depth: number): unknown => (depth === 1 ? {} : { not: nest(depth - 1) });

  it('where its dates are the wrong way round, naming the field', async () => {
    expect(await refuse({ saidFrom: '2025-07-02', saidTo: '2025-07-01' })).toMatchObject({
      code: 'INVALID_INPUT',
      inputPath: ['filter', 'saidTo'],
    });
    expect(
      await refuse({ any: [{}, { not: { saidFrom: '2026-01-01', saidTo: '2025-01-01' } }] }),
    ).toMatchObject({
      inputPath: ['filter', 'any', 1, 'not', 'saidTo'],
    });
    expect((await find({ saidFrom: '2025-07-01', saidTo: '2025-07-01' })).count).toBeGreaterThan(0);
  });

  it.each([
    '2025-02-30',
    '2025-7-1',
    '2025',
    '',
    'yesterday',
    '0000-01-01',
    '2025-07-01T00:00:00Z',
    20250701,
    '\0',
  ])('where a date is %j', async (saidFrom) => {
    const refusal = await graphql.refusal(STATEMENTS, { filter: { saidFrom } });
    expect(refusal.extensions).toMatchObject({ code: 'INVALID_INPUT' });
    expect(refusal.message).toContain('saidFrom');
  });

  it(`where it is nested more than ${FILTER_DEPTH_MAX} deep`, async () => {
    expect((await graphql.answer(STATEMENTS, { filter: nest(FILTER_DEPTH_MAX) })).errors).toBeUndefined();
    expect(await refuse(nest(FILTER_DEPTH_MAX + 1))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it(`where a list has more than ${FILTER_LIST_MAX} items, naming it`, async () => {
    const slugs = Array.from({ length: FILTER_LIST_MAX + 1 }, (_, i) => `actor-${i}`);
    expect(await refuse({ not: { speakers: slugs } })).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      inputPath: ['filter', 'not', 'speakers'],
    });
    expect((await find({ speakers: slugs.slice(1) })).count).toBeGreaterThan(0);
  });

  it(`where it has more than ${FILTER_CONDITIONS_MAX} conditions in all`, async () => {
    const searches = (from: number, length: number) =>
      Array.from({ length }, (_, i) => ({ search: `x${from + i}`, modes: ['DIRECT'] }));
    const half = FILTER_CONDITIONS_MAX / 2;
    const any = [{ any: searches(0, half) }, { any: searches(half, half) }];
    expect(await refuse({ any })).toMatchObject({ code: 'LIMIT_EXCEEDED', inputPath: ['filter'] });
  });

  it('not for conditions that are repeated, can’t be met or ask for the same in several lists', async () => {
    const any = Array.from({ length: 100 }, (_, i) => ({
      any: [{ speakers: [`actor-${i}`] }, { search: 'truce' }, { topics: [], modes: ['DIRECT' as const] }],
    }));
    expect((await find({ any })).count).toBeGreaterThan(0);
  });

  it(`where its search has more than ${SEARCH_LENGTH_MAX} characters`, async () => {
    expect(await refuse({ search: 'x'.repeat(SEARCH_LENGTH_MAX + 1) })).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      inputPath: ['filter', 'search'],
    });
    expect((await find({ search: 'x'.repeat(SEARCH_LENGTH_MAX) })).count).toBe(0);
  });

  it('where a stance, a mode or a field is unknown', async () => {
    for (const filter of [{ stances: ['LIKES'] }, { modes: ['direct'] }, { speaker: ['actor-1'] }]) {
      expect((await graphql.answer(STATEMENTS, { filter })).errors).toHaveLength(1);
    }
  });
});
