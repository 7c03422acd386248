import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/domain/anchor.ts';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../../src/domain/statement/retract.ts';
import { reviseStatement } from '../../../src/domain/statement/revise.ts';
import { verifyDatabase } from '../../../src/verify/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, recordSql, type TestGraphql } from '../../support/graphql.ts';
import { saveActor, saveEvent } from '../../support/saves.ts';
import { makeWorld, record, statementInput, WORLD } from '../../support/world.ts';

let test: TestDatabase;
let graphql: TestGraphql;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  await test.db.prisma.$transaction(async (tx) => {
    for (const slug of ['arcadia', 'borduria'])
      await saveActor(tx, { slug, name: slug, kind: 'STATE' }, 'test');
    await saveEvent(
      tx,
      {
        slug: 'debate',
        name: 'Debate',
        kind: 'MEETING',
        date: '2025',
        participants: ['arcadia', 'borduria'],
      },
      'test',
    );
  });
  graphql = await createTestGraphql(test.db);
});
afterAll(async () => {
  await graphql.stop();
  await test.drop();
});

const span = (start: number, end: number, fields: object = {}) => ({
  start,
  end,
  digest: sha256(`${start} ${end}`),
  ...fields,
});
const revise = (id: number, changes: Record<string, unknown>) =>
  test.db.prisma.$transaction((tx) => reviseStatement(tx, id, changes, null, 'test'));
async function slugsOf(filter: object): Promise<string[]> {
  const { statements } = await graphql.data<{ statements: { nodes: { slug: string }[] } }>(
    'query ($filter: StatementFilter) { statements(filter: $filter, first: 100) { nodes { slug } } }',
    { filter },
  );
  return statements.nodes.map(({ slug }) => slug).sort();
}
/** What a refused input names, by path. */
async function faultsOf(fields: object): Promise<string[]> {
  const refused = await record(test.db, { ...fields }).catch((error) => error);
  return refused.details.faults.map(({ path, message }: { path: string[]; message: string }) =>
    `${path.slice(2).join('.')} ${message}`.trim(),
  );
}

