import fc from 'fast-check';
import { isEnumType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Loaders } from '../../../src/read/loading/loaders.ts';
import { Catalog } from '../../../src/read/memory/catalog.ts';
import { COUNT_GROUPS_MAX, parseCounts, readCountsBy } from '../../../src/read/statements/counts/counts.ts';
import type { Dimension } from '../../../src/read/statements/counts/dimension.ts';
import type { StatementFilterInput } from '../../../src/read/statements/filter.ts';
import { schema } from '../../../src/schema/schema.ts';
import type { TestDatabase } from '../../support/database.ts';
import {
  filters,
  lineage,
  meetsFilter,
  sidesOfStatement,
  type Vocabulary,
} from '../../support/filterFields.ts';
import { recordSql, type TestGraphql } from '../../support/graphql.ts';
import {
  type MadeRecord,
  type MadeStatement,
  makeRandomRecord,
  ROLES,
  WORDS,
} from '../../support/randomRecord.ts';
import { useGraphql } from '../../support/useGraphql.ts';

let test: TestDatabase;
let graphql: TestGraphql;
let made: MadeRecord;

useGraphql(
  async (db) => {
    made = await makeRandomRecord(db, { seed: 20250702, length: 300 });
  },
  (used) => {
    ({ test, graphql } = used);
  },
);

const slugOf = { selection: '{ slug }', text: (value: unknown) => (value as { slug: string }).slug };
const plain = { selection: '', text: String };

/** A dimension in tests: its field in a group, and the values of a made statement, without the database. */
const TESTED: Readonly<
  Record<
    Dimension,
    {
      readonly field: { readonly selection: string; readonly text: (value: unknown) => string };
      readonly values: (statement: MadeStatement) => readonly (string | undefined)[];
    }
  >
> = {
  SPEAKER: { field: slugOf, values: ({ speakers }) => speakers },
  SIDE: { field: slugOf, values: (statement) => sidesOfStatement(statement, made) },
  TOPIC: { field: slugOf, values: ({ topics }) => topics.map(({ topic }) => topic) },
  EVENT: { field: slugOf, values: ({ events }) => events },
  SOURCE: { field: slugOf, values: ({ source }) => [source] },
  ACT: { field: plain, values: ({ act }) => [act] },
  MODE: { field: plain, values: ({ mode }) => [mode] },
  STANCE: {
    field: plain,
    values: ({ topics }) => topics.flatMap(({ stance }) => (stance === undefined ? [] : [stance])),
  },
  LANGUAGE: { field: plain, values: ({ language }) => [language] },
  DAY: { field: plain, values: ({ earliest }) => [earliest] },
  MONTH: { field: plain, values: ({ earliest }) => [earliest.slice(0, 7)] },
  YEAR: { field: plain, values: ({ earliest }) => [earliest.slice(0, 4)] },
};

const enumType = schema.getType('StatementDimension');
if (!isEnumType(enumType)) throw new Error('the schema has no StatementDimension');
/** Every dimension of the schema. One that TESTED lacks fails its test. */
const ALL = enumType.getValues().map(({ name }) => name as Dimension);
const PAIRS = ALL.flatMap((a) => ALL.flatMap((b) => (a === b ? [] : [[a, b] as const])));
const EVERY: readonly (readonly Dimension[])[] = [...ALL.map((one) => [one]), ...PAIRS];

const NONE = '–';
interface Counted {
  readonly total: number;
  readonly groupCount: number;
  readonly uncounted: number;
  readonly isComplete: boolean;
  readonly groups: readonly (Readonly<Record<string, unknown>> & { readonly count: number })[];
}

async function count(
  by: readonly Dimension[],
  filter: StatementFilterInput = {},
  given: Readonly<Record<string, unknown>> = {},
): Promise<Counted> {
  const fields = by.map((dimension) => `${dimension.toLowerCase()} ${TESTED[dimension].field.selection}`);
  const query = `query ($filter: StatementFilter, $by: [StatementDimension!]!, $first: Int, $includeSubtopics: Boolean) {
    statementCounts(filter: $filter, by: $by, first: $first, includeSubtopics: $includeSubtopics) {
      total groupCount uncounted isComplete groups { count ${fields.join(' ')} }
    }
  }`;
  const variables = { filter, by, first: COUNT_GROUPS_MAX, ...given };
  return (await graphql.data<{ statementCounts: Counted }>(query, variables)).statementCounts;
}

