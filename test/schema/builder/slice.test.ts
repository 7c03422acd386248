import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topicInput } from '../../../src/domain/input/noun.ts';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { reviseStatement } from '../../../src/domain/statement/revise.ts';
import { LIST_OFFSET_MAX } from '../../../src/read/slice.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, recordSql, type TestGraphql } from '../../support/graphql.ts';
import { saveActor, saveEvent, saveSource, saveTopic } from '../../support/saves.ts';

/** More than a list shows where no number is given, so that every list of the test is cut. */
const LENGTH = 105;
const padded = (i: number): string => String(i).padStart(3, '0');

let test: TestDatabase;
let graphql: TestGraphql;

/**
 * A record in which each list has `LENGTH` items: the members and positions of `state`, the topics below `root` and the
 * positions on it, the links to `target` and its revisions, and the statements and topics of `meeting`.
 */
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  const { prisma } = test.db;
  const numbers = Array.from({ length: LENGTH }, (_, i) => i);
  await prisma.$transaction(
    async (tx) => {
      await saveSource(tx, { slug: 'source', title: 'Source' }, 'test');
      for (const slug of ['state', 'other']) {
        await saveActor(tx, { slug, name: slug, kind: 'STATE' }, 'test');
      }
      await saveTopic(
        tx,
        topicInput.parse({ slug: 'root', name: 'Root', proposition: 'Let it be.' }),
        'test',
      );
      for (const i of numbers) {
        const affiliations = [{ in: 'state', role: `Role ${padded(i)}` }];
        const actor = {
          slug: `member-${padded(i)}`,
          name: `Member ${padded(i)}`,
          kind: 'PERSON',
          affiliations,
        };
        await saveActor(tx, actor, 'test');
        // Names in the other direction than ids, so that the order is seen to be that of the names.
        const name = `Topic ${padded(LENGTH - 1 - i)}`;
        const topic = { slug: `topic-${padded(i)}`, name, parent: 'root', proposition: 'P.' };
        await saveTopic(tx, topic, 'test');
      }
      const event = {
        slug: 'meeting',
        name: 'Meeting',
        kind: 'MEETING',
        date: '2025-01-01',
        participants: ['state', 'other'],
      };
      await saveEvent(tx, event, 'test');
    },
    { timeout: 60_000 },
  );
  const say = (fields: Record<string, unknown>) => ({
    text: 'They said something.',
    mode: 'INDIRECT',
    act: 'STATE',
    speakers: ['state'],
    said: '2025-01-01',
    source: 'source',
    ...fields,
  });
  const day = (i: number) => new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10);
  const [target] = await recordStatements(prisma, [say({ slug: 'target', said: '2020' })], 'test');
  await recordStatements(
    prisma,
    numbers.flatMap((i) => [
      say({
        slug: `stands-${padded(i)}`,
        said: day(i),
        topics: [{ topic: `topic-${padded(i)}`, stance: 'SUPPORTS' }],
        events: ['meeting'],
        links: [{ to: 'target', kind: i % 2 === 0 ? 'REPLIES_TO' : 'ECHOES' }],
      }),
      say({
        slug: `stood-on-${padded(i)}`,
        said: day(i),
        speakers: [`member-${padded(i)}`],
        topics: [{ topic: 'root', stance: 'OPPOSES' }],
      }),
    ]),
    'test',
  );
  for (const i of numbers) {
    const changes = { text: `Version ${padded(i + 1)}.` };
    await prisma.$transaction((tx) => reviseStatement(tx, target?.id as number, changes, null, 'test'));
  }
  await test.db.pool.query('ANALYZE');
  graphql = await createTestGraphql(test.db);
});
afterAll(async () => {
  await graphql.stop();
  await test.drop();
});

interface List {
  readonly name: string;
  /** The operation around the list. */
  readonly within: (list: string) => string;
  readonly field: string;
  readonly count: string;
  /** What an item shows, and how the shown text is got of it. */
  readonly item: string;
  readonly sizeDefault: number;
  /** The shown texts of the whole list, in its order. */
  readonly whole: () => string[];
}

const numbers = Array.from({ length: LENGTH }, (_, i) => i);
const reversed = [...numbers].reverse();

