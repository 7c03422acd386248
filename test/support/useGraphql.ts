import { afterAll, beforeAll } from 'vitest';
import { type Content, databaseWith } from './content.ts';
import type { TestDatabase } from './database.ts';
import { createTestGraphql, type TestGraphql } from './graphql.ts';

interface UsedGraphql {
  readonly test: TestDatabase;
  readonly graphql: TestGraphql;
}

/**
 * Runs operations in this process for all tests of a file, over a database of its own. `useService` does so over HTTP.
 * @param started receives both before the first test.
 */
export function useGraphql(content: Content, started: (used: UsedGraphql) => void): void {
  let test: TestDatabase | undefined;
  let graphql: TestGraphql | undefined;
  beforeAll(async () => {
    test = await databaseWith(content);
    graphql = await createTestGraphql(test.db);
    started({ test, graphql });
  });
  afterAll(async () => {
    await graphql?.stop();
    await test?.drop();
  });
}