describe('a statement', () => {
  it('takes the actors of its mentions for speakers, and tells which mention has none', async () => {
    const mentions = [{ as: 'The president', actor: 'anna' }, { as: 'her guest' }];
    const { warnings } = await record(test.db, { slug: 'mentioned', speakers: ['boris'], mentions });
    expect(warnings.map(({ code, path }) => [code, ...path])).toContainEqual([
      'UNRESOLVED_SPEAKER',
      'mentions',
      1,
    ]);
    const { statement } = await graphql.data<{ statement: object }>(
      '{ statement(slug: "mentioned") { speakers { slug } mentions { as actor { slug } } } }',
    );
    expect(statement).toEqual({
      speakers: [{ slug: 'boris' }, { slug: 'anna' }],
      mentions: [
        { as: 'The president', actor: { slug: 'anna' } },
        { as: 'her guest', actor: null },
      ],
    });
  });

  it('has the same digest with its mentioned speakers named, and is recorded once', async () => {
    const mentions = [{ as: 'The president', actor: 'anna' }];
    const first = await record(test.db, { key: 'once', speakers: undefined, mentions });
    const again = await record(test.db, { key: 'once', speakers: ['anna'], mentions });
    expect([first.created, again.created, again.id]).toEqual([true, false, first.id]);
    const plain = await record(test.db, { key: 'role', anchors: [span(0, 4)] });
    const named = await record(test.db, { key: 'role', anchors: [span(0, 4, { role: 'CONTENT' })] });
    expect(named.id).toBe(plain.id);
  });

  it('needs a speaker or a mention, a text or a quote, and anchors that say where', async () => {
    expect(await faultsOf({ speakers: [] })).toEqual([
      'speakers must have at least one item, unless mentions names the speaker as the source writes it',
    ]);
    expect(await faultsOf({ text: null })).toEqual(['text is required where there is no quote']);
    const anchors = [{ role: 'CUE' }, { start: 1, page: '2' }, { start: 1, end: 2 }, { page: '3' }];
    expect(await faultsOf({ anchors })).toEqual([
      'anchors.0 needs a start and an end, or a page, paragraph or time code',
      'anchors.1.end is required where there is a start',
      'anchors.2.digest is required where there is a start and an end',
    ]);
    expect(await faultsOf({ mentions: [{ as: 'x', actor: 'nobody' }] })).toEqual([
      'mentions.0.actor names the actor “nobody”, which the record does not have',
    ]);
  });

  it('without a text is found by the words of its quote, in their language too', async () => {
    await record(test.db, { slug: 'english', text: null, quote: 'Dolphins negotiated' });
    await record(test.db, { slug: 'german', text: null, quote: 'Die Regierungen schweigen', language: 'de' });
    expect(await slugsOf({ search: 'dolphin negotiating' })).toEqual(['english']);
    expect(await slugsOf({ search: 'Regierung' })).toEqual(['german']);
  });

  it('keeps what it is not given in a revision, and its former version keeps everything', async () => {
    const coded = {
      text: null,
      quote: 'So be it.',
      mentions: [{ as: 'they' }],
      speakers: [],
      coder: 'C. Oder',
      confidence: 0.7,
      order: 3,
      anchors: [
        {
          page: 'iv',
          paragraph: '2',
          timeCode: '00:00:09',
          role: 'SPEAKER',
          prefix: 'and ',
          suffix: ' said',
        },
      ],
    };
    const { id } = await record(test.db, { slug: 'coded', ...coded });
    await revise(id, { mentions: [{ as: 'they', actor: 'clara' }] });
    expect(await slugsOf({ coders: ['C. Oder'], unresolved: false, confidenceMin: 0.7 })).toEqual(['coded']);
    type Shown = { speakers: object[]; anchors: object[]; revisions: { text: null; content: string }[] };
    const { statement } = await graphql.data<{ statement: Shown }>(
      `{ statement(slug: "coded") { speakers { slug } coder confidence order text
        anchors { page paragraph timeCode role prefix suffix start end digest } revisions { text content } } }`,
    );
    expect(statement).toMatchObject({
      speakers: [{ slug: 'clara' }],
      coder: 'C. Oder',
      confidence: 0.7,
      order: 3,
    });
    expect(statement.anchors).toEqual([{ ...coded.anchors[0], start: null, end: null, digest: null }]);
    expect(statement.revisions[0]?.text).toBeNull();
    expect(JSON.parse(statement.revisions[0]?.content ?? '')).toMatchObject({
      mentions: [{ as: 'they' }],
      coder: 'C. Oder',
      confidence: 0.7,
      order: 3,
      anchors: coded.anchors,
    });
  });

  it('in which nothing is coded is written without the rows that codings have', async () => {
    const texts = recordSql(test.db);
    await recordStatements(
      test.db.prisma,
      [statementInput(), statementInput({ anchors: [span(0, 1)] })],
      'test',
    );
    expect(texts.filter((text) => text.includes('INSERT INTO statement')).length).toBeGreaterThan(0);
    expect(texts.filter((text) => text.includes('statement_mention'))).toEqual([]);
    await recordStatements(test.db.prisma, [statementInput(), statementInput({ coder: 'C. Oder' })], 'test');
    expect(texts.filter((text) => text.includes('statement_mention'))).toHaveLength(1);
  });
});

