import type { Database } from '../../src/db/client.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { makeWorld } from './world.ts';

/** What the record of a test has: the seed, the world of `makeWorld`, or what a function records. */
export type Content = 'seed' | 'world' | ((db: Database) => Promise<unknown>);

/** A database of a test file's own, with this content. */
export async function databaseWith(content: Content): Promise<TestDatabase> {
  const test = await createTestDatabase({ seeded: content === 'seed' });
  if (content === 'world') await makeWorld(test.db.prisma);
  else if (content !== 'seed') await content(test.db);
  return test;
}
