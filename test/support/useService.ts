import { afterAll, beforeAll } from 'vitest';
import type { Database } from '../../src/db/client.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { type TestClient, testClient, type Variables } from './graphql.ts';
import { bearer, startTestService, type TestService } from './service.ts';
import { makeWorld } from './world.ts';

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
 * @param content of the record: the seed, the world of `makeWorld`, or what a function records.
 * @param started receives them before the first test.
 */
export function useService(
  content: 'seed' | 'world' | ((db: Database) => Promise<unknown>),
  started: (used: UsedService) => void,
): void {
  let test: TestDatabase | undefined;
  let service: TestService | undefined;
  beforeAll(async () => {
    test = await createTestDatabase({ seeded: content === 'seed' });
    if (content === 'world') await makeWorld(test.db.prisma);
    else if (content !== 'seed') await content(test.db);
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