describe('a statement whose speaker is not identified', () => {
  beforeAll(async () => {
    const fields = { mentions: [{ as: 'a minister' }], speakers: [], events: ['debate'], said: '2025-03' };
    await record(test.db, {
      ...fields,
      slug: 'nameless',
      onBehalfOf: ['arcadia'],
      topics: [{ topic: 'trade' }],
    });
    await record(test.db, {
      ...fields,
      slug: 'passed-on',
      attribution: [{ actor: 'borduria', form: 'READOUT' }],
    });
    await record(test.db, { slug: 'named', speakers: ['arcadia'], events: ['debate'], said: '2025-03' });
  });

  it('is in the feed, and in no list by speaker, giver or side', async () => {
    expect(await slugsOf({ events: ['debate'] })).toEqual(['named', 'nameless', 'passed-on']);
    expect(await slugsOf({ events: ['debate'], unresolved: true })).toEqual(['nameless', 'passed-on']);
    expect(await slugsOf({ events: ['debate'], sides: ['arcadia'] })).toEqual(['named']);
    expect(await slugsOf({ events: ['debate'], sides: ['borduria'] })).toEqual(['passed-on']);
    const everyone = [...WORLD.actors, 'arcadia', 'borduria'];
    const without = (filter: object) => slugsOf({ events: ['debate'], not: filter });
    expect(await without({ sides: everyone })).toEqual(['nameless']);
    expect(await without({ givers: everyone })).toEqual(['nameless']);
    expect(await without({ speakers: everyone })).toEqual(['nameless', 'passed-on']);
  });

  it('is counted by a comparison among the statements of no side', async () => {
    const { event } = await graphql.data<{ event: Record<string, unknown> }>(
      `{ event(slug: "debate") { accounts { side { slug } statementCount }
        otherStatementCount otherStatements { slug } } }`,
    );
    expect(event).toEqual({
      accounts: [
        { side: { slug: 'arcadia' }, statementCount: 1 },
        { side: { slug: 'borduria' }, statementCount: 1 },
      ],
      otherStatementCount: 1,
      otherStatements: [{ slug: 'nameless' }],
    });
  });

  it('is counted by speaker in the group without one', async () => {
    const query = `query ($filter: StatementFilter) {
      statementCounts(by: [SPEAKER], filter: $filter) { total groups { count speaker { slug } } } }`;
    for (const filter of [
      { events: ['debate'] },
      { saidFrom: '2025-03-01', saidTo: '2025-03-31', not: { acts: ['WARN'] } },
    ]) {
      const { statementCounts } = await graphql.data<{ statementCounts: object }>(query, { filter });
      expect(statementCounts).toEqual({
        total: 3,
        groups: [
          { count: 2, speaker: null },
          { count: 1, speaker: { slug: 'arcadia' } },
        ],
      });
    }
    const { statementCounts } = await graphql.data<{ statementCounts: { groups: object[] } }>(query, {
      filter: { saidFrom: '2025-03-01', saidTo: '2025-03-31' },
    });
    expect(statementCounts.groups).toContainEqual({ count: 2, speaker: null });
  });

  it('is listed for review by what the source writes, the most frequent first', async () => {
    const { id } = await record(test.db, { speakers: [], mentions: [{ as: 'a spokesman' }] });
    await test.db.prisma.$transaction((tx) => retractStatement(tx, id, 'Wrong.', 'test'));
    const query = `query ($filter: StatementFilter, $offset: Int) {
      unresolvedMentions(first: 1, offset: $offset, filter: $filter) { total mentions { as count example { slug } } } }`;
    const found = async (variables: object) =>
      (await graphql.data<{ unresolvedMentions: object }>(query, { ...variables })).unresolvedMentions;
    const filter = { events: ['debate'] };
    const minister = { as: 'a minister', count: 2, example: { slug: 'passed-on' } };
    expect(await found({ filter })).toEqual({ total: 1, mentions: [minister] });
    expect(await found({ filter, offset: 1 })).toEqual({ total: 1, mentions: [] });
    expect(await found({})).toMatchObject({ mentions: [minister] });
    expect(await found({ filter: { topics: ['unknown'] } })).toEqual({ total: 0, mentions: [] });
  });
});

