import { afterAll, beforeAll } from 'vitest';
import type { Database } from '../../src/db/client.ts';
import { type Content, databaseWith } from './content.ts';
import type { TestDatabase } from './database.ts';
import { type TestClient, testClient, type Variables } from './graphql.ts';
import { bearer, startTestService, type TestService } from './service.ts';

/** A client with a token that may write. The log names it “Rita”. */
export interface TestRecorder extends TestClient {
  readonly headers: { readonly authorization: string };
}

interface UsedService {
  readonly test: TestDatabase;
  readonly service: TestService;
  readonly recorder: TestRecorder;
}

/**
 * A service for all tests of a file, over a database of its own, and a client that may write.
 * @param started receives them before the first test.
 */
export function useService(content: Content, started: (used: UsedService) => void): void {
  let test: TestDatabase | undefined;
  let service: TestService | undefined;
  beforeAll(async () => {
    test = await databaseWith(content);
    service = await startTestService(test.url);
    started({ test, service, recorder: await makeRecorder(test.db, service) });
  });
  afterAll(async () => {
    await service?.stop();
    await test?.drop();
  });
}

async function makeRecorder(db: Database, { ask, masked }: TestService): Promise<TestRecorder> {
  const headers = await bearer(db, 'recorder', 'Rita');
  const client = testClient(
    <Data>(query: string, variables?: Variables) => ask<Data>(query, variables, headers),
    masked,
  );
  return { ...client, headers };
}
