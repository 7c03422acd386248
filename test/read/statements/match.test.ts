import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LinkKind, Stance, StatementAct, StatementMode } from '../../../src/db/generated/enums.ts';
import { sha256 } from '../../../src/domain/anchor.ts';
import { saveSources } from '../../../src/domain/source.ts';
import { type Recorded, recordStatements } from '../../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../../src/domain/statement/retract.ts';
import { reviseStatement } from '../../../src/domain/statement/revise.ts';
import type { Facets, FacetsChange } from '../../../src/log/facets.ts';
import { Catalog } from '../../../src/read/memory/catalog.ts';
import { SearchLanguages } from '../../../src/read/memory/searchLanguages.ts';
import { SqlParameters } from '../../../src/read/sql.ts';
import { countConditions } from '../../../src/read/statements/condition.ts';
import { parseFilter, type StatementFilterInput } from '../../../src/read/statements/filter.ts';
import { marksOf, requiredMarks } from '../../../src/read/statements/marks.ts';
import { makeMatcher, searchesOf } from '../../../src/read/statements/match.ts';
import { MatchLoaders } from '../../../src/read/statements/matchLoaders.ts';
import { toSql } from '../../../src/read/statements/where.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { FILTER_FIELDS, filters, type Vocabulary, valuesOf } from '../../support/filterFields.ts';
import { CODERS } from '../../support/randomRecord.ts';
import { saveActor, saveCollection } from '../../support/saves.ts';
import { makeWorld, statementInput, WORLD } from '../../support/world.ts';

const some = <T>(values: readonly T[], maxLength = 3) =>
  fc.uniqueArray(fc.constantFrom(...values), { maxLength });
const DAYS = ['2024-12-31', '2025-01-01', '2025-03-15', '2025-06-30', '2025-07-01', '2026-01-01'];
const DATES = ['2025-07-01', '2025-03', '2025', '2024~', '2025-03-15/2025-07-01', '2024-12-31'];
const WORDS = ['truce', 'prisoners', 'exchange', 'peace', 'talks', 'war', 'ceased', 'ceasing'];
/** Forms of words of several languages, some of them too common in one of these. */
const FOREIGN_WORDS = [
  'Regierungen',
  'will',
  'war',
  'Путина',
  'мир',
  'négociées',
  'été',
  'or',
  'talks',
  'переговорів',
];
const LANGUAGES = ['de', 'ru-RU', 'fr', 'uk', 'en', 'und', 'xx', undefined];
const SEARCHES = [
  ...[
    'truce',
    '"peace talks"',
    'war or truce',
    '-war',
    '\u2011war',
    'peace - war',
    'ceasefire',
    'prisoner exchange',
    'the',
  ],
  ...[
    'Regierung',
    'will',
    '-Regierung',
    '-will',
    'Путин мир',
    'Путин or Regierung',
    '"will Regierung"',
    'négociation -été',
  ],
  ...['or', 'ete', 'talk', 'die will', '-talk', '«мир»', 'переговорів'],
];
const LINK_KINDS = Object.values(LinkKind).filter((kind) => kind !== 'SHIFTS_FROM'); // needs the same speaker
const sentence = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 })
  .map((words) => words.join(' '));
const foreign = fc
  .array(fc.constantFrom(...FOREIGN_WORDS), { minLength: 1, maxLength: 6 })
  .map((words) => `«${words.join('—')}»`);

/** Texts of the sources that the record keeps, in the words that are searched for. Most spans have some of them. */
const KEPT = {
  'first-source': 'Peace talks on the exchange of prisoners; a truce, they said.',
  'second-source': 'Die Regierungen will have «мир» and переговорів with Путина; négociées, été.',
};
const spans = fc
  .array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 20 })), { maxLength: 2 })
  .map((places) => places.map(([start, length]) => ({ start, end: start + length })));
