import { expect, it, afterAll, beforeAll } from 'vitest';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createTestGraphql, recordSql } from './graphql.ts';
let t: TestDatabase;
beforeAll(async () => { t = await createTestDatabase({ seeded: true }); });
afterAll(() => t.drop());
it('works', async () => {
  const g = createTestGraphql(t.db);
  const sql = recordSql(t.db);
  console.log(JSON.stringify(await g.data('{ record { position statements } statements(first: 2) { totalCount nodes { text speakers { name aliases { name } } } } actors(search: "Marcon") { nodes { name } } actor(slug: "a") { name } }'), null, 1), sql);
});
