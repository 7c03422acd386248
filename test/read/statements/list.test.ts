import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../../src/read/page.ts';
import type { TestDatabase } from '../../support/database.ts';
import { recordSql, type TestGraphql } from '../../support/graphql.ts';
import { makeRandomRecord } from '../../support/randomRecord.ts';
import { useGraphql } from '../../support/useGraphql.ts';
import { PAGE_FIELDS, type Page, pageReader, type ReadPage, walk } from '../../support/walk.ts';

let test: TestDatabase;
let graphql: TestGraphql;

useGraphql(
  (db) => makeRandomRecord(db, { seed: 4, length: 120 }),
  (used) => {
    ({ test, graphql } = used);
  },
);

const VARIABLES =
  '$filter: StatementFilter, $orderBy: StatementOrder, $first: Int, $after: String, $last: Int, $before: String';
const ARGUMENTS =
  'filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before';
const STATEMENTS = `query (${VARIABLES}) { statements(${ARGUMENTS}) { ${PAGE_FIELDS} } }`;

const nested = (field: string) =>
  `query (${VARIABLES}) { ${field} { statements(${ARGUMENTS}) { ${PAGE_FIELDS} } } }`;
const ofParent =
  (field: string) =>
  (data: Record<string, { statements: Page }>): Page =>
    (data[field] as { statements: Page }).statements;

const ORDERS = ['SAID_ON_DESC', 'SAID_ON_ASC', 'RECORDED_DESC', 'RELEVANCE'];
const SEARCH = { search: 'sentence' };

/** Every list of statements, in every order, with a filter that drives it another way each. */
const LISTS: [string, () => ReadPage][] = [
  ...ORDERS.map((orderBy): [string, () => ReadPage] => [
    `all statements by ${orderBy}`,
    () => pageReader(graphql, STATEMENTS, ofList, { orderBy, filter: SEARCH }),
  ]),
  ...[
    { speakers: ['actor-1', 'actor-2'] },
    { attributedTo: ['actor-1', 'actor-2'] },
    { topics: ['topic-0'] },
    { events: ['event-1', 'event-2'], saidFrom: '2025-06-15', saidTo: '2025-07-01' },
    { includeRetracted: true },
  ].flatMap((filter) =>
    ['SAID_ON_DESC', 'SAID_ON_ASC'].map((orderBy): [string, () => ReadPage] => [
      `statements with ${JSON.stringify(filter)} by ${orderBy}`,
      () => pageReader(graphql, STATEMENTS, ofList, { orderBy, filter }),
    ]),
  ),
  ...['actor', 'topic', 'source', 'event'].flatMap((noun) =>
    ['SAID_ON_DESC', 'RELEVANCE'].map((orderBy): [string, () => ReadPage] => [
      `the statements of one ${noun} by ${orderBy}`,
      () =>
        pageReader(graphql, nested(`${noun}(slug: "${noun}-1")`), ofParent(noun), {
          orderBy,
          filter: SEARCH,
        }),
    ]),
  ),
];
function ofList(data: { statements: Page }): Page {
  return data.statements;
}

describe.each(LISTS)('%s', (_, makeReader) => {
  it('can be read in pages of any size, both ways, without a repeat or a gap', async () => {
    const read = makeReader();
    const whole = await walk(read, PAGE_SIZE_MAX, 'forward');
    expect(whole.length).toBeGreaterThan(8);
    expect(new Set(whole).size).toBe(whole.length);
    for (const size of [7, whole.length, whole.length + 1].filter((n) => n <= PAGE_SIZE_MAX)) {
      expect(await walk(read, size, 'forward'), `pages of ${size}`).toEqual(whole);
      expect(await walk(read, size, 'backward'), `pages of ${size} from the end`).toEqual(whole);
    }
  });

  it('gives what slicing the whole list gives, between any two cursors', async () => {
    const read = makeReader();
    const cursors: string[] = [];
    const whole: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: Page = await read({ first: PAGE_SIZE_MAX, after });
      whole.push(...page.nodes.map(({ slug }) => slug));
      cursors.push(...page.edges.map(({ cursor }) => cursor));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    const place = fc.option(fc.nat(whole.length - 1));
    await fc.assert(
      fc.asyncProperty(
        place,
        place,
        fc.integer({ min: 0, max: 12 }),
        fc.boolean(),
        async (a, b, size, fromEnd) => {
          const [after, before] = [
            a === null ? null : (cursors[a] ?? null),
            b === null ? null : (cursors[b] ?? null),
          ];
          const page = await read({ ...(fromEnd ? { last: size } : { first: size }), after, before });
          const within = whole.slice(a === null ? 0 : a + 1, b ?? whole.length);
          const wanted = fromEnd ? (size === 0 ? [] : within.slice(-size)) : within.slice(0, size);
          expect(page.nodes.map(({ slug }) => slug)).toEqual(wanted);
          expect(page.edges.map(({ node }) => node.slug)).toEqual(wanted);
          expect(page.pageInfo.startCursor).toBe(page.edges[0]?.cursor ?? null);
          expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null);
          if (fromEnd) {
            expect(page.pageInfo.hasPreviousPage).toBe(within.length > wanted.length);
            expect(page.pageInfo.hasNextPage).toBe(before !== null);
          } else {
            expect(page.pageInfo.hasNextPage).toBe(within.length > wanted.length);
            expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
          }
        },
      ),
      { numRuns: 12, seed: 7 },
    );
  });
});

