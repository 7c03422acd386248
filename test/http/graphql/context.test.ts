import { afterAll, beforeAll, expect, it } from 'vitest';
import { ANONYMOUS } from '../../../src/domain/access/identity.ts';
import { completeContext } from '../../../src/http/graphql/context.ts';
import { Tailer } from '../../../src/log/tailer.ts';
import { Catalog } from '../../../src/read/memory/catalog.ts';
import { createTestDatabase, openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { saveActor } from '../../support/saves.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
});
afterAll(() => test.drop());

const save = (name: string) =>
  test.db.prisma.$transaction((tx) => saveActor(tx, { slug: 'actor', name, kind: 'STATE' }, 'test'));

it('an operation whose change has not reached this process reads the written data, not the cached data', async () => {
  const followed = openTestDatabase(test.url, 1);
  const catalog = new Catalog();
  const tailer = new Tailer({
    db: followed,
    onEntries: (entries) => catalog.apply(entries),
    onHistory: () => catalog.clear(),
    notice: () => undefined,
  });
  try {
    const { id } = await save('Before');
    await tailer.start();
    const context = await completeContext({ db: test.db, tailer, catalog }, { identity: ANONYMOUS });
    expect((await context.load.actor.load(id)).name).toBe('Before');
    await tailer.stop(); // from here on it sees no change any more
    const { position } = await save('After');
    await context.settle(position);
    expect((await context.load.actor.load(id)).name).toBe('After');
  } finally {
    await followed.close();
  }
});
