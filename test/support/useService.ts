import { afterAll, beforeAll } from 'vitest';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { startTestService, type TestService } from './service.ts';
import { makeWorld } from './world.ts';

/**
 * A service for all tests of a file, over a database of its own with the seed or with the world of `makeWorld`.
 * @param started receives both before the first test.
 */
export function useService(
  content: 'seed' | 'world',
  started: (used: { readonly test: TestDatabase; readonly service: TestService }) => void,
): void {
  let test: TestDatabase | undefined;
  let service: TestService | undefined;
  beforeAll(async () => {
    test = await createTestDatabase({ seeded: content === 'seed' });
    if (content === 'world') await makeWorld(test.db.prisma);
    service = await startTestService(test.url);
    started({ test, service });
  });
  afterAll(async () => {
    await service?.stop();
    await test?.drop();
  });
}
