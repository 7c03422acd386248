import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, type TestGraphql } from '../../support/graphql.ts';
import { saveEvent } from '../../support/saves.ts';
import { makeWorld, record } from '../../support/world.ts';

const TIMED = '2025-07-02T00:30:00+02:00';
const DATES = ['2025-07-01', '2025-07~', TIMED];

let test: TestDatabase;
let graphql: TestGraphql;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  for (const [i, said] of DATES.entries())
    await record(test.db, { slug: `said-${i}`, text: `Said ${said}.`, said });
  const event = { slug: 'at-night', name: 'At night', kind: 'CALL', date: TIMED };
  await test.db.prisma.$transaction((tx) => saveEvent(tx, event, 'test'));
  graphql = await createTestGraphql(test.db);
});
afterAll(async () => {
  await graphql.stop();
  await test.drop();
});

it('a date has its time in UTC where that is known, and its day as written', async () => {
  const date = {
    edtf: TIMED,
    earliest: '2025-07-02',
    latest: '2025-07-02',
    time: '2025-07-01T22:30:00.000Z',
  };
  const data = await graphql.data(`{
    statement(slug: "said-2") { said { edtf earliest latest time } }
    event(slug: "at-night") { date { edtf earliest latest time } }
  }`);
  expect(data).toEqual({ statement: { said: date }, event: { date } });
});

it('a list reads the time alone, null where it is not known, in the order of the days', async () => {
  const { statements } = await graphql.data<{ statements: unknown }>(
    '{ statements(orderBy: SAID_ON_ASC) { nodes { slug said { time } } } }',
  );
  expect(statements).toEqual({
    nodes: [
      { slug: 'said-0', said: { time: null } },
      { slug: 'said-1', said: { time: null } },
      { slug: 'said-2', said: { time: '2025-07-01T22:30:00.000Z' } },
    ],
  });
});

it('a filter goes by the day as written', async () => {
  const said = (from: string) =>
    graphql.data<{ statements: { nodes: { slug: string }[] } }>(
      `{ statements(filter: { saidFrom: "${from}", saidTo: "${from}" }) { nodes { slug said { edtf } } } }`,
    );
  expect((await said('2025-07-02')).statements.nodes).toContainEqual({
    slug: 'said-2',
    said: { edtf: TIMED },
  });
  expect((await said('2025-07-01')).statements.nodes.map(({ slug }) => slug)).not.toContain('said-2');
});
