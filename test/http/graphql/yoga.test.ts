import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, type TestGraphql } from '../../support/graphql.ts';

let database: TestDatabase;
let graphql: TestGraphql;

beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
  graphql = await createTestGraphql(database.db);
});

afterAll(async () => {
  await graphql.stop();
  await database.drop();
});

test('an answer has its fields in the order of the selection, however long each takes', async () => {
  const data = await graphql.data<{ event: object }>(
    `{ event(slug: "call-2025-07-01") { comparison { verdict } name accounts { statements { slug } side { name } } date { edtf } }
       record { statements position } }`,
  );
  expect(Object.keys(data)).toEqual(['event', 'record']);
  expect(Object.keys(data.event)).toEqual(['comparison', 'name', 'accounts', 'date']);
});