describe('codings of one passage', () => {
  const CODINGS = `query ($slug: String!, $first: Int) { statement(slug: $slug) { codingCount codings(first: $first) {
    statement { slug } agreement { agrees differs } } } }`;
  type Found = { codingCount: number; codings: { statement: { slug: string }; agreement: object }[] };
  const codings = async (slug: string, first = 10) =>
    (await graphql.data<{ statement: Found }>(CODINGS, { slug, first })).statement;
  const slugs = ({ codings }: Found) => codings.map(({ statement }) => statement.slug);

  beforeAll(async () => {
    const add = (slug: string, anchors: object[], fields: object = {}) =>
      record(test.db, { slug, source: 'second-source', anchors, ...fields });
    const truce = { topics: [{ topic: 'truce', stance: 'SUPPORTS' }] };
    await add('one', [span(1_000, 1_100)], { ...truce, coder: 'A' });
    await add('two', [span(1_050, 1_200)], {
      topics: [{ topic: 'truce', stance: 'OPPOSES' }],
      act: 'WARN',
      addressees: ['boris'],
      coder: 'B',
    });
    await add('next', [span(1_100, 1_200, { role: 'CUE' }), span(1_200, 1_300)]);
    await add('long', [span(0, 9_000)], { speakers: [], mentions: [{ as: 'anna' }] });
    await add('by-digest', [{ page: '3', digest: span(1_000, 1_100).digest }], truce);
    await add('far', [span(9_500, 9_600)]);
    await record(test.db, { slug: 'elsewhere', source: 'first-source', anchors: [span(1_000, 1_100)] });
    const { id } = await add('withdrawn', [span(1_000, 1_100)]);
    await test.db.prisma.$transaction((tx) => retractStatement(tx, id, 'Wrong.', 'test'));
  });

  it('are found by overlapping spans and by the digest of an anchor without a span', async () => {
    expect(slugs(await codings('one'))).toEqual(['two', 'long', 'by-digest']);
    expect(slugs(await codings('by-digest'))).toEqual(['one']);
    expect(slugs(await codings('next'))).toEqual(['long']);
    expect(slugs(await codings('long'))).toEqual(['one', 'two', 'next']);
    expect(await codings('far')).toEqual({ codingCount: 0, codings: [] });
    expect(await codings('one', 1)).toMatchObject({
      codingCount: 3,
      codings: [{ statement: { slug: 'two' } }],
    });
  });

  it('show what they agree on and in what they differ', async () => {
    const [two, long, digest] = (await codings('one')).codings.map(({ agreement }) => agreement);
    expect(two).toEqual({ agrees: ['SPEAKERS', 'MODE', 'TOPICS'], differs: ['ADDRESSEES', 'ACT', 'STANCE'] });
    expect(long).toEqual({ agrees: ['ADDRESSEES', 'ACT', 'MODE'], differs: ['SPEAKERS', 'TOPICS'] });
    expect(digest).toMatchObject({ differs: [] });
  });

  it('of a list cost no SQL statement for each statement', async () => {
    const count = async (first: number): Promise<number> => {
      const texts = recordSql(test.db);
      await graphql.data(
        'query ($first: Int!) { source(slug: "second-source") { statements(first: $first) { nodes { codingCount codings(first: 2) { statement { slug } agreement { agrees } } } } } }',
        { first },
      );
      return texts.length;
    };
    await count(2);
    expect(await count(6)).toBe(await count(2));
  });

  it('follow a statement to another source', async () => {
    const { id } = await record(test.db, { slug: 'moved', source: 'first-source', anchors: [span(20, 30)] });
    await record(test.db, { slug: 'there', source: 'second-source', anchors: [span(9_520, 9_530)] });
    await revise(id, { source: 'second-source', anchors: [span(9_525, 9_540)] });
    expect(slugs(await codings('there'))).toEqual(['far', 'moved']);
  });

  it('are found for anchors that a former version of the service wrote', async () => {
    const { id } = await record(test.db, { slug: 'former', source: 'second-source' });
    await test.db.pool.query(
      'INSERT INTO anchor (statement_id, ordinal, start, "end", digest) VALUES ($1, 0, 9500, 9501, $2)',
      [id, sha256('x')],
    );
    expect(slugs(await codings('former'))).toEqual(['far']);
  });
});

it('the statements of a source without spans are in their order', async () => {
  for (const [slug, order] of [
    ['third', 3],
    ['first', 1],
    ['second', 2],
  ] as const)
    await record(test.db, {
      slug: `in-order-${slug}`,
      order,
      source: 'first-source',
      anchors: [{ page: '1' }],
    });
  const { source } = await graphql.data<{ source: { statementsInTextOrder: { slug: string }[] } }>(
    '{ source(slug: "first-source") { statementsInTextOrder { slug } } }',
  );
  const ordered = source.statementsInTextOrder
    .map(({ slug }) => slug)
    .filter((slug) => slug.startsWith('in-order'));
  expect(ordered).toEqual(['in-order-first', 'in-order-second', 'in-order-third']);
});

it('the tables hold what the changes made of them', async () => {
  await test.db.pool.query(
    `DELETE FROM anchor WHERE statement_id = (SELECT id FROM statement WHERE slug = 'former')`,
  );
  const client = await test.db.pool.connect();
  try {
    expect((await verifyDatabase(client, null, () => undefined)).mismatches).toEqual([]);
  } finally {
    client.release();
  }
});
