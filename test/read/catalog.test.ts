import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/log/change.ts';
import { Catalog } from '../../src/read/catalog.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
});
afterAll(() => database.drop());

const change = (actorId: number) =>
  ({ statementId: null, actorId, topicId: null, sourceId: null, eventId: null }) as unknown as LogEntry;

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

  it('forgets what slugs stand for when there is a new thing, and takes nothing that was read before', () => {
    const catalog = new Catalog();
    const { slugs } = catalog;
    slugs.put('subtree', 'peace', [1, 2], slugs.version);
    expect(slugs.get('subtree', 'peace')).toEqual([1, 2]);
    expect(slugs.get('topic', 'peace')).toBeUndefined();
    const { version } = slugs;
    catalog.apply([change(1)]);
    expect(slugs.get('subtree', 'peace')).toBeUndefined();
    slugs.put('subtree', 'peace', [1, 2], version);
    expect(slugs.get('subtree', 'peace')).toBeUndefined();
  });
});