const LISTS: List[] = [
  {
    name: 'Actor.members',
    within: (list) => `{ actor(slug: "state") { ${list} } }`,
    field: 'members',
    count: 'memberCount',
    item: 'actor { slug }',
    sizeDefault: 100,
    whole: () => numbers.map((i) => `member-${padded(i)}`),
  },
  {
    name: 'Actor.positions',
    within: (list) => `{ actor(slug: "state") { ${list} } }`,
    field: 'positions',
    count: 'positionCount',
    item: 'topic { slug }',
    sizeDefault: 100,
    whole: () => reversed.map((i) => `topic-${padded(i)}`),
  },
  {
    name: 'Topic.children',
    within: (list) => `{ topic(slug: "root") { ${list} } }`,
    field: 'children',
    count: 'childCount',
    item: 'slug',
    sizeDefault: 100,
    whole: () => reversed.map((i) => `topic-${padded(i)}`),
  },
  {
    name: 'Topic.positions',
    within: (list) => `{ topic(slug: "root") { ${list} } }`,
    field: 'positions',
    count: 'positionCount',
    item: 'actor { slug }',
    sizeDefault: 100,
    whole: () => reversed.map((i) => `member-${padded(i)}`),
  },
  {
    name: 'Statement.linkedFrom',
    within: (list) => `{ statement(slug: "target") { ${list} } }`,
    field: 'linkedFrom',
    count: 'linkedFromCount',
    item: 'statement { slug }',
    sizeDefault: 100,
    whole: () =>
      [1, 0].flatMap((odd) => numbers.filter((i) => i % 2 === odd).map((i) => `stands-${padded(i)}`)),
  },
  {
    name: 'Statement.revisions',
    within: (list) => `{ statement(slug: "target") { ${list} } }`,
    field: 'revisions',
    count: 'revisionCount',
    item: 'text',
    sizeDefault: 100,
    whole: () => reversed.map((i) => (i === 0 ? 'They said something.' : `Version ${padded(i)}.`)),
  },
  {
    name: 'Event.comparison',
    within: (list) => `{ event(slug: "meeting") { ${list} } }`,
    field: 'comparison',
    count: 'comparisonRowCount',
    item: 'topic { slug }',
    sizeDefault: 100,
    whole: () => ['root', ...reversed.map((i) => `topic-${padded(i)}`)],
  },
  {
    name: 'Account.statements',
    within: (list) => `{ event(slug: "meeting") { accounts { ${list} } } }`,
    field: 'statements',
    count: 'statementCount',
    item: 'slug',
    sizeDefault: 20,
    whole: () => numbers.map((i) => `stands-${padded(i)}`),
  },
  {
    name: 'ComparisonCell.statements',
    within: (list) => `{ event(slug: "meeting") { comparison(first: 1) { cells { ${list} } } } }`,
    field: 'statements',
    count: 'statementCount',
    item: 'slug',
    sizeDefault: 20,
    whole: () => numbers.map((i) => `stands-${padded(i)}`),
  },
];

/** The innermost text of an item: `{ topic: { slug: 'x' } }` is x. */
function textOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null ? textOf(Object.values(item)[0]) : item;
}

/** The thing that has the list: the first one, where several of its kind do. */
function ownerOf(data: unknown, field: string): Record<string, unknown> {
  let owner = data as Record<string, unknown>;
  while (!(field in owner)) {
    const [inner] = Object.values(owner);
    owner = (Array.isArray(inner) ? inner[0] : inner) as Record<string, unknown>;
  }
  return owner;
}

async function read(list: List, args: string, count = ''): Promise<{ items: unknown[]; count: unknown }> {
  const data = await graphql.data(list.within(`${list.field}${args} { ${list.item} } ${count}`));
  const owner = ownerOf(data, list.field);
  return { items: (owner[list.field] as unknown[]).map(textOf), count: owner[list.count] };
}

describe.each(LISTS)('$name', (list) => {
  it('is cut at its default length, and its count is that of the whole list', async () => {
    const { items, count } = await read(list, '', list.count);
    expect(items).toEqual(list.whole().slice(0, list.sizeDefault));
    expect(count).toBe(list.whole().length);
  });

  it('takes null for the default', async () => {
    const { items } = await read(list, '(first: null, offset: null)');
    expect(items).toHaveLength(list.sizeDefault);
  });

  it('is read in parts that come to the whole list in its order', async () => {
    const parts = [0, 40, 80].map((offset) => read(list, `(first: 40, offset: ${offset})`));
    const items = (await Promise.all(parts)).flatMap((part) => part.items);
    expect(items).toEqual(list.whole());
  });

  it('is empty beyond its end, and for none', async () => {
    for (const args of ['(offset: 500)', `(offset: ${LIST_OFFSET_MAX})`, '(first: 0)']) {
      const { items, count } = await read(list, args, list.count);
      expect({ items, count }).toEqual({ items: [], count: list.whole().length });
    }
  });

  it.each([
    ['first: 101', 'first', { code: 'LIMIT_EXCEEDED', limit: 'PAGE_SIZE_MAX', max: 100 }],
    ['first: -1', 'first', { code: 'INVALID_INPUT' }],
    ['offset: 10001', 'offset', { code: 'LIMIT_EXCEEDED', limit: 'LIST_OFFSET_MAX', max: LIST_OFFSET_MAX }],
    ['offset: -1', 'offset', { code: 'INVALID_INPUT' }],
  ])('refuses %s and names the argument', async (args, name, extensions) => {
    const error = await graphql.refusal(list.within(`${list.field}(${args}) { ${list.item} }`));
    expect(error.extensions).toMatchObject({ ...extensions, inputPath: [name] });
  });
});