const anchorsIn = (source: keyof typeof KEPT, places: readonly { start: number; end: number }[]) =>
  places.map((place) => ({ ...place, digest: sha256(KEPT[source].slice(place.start, place.end)) }));

/** Anna, Boris and Clara belong to states, and hold offices, on some of the days. */
const ARCADIA = { slug: 'arcadia', name: 'Arcadia', kind: 'STATE' };
const PEOPLE = [
  ARCADIA,
  { ...ARCADIA, slug: 'borduria' },
  { slug: 'palace', name: 'Palace', kind: 'BODY', affiliations: [{ in: 'arcadia', role: 'Office' }] },
  {
    slug: 'anna',
    name: 'Anna',
    kind: 'PERSON',
    affiliations: [
      { in: 'palace', role: 'President', to: '2025-03-15' },
      { in: 'borduria', role: 'Президент', from: '2025-06-30' },
    ],
  },
  { slug: 'boris', name: 'Boris', kind: 'PERSON', affiliations: [{ in: 'borduria', role: 'PRESIDENT' }] },
];
const ACTORS = [...WORLD.actors, 'arcadia', 'borduria', 'palace'];
/** Statements that others link to, which are no part of the comparison: a link to a statement is no change of it. */
const LINKED = ['linked-0', 'linked-1'];

const statement = fc
  .record({
    text: fc.oneof({ weight: 3, arbitrary: sentence }, foreign),
    quote: fc.option(fc.oneof(sentence, foreign), { nil: undefined }),
    language: fc.constantFrom(...LANGUAGES),
    mode: fc.constantFrom(...Object.values(StatementMode)),
    act: fc.constantFrom(...Object.values(StatementAct)),
    speakers: fc.uniqueArray(fc.constantFrom(...ACTORS), { maxLength: 3 }),
    mentions: some(['a source', 'the president', 'they'], 2).chain((texts) =>
      fc.tuple(
        ...texts.map((as) =>
          fc.option(fc.constantFrom(...ACTORS), { nil: undefined }).map((actor) => ({ as, actor })),
        ),
      ),
    ),
    coder: fc.constantFrom(undefined, ...CODERS),
    confidence: fc.constantFrom(undefined, 0, 0.3, 0.85, 1),
    addressees: some(ACTORS, 2),
    onBehalfOf: some(['arcadia', 'borduria'], 1),
    links: some(LINKED, 2).chain((targets) =>
      fc.tuple(...targets.map((to) => fc.constantFrom(...LINK_KINDS).map((kind) => ({ to, kind })))),
    ),
    attribution: some(ACTORS, 2).map((actors) => actors.map((actor) => ({ actor, form: 'REPORT' }))),
    topics: some(WORLD.topics).chain((topics) =>
      fc.tuple(
        ...topics.map((topic) =>
          fc
            .option(fc.constantFrom(...Object.values(Stance)), { nil: undefined })
            .map((stance) => ({ topic, ...(topic !== 'trade' && { stance }) })),
        ),
      ),
    ),
    events: some(WORLD.events),
    source: fc.constantFrom(...WORLD.sources),
    said: fc.constantFrom(...DATES),
    spans,
  })
  .map(({ spans, ...fields }) =>
    statementInput({
      ...fields,
      anchors: anchorsIn(fields.source, spans),
      quote: fields.quote ?? (fields.mode === 'DIRECT' ? 'War' : undefined),
      ...(fields.speakers.length + fields.mentions.length === 0 && { mentions: [{ as: 'no one' }] }),
    }),
  );

const VOCABULARY: Vocabulary = {
  actors: fc.constantFrom(...ACTORS, 'unknown'),
  roles: ['president', 'ПРЕЗИДЕНТ', 'Office', 'Pope'],
  topics: fc.constantFrom(...WORLD.topics, 'unknown'),
  sources: fc.constantFrom(...WORLD.sources, 'unknown'),
  events: fc.constantFrom(...WORLD.events, 'unknown'),
  collections: fc.constantFrom('first-batch', 'second-batch', 'unknown'),
  days: DAYS,
  searches: SEARCHES,
};
const filter = fc.oneof(
  ...[1, 2, 3].map((depth) => filters(VOCABULARY, depth, { minLength: 1, maxLength: 3 })),
);