describe('a page', () => {
  it(`has ${PAGE_SIZE_DEFAULT} items where no size is given`, async () => {
    expect((await pageReader(graphql, STATEMENTS, ofList)({})).nodes).toHaveLength(PAGE_SIZE_DEFAULT);
  });

  it('goes on at a cursor under another filter, from the same place in the order', async () => {
    const read = pageReader(graphql, STATEMENTS, ofList);
    const { pageInfo } = await read({ first: 40 });
    const rest = (await read({ first: 100, after: pageInfo.endCursor })).nodes.map(({ slug }) => slug);
    expect(rest.length).toBeLessThan(100);
    const filtered = pageReader(graphql, STATEMENTS, ofList, { filter: { modes: ['MIXED'] } });
    const mixed = await walk(filtered, 100, 'forward');
    const after = (await filtered({ first: 100, after: pageInfo.endCursor })).nodes.map(({ slug }) => slug);
    expect(after).toEqual(mixed.filter((slug) => rest.includes(slug)));
  });

  it('is the same for every actor of a list as for that actor alone', async () => {
    const query = (field: string) =>
      `{ ${field} { nodes { slug statements(first: 4, orderBy: SAID_ON_ASC) { ${PAGE_FIELDS} totalCount } } } }`;
    type Actors = { actors: { nodes: { slug: string; statements: Page }[] } };
    const { actors } = await graphql.data<Actors>(query('actors(first: 10)'));
    expect(actors.nodes).toHaveLength(10);
    for (const { slug, statements } of actors.nodes) {
      const alone = await graphql.data<{ actor: { statements: Page } }>(
        `{ actor(slug: "${slug}") { statements(first: 4, orderBy: SAID_ON_ASC) { ${PAGE_FIELDS} totalCount } } }`,
      );
      expect(statements, slug).toEqual(alone.actor.statements);
    }
  });

  it('has what aliases of the same list with other arguments ask for', async () => {
    const data = await graphql.data<{
      actor: Record<'one' | 'two' | 'three', Page & { totalCount: number }>;
    }>(
      `{ actor(slug: "actor-1") {
        one: statements(first: 2) { ${PAGE_FIELDS} totalCount }
        two: statements(first: 3) { ${PAGE_FIELDS} totalCount }
        three: statements(first: 2, filter: { includeRetracted: true }) { ${PAGE_FIELDS} totalCount }
      } }`,
    );
    const { one, two, three } = data.actor;
    expect(two.nodes.slice(0, 2)).toEqual(one.nodes);
    expect(two.totalCount).toBe(one.totalCount);
    expect(three.totalCount).toBeGreaterThan(one.totalCount);
  });
});