/** The groups as texts, “France, SUPPORTS: 3”. */
function shown({ groups }: Counted, by: readonly Dimension[]): string[] {
  return groups.map((group) => {
    const values = by.map((dimension) => {
      const value = group[dimension.toLowerCase()];
      return value === null ? NONE : TESTED[dimension].field.text(value);
    });
    return `${values.join(', ')}: ${group.count}`;
  });
}

const matching = (filter: StatementFilterInput): MadeStatement[] =>
  made.statements.filter(
    (statement) => (filter.includeRetracted || !statement.retracted) && meetsFilter(statement, filter, made),
  );

/** The different combinations of values that a statement counts under. */
function groupsOf(statement: MadeStatement, by: readonly Dimension[], subtopics: boolean): Set<string> {
  const { topics } = statement;
  if (by.includes('TOPIC') && by.includes('STANCE')) {
    const pairs = topics.length === 0 ? [{ topic: NONE }] : topics;
    return new Set(
      pairs.map(({ topic, ...rest }) => {
        const stance = 'stance' in rest ? (rest.stance ?? NONE) : NONE;
        return by.map((dimension) => (dimension === 'TOPIC' ? topic : stance)).join(', ');
      }),
    );
  }
  const lists = by.map((dimension) => {
    const own = TESTED[dimension].values(statement).map((value) => value ?? NONE);
    const values = dimension === 'TOPIC' && subtopics ? own.flatMap((topic) => lineage(topic, made)) : own;
    return values.length === 0 ? [NONE] : values;
  });
  const [first = [], second] = lists;
  return new Set(second ? first.flatMap((a) => second.map((b) => `${a}, ${b}`)) : first);
}

function expected(by: readonly Dimension[], filter: StatementFilterInput, subtopics = false): string[] {
  const counts = new Map<string, number>();
  for (const statement of matching(filter)) {
    for (const group of groupsOf(statement, by, subtopics)) counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts].map(([group, count]) => `${group}: ${count}`);
}

const VOCABULARY: Vocabulary = {
  actors: fc.nat(9).map((i) => `actor-${i}`),
  topics: fc.nat(11).map((i) => `topic-${i}`),
  sources: fc.nat(2).map((i) => `source-${i}`),
  collections: fc.nat(2).map((i) => `collection-${i}`),
  events: fc.nat(4).map((i) => `event-${i}`),
  roles: ROLES,
  days: ['2024-01-01', '2024-12-31', '2025-06-01', '2025-07-01', '2025-07-31'],
  searches: WORDS,
};

