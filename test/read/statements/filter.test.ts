import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILTER_LIST_MAX } from '../../../src/read/statements/conditions/kind/field.ts';
import { SEARCH_LENGTH_MAX } from '../../../src/read/statements/conditions/search.ts';
import {
  FILTER_CONDITIONS_MAX,
  FILTER_DEPTH_MAX,
  type StatementFilterInput,
} from '../../../src/read/statements/filter.ts';
import {
  FILTER_FIELDS,
  filters,
  LIST_FIELDS,
  meetsFilter,
  type Vocabulary,
  valuesOf,
} from '../../support/filterFields.ts';
import type { TestGraphql } from '../../support/graphql.ts';
import {
  type MadeRecord,
  type MadeStatement,
  makeRandomRecord,
  ROLES,
  WORDS,
} from '../../support/randomRecord.ts';
import { useGraphql } from '../../support/useGraphql.ts';

let graphql: TestGraphql;
let made: MadeRecord;

useGraphql(
  async (db) => {
    made = await makeRandomRecord(db, { seed: 20250701, length: 300 });
  },
  (used) => {
    graphql = used.graphql;
  },
);

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

const ORDERS: Record<string, (a: MadeStatement, b: MadeStatement) => number> = {
  SAID_ON_DESC: (a, b) => compare(b.earliest, a.earliest) || number(b) - number(a),
  SAID_ON_ASC: (a, b) => compare(a.earliest, b.earliest) || number(a) - number(b),
  RECORDED_DESC: (a, b) => number(b) - number(a),
};
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const number = (statement: MadeStatement): number => made.statements.indexOf(statement);

function expected(filter: StatementFilterInput, orderBy: string): { count: number; slugs: string[] } {
  const found = made.statements.filter(
    (statement) => (filter.includeRetracted || !statement.retracted) && meetsFilter(statement, filter, made),
  );
  const slugs = found.sort(ORDERS[orderBy]).map(({ slug }) => slug);
  return { count: slugs.length, slugs: slugs.slice(0, 100) };
}

const numbered = (noun: string, count: number) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.nat(count - 1).map((i) => `${noun}-${i}`) },
    { weight: 1, arbitrary: fc.constantFrom('nobody', '', "'; DROP TABLE statement; --", '\0', 'Ünknown') },
  );
const VOCABULARY: Vocabulary = {
  actors: numbered('actor', 10),
  topics: numbered('topic', 12),
  sources: numbered('source', 3),
  collections: numbered('collection', 2),
  events: numbered('event', 5),
  roles: [...ROLES, 'PRESIDENT', 'member', 'SPOKESmaN', 'Pope'],
  days: [
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
  ],
  searches: WORDS.flatMap((word) => [word, `-${word}`]),
};
const nested = (depth: number) => filters(VOCABULARY, depth);

describe('a filter', () => {
  it('finds what a plain search through the same data finds, in the same order', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(nested(1), nested(2), nested(3)),
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

  it.each(FILTER_FIELDS)('by %s alone finds the same as a plain search', async (field) => {
    await fc.assert(
      fc.asyncProperty(valuesOf(field, VOCABULARY), fc.boolean(), async (value, inverted) => {
        const filter = { [field]: value } as StatementFilterInput;
        const given = inverted ? { not: filter } : filter;
        expect(await find(given, 'SAID_ON_ASC')).toEqual(expected(given, 'SAID_ON_ASC'));
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  it('means the same inside of lists that hang on something', async () => {
    const query = `query ($actor: String!, $topic: String!, $source: String!, $event: String!, $collection: String!, $filter: StatementFilter) {
      actor(slug: $actor) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }
      topic(slug: $topic) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }
      source(slug: $source) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }
      event(slug: $event) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }
      collection(slug: $collection) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }
    }`;
    await fc.assert(
      fc.asyncProperty(nested(2), fc.nat(2), async (filter, n) => {
        const slugs = {
          actor: `actor-${n}`,
          topic: `topic-${n}`,
          source: `source-${n}`,
          event: `event-${n}`,
          collection: `collection-${n % 2}`,
        };
        const data = await graphql.data<Record<string, Found>>(query, { ...slugs, filter });
        const parents: Record<string, StatementFilterInput> = {
          actor: { speakers: [slugs.actor] },
          topic: { topics: [slugs.topic], includeSubtopics: filter.includeSubtopics ?? true },
          source: { sources: [slugs.source] },
          event: { events: [slugs.event] },
          collection: { collections: [slugs.collection] },
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
    for (const field of LIST_FIELDS) {
      expect((await find({ [field]: [] })).count, field).toBe(0);
      expect((await find({ not: { [field]: [] } })).count, field).toBe(expected({}, 'SAID_ON_DESC').count);
    }
  });

  it('takes null and what is left out for no condition', async () => {
    const all = (await find({})).count;
    const fields = [...FILTER_FIELDS, 'not', 'any'];
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
