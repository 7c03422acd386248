import type { TestDatabase } from './database.ts';
import type { TestGraphql, Variables } from './graphql.ts';
import { useGraphql } from './useGraphql.ts';

/** Asks the seeded record, in a database of the test file's own. */
export interface SeededRecord {
  readonly database: TestDatabase;
  readonly graphql: TestGraphql;
  /** The data of an operation that must succeed. */
  ask<Data>(query: string, variables?: Variables): Promise<Data>;
  /** Slugs of the statements under a filter, newest first. */
  statements(filter: Variables): Promise<string[]>;
}

/** The seeded record for all tests of a file. */
export function useSeededRecord(): SeededRecord {
  let database: TestDatabase | undefined;
  let graphql: TestGraphql | undefined;
  useGraphql('seed', (used) => {
    ({ test: database, graphql } = used);
  });
  return {
    get database() {
      return database as TestDatabase;
    },
    get graphql() {
      return graphql as TestGraphql;
    },
    ask: (query, variables) => (graphql as TestGraphql).data(query, variables),
    async statements(filter) {
      const query =
        'query ($filter: StatementFilter) { statements(filter: $filter, first: 100) { nodes { slug } } }';
      type Found = { statements: { nodes: { slug: string }[] } };
      const { statements } = await (graphql as TestGraphql).data<Found>(query, { filter });
      return statements.nodes.map(({ slug }) => slug);
    },
  };
}
