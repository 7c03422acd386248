import { expect, test } from 'vitest';
import type { TestGraphql } from '../../support/graphql.ts';
import { useGraphql } from '../../support/useGraphql.ts';

let graphql: TestGraphql;

useGraphql('seed', (used) => {
  graphql = used.graphql;
});

test('an answer has its fields in the order of the selection, however long each takes', async () => {
  const data = await graphql.data<{ event: object }>(
    `{ event(slug: "call-2025-07-01") { comparison { verdict } name accounts { statements { slug } side { name } } date { edtf } }
       record { statements position } }`,
  );
  expect(Object.keys(data)).toEqual(['event', 'record']);
  expect(Object.keys(data.event)).toEqual(['comparison', 'name', 'accounts', 'date']);
});
