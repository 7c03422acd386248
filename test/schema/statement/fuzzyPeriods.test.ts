import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveActors } from '../../../src/domain/actor.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, type TestGraphql } from '../../support/graphql.ts';
import { makeWorld, record } from '../../support/world.ts';

let test: TestDatabase;
let graphql: TestGraphql;

const save = (...patches: Record<string, unknown>[]) =>
  test.db.prisma.$transaction((tx) => saveActors(tx, patches, 'test'));

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  await save(
    { slug: 'land', name: 'Land', kind: 'STATE' },
    {
      slug: 'anna',
      aliases: [{ name: 'A.', from: '2016-02', to: '2019-12-31' }],
      affiliations: [{ in: 'land', role: 'Minister', from: '2017~', to: '2022-05' }],
    },
  );
  for (const said of ['2016-12-31', '2017-01-01', '2022-05-31', '2022-06-01', '2016', '2016/2017'])
    await record(test.db, { slug: `said-${said.replace('/', '-to-')}`, text: `Said ${said}.`, said });
  graphql = await createTestGraphql(test.db);
});
afterAll(async () => {
  await graphql.stop();
  await test.drop();
});

it('an affiliation shows its dates as they are known, and the days that they can mean', async () => {
  const query = `{ actor(slug: "anna") {
    aliases { from to since { edtf earliest latest } until { edtf } }
    affiliations { from to since { edtf } until { edtf earliest latest } } } }`;
  expect(await graphql.data(query)).toEqual({
    actor: {
      aliases: [
        {
          from: '2016-02-01',
          to: '2019-12-31',
          since: { edtf: '2016-02', earliest: '2016-02-01', latest: '2016-02-29' },
          until: { edtf: '2019-12-31' },
        },
      ],
      affiliations: [
        {
          from: '2017-01-01',
          to: '2022-05-31',
          since: { edtf: '2017~' },
          until: { edtf: '2022-05', earliest: '2022-05-01', latest: '2022-05-31' },
        },
      ],
    },
  });
});

it.each(['sides: ["land"]', 'offices: [{ role: "minister", in: "land" }]'])(
  'an affiliation counts on each day on which it can have been in force: %s',
  async (condition) => {
    const query = `{ statements(filter: { ${condition} }) { nodes { slug sides { slug } offices { role since { edtf } } } } }`;
    const { statements } = await graphql.data<{ statements: { nodes: { slug: string }[] } }>(query);
    expect(statements.nodes.map(({ slug }) => slug).sort()).toEqual([
      'said-2016-to-2017',
      'said-2017-01-01',
      'said-2022-05-31',
    ]);
    for (const node of statements.nodes)
      expect(node).toMatchObject({
        sides: [{ slug: 'land' }],
        offices: [{ role: 'Minister', since: { edtf: '2017~' } }],
      });
  },
);

it('an end is refused only where it is certainly before the beginning', async () => {
  await expect(
    save({ slug: 'boris', affiliations: [{ in: 'land', role: 'R', from: '2018', to: '2017' }] }),
  ).rejects.toThrow('to is before from (2018)');
  await save({ slug: 'boris', affiliations: [{ in: 'land', role: 'R', from: '2018-06', to: '2018' }] });
});