let test: TestDatabase;
let recorded: Recorded[];

/** Facets of every statement as it was added, and as it stands. */
async function readFacets(): Promise<{ id: number; added: Facets; now: Facets }[]> {
  const { rows } = await test.db.pool.query<{ id: number; changes: FacetsChange[] }>(
    `SELECT statement_id AS id, array_agg(facets ORDER BY change.position) AS changes
     FROM change JOIN statement ON statement.id = statement_id WHERE slug <> ALL ($1) GROUP BY 1`,
    [LINKED],
  );
  return rows.map(({ id, changes }) => ({
    id,
    added: (changes[0] as FacetsChange).after,
    now: (changes.at(-1) as FacetsChange).after,
  }));
}

async function idsBySql(given: StatementFilterInput): Promise<number[]> {
  const parameters = new SqlParameters(await new SearchLanguages().load(test.db));
  const where = toSql(parseFilter(given), parameters);
  const { rows } = await test.db.pool.query<{ id: number }>(
    `SELECT s.id FROM statement s WHERE ${where} AND s.slug <> ALL (${parameters.add(LINKED)}) ORDER BY s.id`,
    parameters.values,
  );
  return rows.map(({ id }) => id);
}

interface Item {
  readonly id: number;
  readonly facets: Facets;
}

async function idsByMatcher(
  given: StatementFilterInput,
  items: readonly Item[],
): Promise<{ ids: number[]; missedByMarks: number[] }> {
  const catalog = new Catalog();
  const loaders = new MatchLoaders(test.db, catalog);
  const condition = parseFilter(given);
  const names = await loaders.prepare(condition);
  const matcher = makeMatcher(condition, names);
  const marks = requiredMarks(condition, names);
  const facets = items.map(({ id, facets }) => ({ id, facets: catalog.tree.withLineage(facets) }));
  const decide = async ({ id, facets: item }: (typeof facets)[number]): Promise<boolean> => {
    const { found } = await loaders.search(item, searchesOf(condition), id);
    const verdict = matcher(item, found);
    expect([null, verdict]).toContain(matcher(item, null)); // what is decided without a search stays so
    return verdict === true;
  };
  const met = await Promise.all(facets.map(decide));
  const matching = facets.filter((_, i) => met[i]);
  return {
    ids: matching.map(({ id }) => id).sort((a, b) => a - b),
    missedByMarks: matching
      .filter((item) => marks && !marksOf(item.facets).some((mark) => marks.includes(mark)))
      .map(({ id }) => id),
  };
}

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  await test.db.prisma.$transaction(async (tx) => {
    for (const actor of PEOPLE) await saveActor(tx, actor, 'test');
  });
  const texts = [
    { slug: 'first-source', text: KEPT['first-source'] },
    { slug: 'second-source', text: KEPT['second-source'], language: 'ru' },
  ];
  await test.db.prisma.$transaction((tx) => saveSources(tx, texts, 'test'));
  const linked = LINKED.map((slug) => statementInput({ slug, said: '2024~' }));
  await recordStatements(test.db.prisma, linked, 'test');
  const inputs = fc.sample(statement, { numRuns: 60, seed: 7 });
  recorded = await recordStatements(test.db.prisma, inputs.slice(0, 20), 'test');
  for (const [i, slug] of ['first-batch', 'second-batch'].entries()) {
    const { id: collection } = await test.db.prisma.$transaction((tx) =>
      saveCollection(tx, { slug, title: slug }, 'test'),
    );
    const list = inputs.slice(20 + 20 * i, 40 + 20 * i);
    recorded.push(...(await recordStatements(test.db.prisma, list, 'test', { collection })));
  }
});
afterAll(() => test.drop());

