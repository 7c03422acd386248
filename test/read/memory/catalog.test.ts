import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../src/log/change.ts';
import { Catalog } from '../../../src/read/memory/catalog.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
});
afterAll(() => database.drop());

const NOTHING = { statementId: null, actorId: null, topicId: null, sourceId: null, eventId: null };
const change = (actorId: number) =>
  ({ ...NOTHING, actorId, subject: { slug: `actor-${actorId}`, parentId: null } }) as unknown as LogEntry;
const topicChange = (topicId: number, slug: string, parentId: number | null) =>
  ({ ...NOTHING, topicId, subject: { slug, parentId } }) as unknown as LogEntry;

describe('the catalog', () => {
  it('has what the record has after it was filled, and no texts of sources', async () => {
    const catalog = new Catalog();
    await catalog.fill(database.db);
    const { prisma } = database.db;
    for (const actor of await prisma.actor.findMany()) expect(catalog.actor.get(actor.id)).toEqual(actor);
    for (const topic of await prisma.topic.findMany()) expect(catalog.topic.get(topic.id)).toEqual(topic);
    for (const event of await prisma.event.findMany()) expect(catalog.event.get(event.id)).toEqual(event);
    const source = await prisma.source.findFirstOrThrow({ omit: { text: true } });
    expect(catalog.source.get(source.id)).toEqual(source);
  });

  it('forgets what has changed, and takes nothing that was read before a change', async () => {
    const catalog = new Catalog();
    await catalog.fill(database.db);
    const actor = await database.db.prisma.actor.findFirstOrThrow();
    catalog.apply([change(actor.id)]);
    expect(catalog.actor.get(actor.id)).toBeUndefined();
    await catalog.actor.fill(async () => {
      catalog.apply([change(actor.id)]);
      return [actor];
    });
    expect(catalog.actor.get(actor.id)).toBeUndefined();
    await catalog.actor.fill(async () => [actor]);
    expect(catalog.actor.get(actor.id)).toBe(actor);
  });

  it('keeps the ids of slugs, whatever is added, and subtrees that a topic neither enters nor leaves', () => {
    const { slugs, apply } = remembered();
    apply(change(9), topicChange(4, 'trade', null), topicChange(2, 'truce', 1));
    expect(slugs.get('actor', 'anna')).toEqual([9]);
    expect(slugs.get('subtree', 'peace')).toEqual([1, 2, 3]);
    expect(slugs.get('subtree', 'trade')).toEqual([4]);
  });

  it('forgets the subtrees of a topic’s old place and of its new one when it is moved', () => {
    const { slugs, apply } = remembered();
    apply(topicChange(3, 'prisoners', 4));
    expect(slugs.get('subtree', 'peace')).toBeUndefined();
    expect(slugs.get('subtree', 'truce')).toBeUndefined();
    expect(slugs.get('subtree', 'trade')).toBeUndefined();
    expect(slugs.get('subtree', 'prisoners')).toEqual([3]);
  });

  it('forgets the subtrees that a new topic lies in, and takes none that were read before', () => {
    const { slugs, apply } = remembered();
    const { version } = slugs;
    apply(topicChange(5, 'tariffs', 4));
    expect(slugs.get('subtree', 'trade')).toBeUndefined();
    expect(slugs.get('subtree', 'peace')).toEqual([1, 2, 3]);
    slugs.put('subtree', 'trade', [4], version);
    expect(slugs.get('subtree', 'trade')).toBeUndefined();
  });
});

/** A catalog that knows what some slugs stand for: peace, truce and prisoners below one another, and trade. */
function remembered(): { slugs: Catalog['slugs']; apply: (...entries: LogEntry[]) => void } {
  const catalog = new Catalog();
  const { slugs } = catalog;
  slugs.put('actor', 'anna', [9], slugs.version);
  slugs.put('subtree', 'peace', [1, 2, 3], slugs.version);
  slugs.put('subtree', 'truce', [2, 3], slugs.version);
  slugs.put('subtree', 'prisoners', [3], slugs.version);
  slugs.put('subtree', 'trade', [4], slugs.version);
  return { slugs, apply: (...entries) => catalog.apply(entries) };
}
