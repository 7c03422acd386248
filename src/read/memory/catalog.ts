import type { Database } from '../../db/client.ts';
import type { Actor, Collection, Event, Source, Topic } from '../../db/generated/client.ts';
import type { LogEntry } from '../../log/change.ts';
import { RowCache } from './rowCache.ts';
import { SearchLanguages } from './searchLanguages.ts';
import { SlugCache } from './slugs.ts';
import { TopicTree } from './topicTree.ts';

/** A source without its text, which can be a megabyte and is read only on request. */
export type SourceRow = Omit<Source, 'text'>;
export const WITHOUT_TEXT = { text: true } as const;

/** The newest rows of each table are read at the start, because they are requested most. */
const NEWEST = { orderBy: { id: 'desc' }, take: 10_000 } as const;

/**
 * Cached actors, topics, sources, events and collections: small, rarely changed, and named in nearly every answer. The tailer evicts a row before
 * it publishes the change, so nothing here is older than the position that this process reports.
 */
export class Catalog {
  readonly actor = new RowCache<Actor>();
  readonly topic = new RowCache<Topic>();
  readonly source = new RowCache<SourceRow>();
  readonly event = new RowCache<Event>();
  readonly collection = new RowCache<Collection>();
  readonly slugs = new SlugCache();
  readonly tree = new TopicTree();
  readonly languages = new SearchLanguages();

  /** Reads the newest rows, so that the first answers after a start find theirs cached. */
  async fill({ prisma }: Pick<Database, 'prisma'>): Promise<void> {
    await this.actor.fill(() => prisma.actor.findMany(NEWEST));
    await this.topic.fill(() => prisma.topic.findMany(NEWEST));
    await this.source.fill(() => prisma.source.findMany({ ...NEWEST, omit: WITHOUT_TEXT }));
    await this.event.fill(() => prisma.event.findMany(NEWEST));
  }

  /** Evicts the rows that these changes are about. The hub applies changes to the tree, which it matches with. */
  apply(entries: readonly LogEntry[]): void {
    for (const { actorId, topicId, sourceId, eventId, collectionId, subject, facets } of entries) {
      if (actorId !== null) this.actor.evict(actorId);
      if (actorId !== null && subject?.mergedSlugs) this.slugs.evictActors(subject.mergedSlugs);
      if (topicId !== null) this.topic.evict(topicId);
      if (topicId !== null && subject) this.slugs.evictSubtrees(topicId, subject);
      if (sourceId !== null) {
        this.source.evict(sourceId);
        this.languages.applySource();
      }
      if (eventId !== null) this.event.evict(eventId);
      if (collectionId !== null) this.collection.evict(collectionId);
      if (facets?.after.language) this.languages.apply(facets.after.language);
    }
  }

  /** Clears everything, because the record has another history. */
  clear(): void {
    for (const cache of [
      this.actor,
      this.topic,
      this.source,
      this.event,
      this.collection,
      this.slugs,
      this.tree,
      this.languages,
    ])
      cache.clear();
  }
}