describe('counts of statements', () => {
  it.each(EVERY.map((by) => [by.join(' and '), by] as const))(
    'by %s are those of a plain count through the same data',
    async (_, by) => {
      await fc.assert(
        fc.asyncProperty(filters(VOCABULARY, 2, { maxLength: 2 }), async (filter) => {
          const found = await count(by, filter);
          const groups = expected(by, filter);
          expect(shown(found, by).sort()).toEqual(groups.sort());
          expect(found).toMatchObject({
            total: matching(filter).length,
            groupCount: groups.length,
            isComplete: true,
            uncounted: 0,
          });
        }),
        { numRuns: by.length === 1 ? 12 : 4, seed: 1, examples: [[{}]] },
      );
    },
  );

  it('count a statement for the topics above its own, each once, where asked to', async () => {
    for (const by of EVERY.filter((some) => some.includes('TOPIC') && !some.includes('STANCE'))) {
      const found = await count(by, {}, { includeSubtopics: true });
      expect(shown(found, by).sort(), by.join()).toEqual(expected(by, {}, true).sort());
    }
  });

  it('are those of the lists that the same value filters', async () => {
    const lists: [Dimension, (value: string) => StatementFilterInput][] = [
      ['SPEAKER', (slug) => ({ speakers: [slug] })],
      ['SIDE', (slug) => ({ sides: [slug] })],
      ['TOPIC', (slug) => ({ topics: [slug], includeSubtopics: false })],
      ['STANCE', (stance) => ({ stances: [stance] }) as StatementFilterInput],
    ];
    for (const [dimension, filterOf] of lists) {
      for (const text of shown(await count([dimension]), [dimension])) {
        const [value = '', size] = text.split(': ');
        if (value !== NONE) expect((await count(['MODE'], filterOf(value))).total, text).toBe(Number(size));
      }
    }
  });

  it('begin with the most statements, and by days with the newest', async () => {
    const bySpeaker = (await count(['SPEAKER'])).groups.map((group) => group.count);
    expect(bySpeaker).toEqual([...bySpeaker].sort((a, b) => b - a));
    const byMonth = (await count(['MONTH', 'ACT'])).groups;
    const months = byMonth.map(({ month }) => String(month));
    expect(months).toEqual([...months].sort().reverse());
    const first = byMonth.filter(({ month }) => month === months[0]).map((group) => group.count);
    expect(first).toEqual([...first].sort((a, b) => b - a));
  });

  it('say where groups were cut, and how many there are', async () => {
    const all = await count(['SPEAKER']);
    const cut = await count(['SPEAKER'], {}, { first: 3 });
    expect(cut.groups).toEqual(all.groups.slice(0, 3));
    expect(cut).toMatchObject({ groupCount: all.groupCount, isComplete: false, total: all.total });
    expect(await count(['SPEAKER'], {}, { first: 0 })).toMatchObject({
      groups: [],
      groupCount: all.groupCount,
    });
  });

  it('of more statements than may be counted are those of the newest, and say so', async () => {
    const load = new Loaders(test.db, new Catalog());
    for (const filter of [{}, { speakers: ['actor-1', 'actor-2'] }, { speakers: ['actor-1'] }]) {
      for (const by of [['DAY'], ['SPEAKER'], ['ACT'], ['SIDE', 'MONTH']] as Dimension[][]) {
        const matches = matching(filter).sort(
          (a, b) =>
            b.earliest.localeCompare(a.earliest) || made.statements.indexOf(b) - made.statements.indexOf(a),
        );
        const counts = await readCountsBy(test.db, load, parseCounts({ filter, by }), 20);
        expect(counts).toMatchObject({ total: matches.length, uncounted: matches.length - 20 });
        const wanted = matches.slice(0, 20).flatMap((statement) => [...groupsOf(statement, by, false)]);
        expect(counts.groups.reduce((sum, group) => sum + group.count, 0)).toBe(wanted.length);
        expect(counts.groupCount).toBe(new Set(wanted).size);
      }
    }
  });

  it('take two SQL statements, however many groups there are', async () => {
    await count(['SPEAKER', 'TOPIC']);
    const texts = recordSql(test.db);
    const { groups } = await count(['SPEAKER', 'TOPIC']);
    expect(groups.length).toBeGreaterThan(50);
    expect(texts.length, texts.join('\n')).toBe(2);
  });

  it('are refused for no dimension, three, the same twice, too many groups, and stances on topics above', async () => {
    const refuse = async (by: readonly string[], given: object = {}) =>
      (
        await graphql.refusal(
          `query ($by: [StatementDimension!]!, $first: Int, $includeSubtopics: Boolean) {
            statementCounts(by: $by, first: $first, includeSubtopics: $includeSubtopics) { total }
          }`,
          { by, ...given },
        )
      ).extensions;
    expect(await refuse([])).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['by'] });
    expect(await refuse(['ACT', 'ACT'])).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['by'] });
    expect(await refuse(['ACT', 'MODE', 'DAY'])).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 'COUNT_DIMENSIONS_MAX',
      max: 2,
    });
    expect(await refuse(['ACT'], { first: COUNT_GROUPS_MAX + 1 })).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      inputPath: ['first'],
    });
    expect(await refuse(['TOPIC', 'STANCE'], { includeSubtopics: true })).toMatchObject({
      inputPath: ['includeSubtopics'],
    });
  });
});
