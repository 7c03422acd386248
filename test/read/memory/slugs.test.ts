import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';
import { makeWorld, record } from '../../support/world.ts';

let database: TestDatabase;
let services: TestService[];
let recorder: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: false });
  await makeWorld(database.db.prisma);
  recorder = await bearer(database.db, 'recorder');
  services = await Promise.all([startTestService(database.url), startTestService(database.url)]);
});
afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await database.drop();
});

test('a filter follows the tree of topics in every process, as things are added and moved', async () => {
  const [writer] = services as [TestService];
  let position = '0';
  const save = async (input: object): Promise<void> => {
    const mutation = 'mutation ($input: SaveTopicInput!) { saveTopic(input: $input) { position } }';
    const { data, errors } = await writer.ask<{ saveTopic: { position: string } }>(
      mutation,
      { input },
      recorder,
    );
    expect(errors).toBe(undefined);
    position = String(data?.saveTopic.position);
  };
  const counts = async (): Promise<number[]> => {
    const query = `{ tree: statements(filter: { topics: ["trade"] }) { totalCount }
      own: statements(filter: { topics: ["tariffs"] }) { totalCount }
      topic(slug: "trade") { statements { totalCount } } }`;
    const asked = services.map(async (service) => {
      const headers = { 'x-readout-min-position': position };
      const { data } = await service.ask<Record<string, never>>(query, {}, headers);
      const { tree, own, topic } = data as unknown as Record<string, { totalCount: number }> & {
        topic: { statements: { totalCount: number } };
      };
      return [tree?.totalCount, own?.totalCount, topic.statements.totalCount];
    });
    const [first, ...others] = (await Promise.all(asked)) as number[][];
    for (const other of others) expect(other).toEqual(first);
    return first as number[];
  };
  expect(await counts()).toEqual([0, 0, 0]);
  await save({ slug: 'tariffs', name: 'Tariffs', parent: 'trade' });
  await record(database.db, { text: 'On tariffs.', topics: [{ topic: 'tariffs' }] });
  position = String(BigInt(position) + 1n);
  expect(await counts()).toEqual([1, 1, 1]);
  await save({ slug: 'tariffs', name: 'Tariffs', parent: 'peace' });
  expect(await counts()).toEqual([0, 1, 0]);
});