describe('totalCount', () => {
  const counting = (sql: readonly string[]) => sql.filter((text) => /count\(/i.test(text)).length;

  it.each([
    ['statements', ''],
    ['actors { nodes { statements', ' } }'],
    ['topic(slug: "topic-0") { statements', ' }'],
  ])('of %s is counted only where it is asked for, with one SQL statement', async (field, end) => {
    const sql = recordSql(test.db);
    await graphql.data(`{ ${field} { nodes { slug } }${end} }`);
    expect(counting(sql)).toBe(0);
    await graphql.data(`{ ${field} { totalCount }${end} }`);
    expect(counting(sql)).toBe(1);
  });

  it('does not depend on the page', async () => {
    const query = 'query ($first: Int) { statements(first: $first) { totalCount } }';
    const counts = await Promise.all(
      [0, 1, 100].map((first) => graphql.data<{ statements: { totalCount: number } }>(query, { first })),
    );
    expect(new Set(counts.map(({ statements }) => statements.totalCount)).size).toBe(1);
  });
});

describe('refusing', () => {
  const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

  it.each([
    ['a negative “first”', { first: -1 }, 'INVALID_INPUT', 'first'],
    ['a negative “last”', { last: -1 }, 'INVALID_INPUT', 'last'],
    ['“first” and “last” together', { first: 1, last: 1 }, 'INVALID_INPUT', 'last'],
    ['a “first” that is too large', { first: PAGE_SIZE_MAX + 1 }, 'LIMIT_EXCEEDED', 'first'],
    ['a “last” that is too large', { last: 2 ** 31 - 1 }, 'LIMIT_EXCEEDED', 'last'],
    ['a cursor that is none', { after: 'nonsense' }, 'INVALID_INPUT', 'after'],
    ['an empty cursor', { before: '' }, 'INVALID_INPUT', 'before'],
    ['a cursor with a NUL', { after: '\0' }, 'INVALID_INPUT', 'after'],
    [
      'a cursor that is JSON of another kind',
      { after: Buffer.from('{}').toString('base64url') },
      'INVALID_INPUT',
      'after',
    ],
    [
      'a cursor of another order',
      { after: cursor('SAID_ON_ASC', '2025-07-01', 1) },
      'INVALID_INPUT',
      'after',
    ],
    ['a cursor of another list', { after: cursor('NAME', 'x', 1) }, 'INVALID_INPUT', 'after'],
    [
      'a cursor with too few keys',
      { before: cursor('SAID_ON_DESC', '2025-07-01') },
      'INVALID_INPUT',
      'before',
    ],
    [
      'a cursor with too many keys',
      { before: cursor('SAID_ON_DESC', '2025-07-01', 1, 1) },
      'INVALID_INPUT',
      'before',
    ],
    [
      'a cursor with a day that is none',
      { after: cursor('SAID_ON_DESC', '2025-02-30', 1) },
      'INVALID_INPUT',
      'after',
    ],
    [
      'a cursor with the year 0',
      { after: cursor('SAID_ON_DESC', '0000-01-01', 1) },
      'INVALID_INPUT',
      'after',
    ],
    [
      'a cursor with an id beyond all',
      { after: cursor('SAID_ON_DESC', '2025-07-01', 2 ** 31) },
      'INVALID_INPUT',
      'after',
    ],
    [
      'a cursor with half an id',
      { after: cursor('SAID_ON_DESC', '2025-07-01', 1.5) },
      'INVALID_INPUT',
      'after',
    ],
    [
      'a cursor with SQL in it',
      { after: cursor('SAID_ON_DESC', "2025-07-01'; --", 1) },
      'INVALID_INPUT',
      'after',
    ],
  ])('%s names the argument', async (_, page, code, argument) => {
    const { message, extensions } = await graphql.refusal(STATEMENTS, page);
    expect(extensions).toMatchObject({ code, inputPath: [argument] });
    expect(message).toContain(`“${argument}”`);
  });

  it.each([1e39, 1e300, 1e-300, -1, '0.5', null])(
    'a rank of %j in a cursor names the argument',
    async (rank) => {
      const variables = {
        orderBy: 'RELEVANCE',
        filter: SEARCH,
        after: cursor('RELEVANCE', rank, '2025-07-01', 1),
      };
      expect((await graphql.refusal(STATEMENTS, variables)).extensions).toMatchObject({
        inputPath: ['after'],
      });
    },
  );

  it('happens to nested lists and to other connections just as well', async () => {
    for (const list of ['actors', 'topics', 'sources', 'events', 'actor(slug: "actor-1") { statements']) {
      const end = list.includes('{') ? ' }' : '';
      for (const [page, argument] of [
        ['first: -1', 'first'],
        ['last: 101', 'last'],
        ['first: 1, last: 1', 'last'],
        ['after: "x"', 'after'],
        [`before: "${cursor('NAME', '\0', 1)}"`, 'before'],
      ]) {
        const refusal = await graphql.refusal(`{ ${list}(${page}) { nodes { slug } }${end} }`);
        expect(refusal.extensions, `${list}(${page})`).toMatchObject({ inputPath: [argument] });
      }
    }
  });
});
