import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/client.ts';
import { recordStatements } from '../../src/domain/statement/record/record.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestGraphql, recordSql } from '../support/graphql.ts';
import { makeRandomRecord } from '../support/randomRecord.ts';
import { makeWorld, statementInput } from '../support/world.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  const nouns = { actors: 24, topics: 24, sources: 24, events: 24, collections: 2 };
  await makeRandomRecord(test.db, { seed: 11, length: 300, nouns });
});
afterAll(() => test.drop());

const STATEMENT = `
  id slug text quote language mode act status position recordedAt recordedBy
  said { edtf earliest latest }
  speakers { name } addressees { name } givers { name }
  attribution { actor { name } form }
  topics { topic { name } stance }
  events { name } source { title } anchors { start end digest exact }
  retraction { reason at by } revisions { number text } revisionCount
  links { kind statement { slug } } linkedFrom { kind statement { slug } } linkedFromCount`;
const ACTOR = `
  name kind description aliases { name metonym } affiliations { role in { name } } members { role actor { name } }
  memberCount positionCount positions { stance since { edtf } topic { name } statement { slug } shiftedFrom { slug } shiftedTo { slug } }`;
const TOPIC =
  'name proposition parent { name } childCount children { name } positionCount positions { stance actor { name } statement { slug } }';
const EVENT = `
  name kind date { edtf } participants { name }
  participantCount accountCount accounts { side { name } statementCount statements { slug } }
  comparisonRowCount comparison { verdict topic { name } cells { stance side { name } statements { slug } } }`;
const SOURCE = 'title digest text publisher { name }';

/** Below each thing, what it leads to, and below that once more. */
const DEEP_STATEMENT = `${STATEMENT}
  speakers { ${ACTOR} affiliations { in { ${ACTOR} members { actor { aliases { name } } } } } }
  topics { topic { ${TOPIC} parent { ${TOPIC} parent { name } } children { children { name } } } }
  events { ${EVENT} participants { ${ACTOR} } }
  source { ${SOURCE} publisher { ${ACTOR} } }
  links { statement { ${STATEMENT} links { statement { ${STATEMENT} speakers { aliases { name } } } } } }`;

/** The lists of the schema, each with everything below its items; SQL statements that reading it may take at most. */
const LISTS: [string, (page: string) => string, number][] = [
  ['statements', (page) => `statements(${page}) { totalCount nodes { ${STATEMENT} } }`, 22],
  ['statements by edges', (page) => `statements(${page}) { edges { cursor node { ${STATEMENT} } } }`, 22],
  ['statements, three levels deep', (page) => `statements(${page}) { nodes { ${DEEP_STATEMENT} } }`, 105],
  [
    'statements by a filter',
    (page) =>
      `statements(${page}, filter: { topics: ["topic-0"], any: [{ modes: [DIRECT] }, { speakers: ["actor-1"] }] }) { nodes { ${STATEMENT} } }`,
    22,
  ],
  [
    'statements by relevance',
    (page) =>
      `statements(${page}, filter: { search: "sentence" }, orderBy: RELEVANCE) { nodes { ${STATEMENT} } }`,
    22,
  ],
  ['actors', (page) => `actors(${page}) { nodes { ${ACTOR} } }`, 12],
  [
    'actors with their statements',
    (page) => `actors(${page}) { nodes { statements(first: 3) { totalCount nodes { ${STATEMENT} } } } }`,
    22,
  ],
  ['actors by name', (page) => `actors(${page}, search: "actor") { nodes { ${ACTOR} } }`, 14],
  ['topics', (page) => `topics(${page}) { nodes { ${TOPIC} } }`, 10],
  [
    'topics with their statements',
    (page) => `topics(${page}) { nodes { statements(first: 3) { totalCount nodes { ${STATEMENT} } } } }`,
    22,
  ],
  [
    'topics and those below them',
    (page) => `topics(${page}) { nodes { children { children { children { ${TOPIC} } } } } }`,
    12,
  ],
  ['events', (page) => `events(${page}) { nodes { ${EVENT} } }`, 15],
  [
    'events with their statements',
    (page) => `events(${page}) { nodes { statements(first: 3) { totalCount nodes { ${STATEMENT} } } } }`,
    22,
  ],
  ['sources', (page) => `sources(${page}) { nodes { ${SOURCE} publisher { ${ACTOR} } } }`, 14],
  [
    'sources with their statements',
    (page) => `sources(${page}) { nodes { statements(first: 3) { totalCount nodes { ${STATEMENT} } } } }`,
    22,
  ],
];

/** Number of SQL statements that an operation takes in a service that has read nothing yet. */
const countSql = async (query: string, db?: Database): Promise<number> => (await sqlOf(query, db)).length;

/** Their texts. */
async function sqlOf(query: string, db: Database = test.db): Promise<string[]> {
  const graphql = await createTestGraphql(db);
  try {
    const sql = recordSql(db);
    await graphql.data(query);
    return sql;
  } finally {
    await graphql.stop();
  }
}

describe('the SQL statements for a page of', () => {
  it.each(LISTS)('%s do not grow with its length', async (_, list, countMax) => {
    const few = await countSql(`{ ${list('first: 6')} }`);
    const many = await countSql(`{ ${list('first: 20')} }`);
    expect(many).toBeLessThanOrEqual(few + 2);
    expect(many).toBeLessThanOrEqual(countMax);
  });

  it('events is one for as many statements as are compared together, and another one beyond', async () => {
    const own = await createTestDatabase({ seeded: false });
    await makeWorld(own.db.prisma);
    const about = (events: string[], length: number) =>
      recordStatements(
        own.db.prisma,
        Array.from({ length }, () => statementInput({ events })),
        'test',
      );
    await about(['talks', 'summit'], 10);
    const query = '{ events { nodes { accounts { side { name } } } } }';
    const few = await countSql(query, own.db);
    for (let i = 0; i < 6; i += 1) await about(['talks', 'summit'], 500);
    expect(await countSql(query, own.db)).toBe(few + 1);
    await own.drop();
  });

  it('that are only counted is one, without a page', async () => {
    expect(await countSql('{ statements { totalCount again: totalCount } }')).toBe(1);
    const texts = await sqlOf('{ actors(first: 20) { nodes { statements { totalCount } } } }');
    expect(texts.filter((text) => text.includes('statement_speaker'))).toHaveLength(1);
  });

  it('nodes do not grow with their number', async () => {
    const graphql = await createTestGraphql(test.db);
    const { statements } = await graphql.data<{ statements: { nodes: { id: string }[] } }>(
      '{ statements(first: 40) { nodes { id } } }',
    );
    await graphql.stop();
    const ids = statements.nodes.map(({ id }) => JSON.stringify(id));
    const query = (count: number) =>
      `{ nodes(ids: [${ids.slice(0, count).join(', ')}]) { ... on Statement { ${STATEMENT} } } }`;
    const many = await countSql(query(40));
    expect(many).toBeLessThanOrEqual((await countSql(query(10))) + 2);
    expect(many).toBeLessThanOrEqual(22);
  });
});