/** The SQL statements that an operation sends which are about these words. */
async function sqlOf(query: string, words: RegExp): Promise<string[]> {
  const sql = recordSql(test.db);
  await graphql.data(query);
  return sql.filter((text) => words.test(text));
}

describe('one SQL statement reads a part of', () => {
  it.each([
    ['members', '{ actors(first: 100) { nodes { members(first: 3) { role } } } }', /FROM affiliation/],
    ['their number', '{ actors(first: 100) { nodes { memberCount } } }', /FROM affiliation/],
    ['children', '{ topics(first: 100) { nodes { children(first: 3) { name } } } }', /WHERE parent_id/],
    ['their number', '{ topics(first: 100) { nodes { childCount } } }', /AND parent_id/],
    [
      'positions of actors',
      '{ actors(first: 100) { nodes { positions(first: 3) { stance } } } }',
      /stance IS NOT NULL/,
    ],
    ['their number', '{ actors(first: 100) { nodes { positionCount } } }', /stance IS NOT NULL/],
    [
      'positions on topics',
      '{ topics(first: 100) { nodes { positions(first: 3) { stance } } } }',
      /stance IS NOT NULL/,
    ],
    ['their number', '{ topics(first: 100) { nodes { positionCount } } }', /stance IS NOT NULL/],
    [
      'links',
      '{ statements(first: 100) { nodes { linkedFrom(first: 3) { kind } } } }',
      /FROM statement_link/,
    ],
    ['their number', '{ statements(first: 100) { nodes { linkedFromCount } } }', /FROM statement_link/],
    ['revisions', '{ statements(first: 100) { nodes { revisions(first: 3) { number } } } }', /FROM revision/],
    ['their number', '{ statements(first: 100) { nodes { revisionCount } } }', /FROM revision/],
  ])('%s for a hundred parents', async (_, query, words) => {
    expect(await sqlOf(query, words)).toHaveLength(1);
  });

  it('one for each of two pages of a list, and one for two fields with the same page', async () => {
    const members = (a: string, b: string) =>
      `{ actors(first: 100) { nodes { a: members(${a}) { role } b: members(${b}) { role } } } }`;
    expect(await sqlOf(members('first: 1', 'first: 2'), /FROM affiliation/)).toHaveLength(2);
    expect(await sqlOf(members('first: 2', 'first: 2'), /FROM affiliation/)).toHaveLength(1);
  });

  it('and reads no more rows than are asked for, whatever the length of the list', async () => {
    const rows: number[] = [];
    const { pool } = test.db;
    const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<{ rows: unknown[] }>;
    const counted = async (...args: unknown[]) => {
      const result = await query(...args);
      rows.push(result.rows.length);
      return result;
    };
    Object.assign(pool, { query: counted });
    try {
      await graphql.data(
        '{ topic(slug: "root") { children(first: 3) { name } positions(first: 3) { stance } } }',
      );
    } finally {
      Object.assign(pool, { query });
    }
    expect(Math.max(...rows)).toBeLessThanOrEqual(3);
  });
});

describe('the positions of an actor on certain topics', () => {
  const query = `query ($topics: [String!]) { actor(slug: "state") {
    positionCount(topics: $topics) positions(topics: $topics, first: 2) { topic { slug } } } }`;

  it('are cut and counted among these', async () => {
    const topics = ['topic-003', 'topic-001', 'topic-002', 'nothing', '\0'];
    expect(await graphql.data(query, { topics })).toEqual({
      actor: {
        positionCount: 3,
        positions: [{ topic: { slug: 'topic-003' } }, { topic: { slug: 'topic-002' } }],
      },
    });
  });

  it('may name a hundred', async () => {
    const topics = Array.from({ length: 101 }, (_, i) => `topic-${padded(i)}`);
    const error = await graphql.refusal(query, { topics });
    expect(error.extensions).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      inputPath: ['topics'],
      limit: 'FILTER_LIST_MAX',
      max: 100,
    });
  });
});