describe('the matcher', () => {
  it('decides on statements as they were added just as the query does', async () => {
    const facets = (await readFacets()).map(({ id, added }) => ({ id, facets: added }));
    let matches = 0;
    await fc.assert(
      fc.asyncProperty(filter, async (given) => {
        const [bySql, byMatcher] = await Promise.all([idsBySql(given), idsByMatcher(given, facets)]);
        expect(byMatcher.ids).toEqual(bySql);
        expect(byMatcher.missedByMarks).toEqual([]);
        matches += bySql.length > 0 && bySql.length < facets.length ? 1 : 0;
      }),
      { numRuns: 250, seed: 3 },
    );
    expect(matches, 'filters that part the statements').toBeGreaterThan(25);
  });

  it.each(FILTER_FIELDS)('decides by %s alone just as the query does', async (field) => {
    const facets = (await readFacets()).map(({ id, added }) => ({ id, facets: added }));
    await fc.assert(
      fc.asyncProperty(valuesOf(field, VOCABULARY), fc.boolean(), async (value, inverted) => {
        const given = inverted ? { not: { [field]: value } } : { [field]: value };
        const [bySql, byMatcher] = await Promise.all([idsBySql(given), idsByMatcher(given, facets)]);
        expect(byMatcher.ids).toEqual(bySql);
        expect(byMatcher.missedByMarks).toEqual([]);
      }),
      { numRuns: 15, seed: 2 },
    );
  });

  it('decides on many conditions, which the query looks up together, just as the query does', async () => {
    const facets = (await readFacets()).map(({ id, added }) => ({ id, facets: added }));
    const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
    const alternative = filters(VOCABULARY, 1, { minLength: 2, maxLength: 3 }).filter(
      (given) => !Object.values(given).some(isEmpty),
    );
    const many = fc
      .tuple(fc.array(alternative, { minLength: 5, maxLength: 8 }), fc.boolean(), alternative)
      .map(([any, negated, not]): StatementFilterInput => (negated ? { not: { any } } : { any, not }));
    let large = 0;
    await fc.assert(
      fc.asyncProperty(many, async (given) => {
        const [bySql, byMatcher] = await Promise.all([idsBySql(given), idsByMatcher(given, facets)]);
        expect(byMatcher.ids).toEqual(bySql);
        const parted = bySql.length > 0 && bySql.length < facets.length;
        large += countConditions(parseFilter(given)) > 10 && parted ? 1 : 0;
      }),
      { numRuns: 80, seed: 4 },
    );
    expect(large, 'filters of many conditions that part the statements').toBeGreaterThan(15);
  });

  it('decides on revised and retracted statements just as the query does', async () => {
    const revisions = fc.sample(statement, { numRuns: 30, seed: 11 });
    for (const [i, input] of revisions.entries()) {
      const id = recorded[i * 2]?.id as number;
      const { slug: _slug, key: _key, ...changes } = input;
      const emptied = {
        quote: null,
        addressees: [],
        onBehalfOf: [],
        links: [],
        attribution: [],
        topics: [],
        events: [],
      };
      await test.db.prisma.$transaction(async (tx) => {
        await reviseStatement(tx, id, { ...emptied, ...changes }, null, 'test');
        if (i % 3 === 0) await retractStatement(tx, id, 'It was never said.', 'test');
      });
    }
    const facets = (await readFacets()).map(({ id, now }) => ({ id, facets: now }));
    await fc.assert(
      fc.asyncProperty(filter, async (given) => {
        const [bySql, byMatcher] = await Promise.all([idsBySql(given), idsByMatcher(given, facets)]);
        expect(byMatcher.ids).toEqual(bySql);
        expect(byMatcher.missedByMarks).toEqual([]);
      }),
      { numRuns: 150, seed: 5 },
    );
  });
});
