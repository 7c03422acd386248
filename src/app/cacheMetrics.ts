import { liveDocuments } from '../http/live/document.ts';
import type { Metric, Sample } from '../observe/metric.ts';
import type { Databases } from './databases.ts';
import type { Guards } from './guards.ts';
import type { Log } from './log.ts';
import type { Operations } from './operations.ts';
import type { Servers } from './servers.ts';

/** The figures of a cache. */
interface Cache {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  /** Null where the cache is bounded by its entries. */
  readonly bytes: number | null;
}

export type CacheParts = Pick<Databases, 'db' | 'liveDb'> &
  Pick<Log, 'catalog' | 'hub'> &
  Pick<Guards, 'auth'> &
  Pick<Operations, 'documents' | 'execution' | 'liveExecution'> &
  Pick<Servers, 'cache'>;

/** The caches of docs/caches.md that can be counted. Those by weak keys can't. */
function cachesOf(parts: CacheParts): Readonly<Record<string, Cache>> {
  const { db, liveDb, catalog, hub, auth, documents, execution, liveExecution, cache } = parts;
  return {
    answers: { ...hitsOf(cache), entries: cache.size, bytes: cache.bytes },
    documents: lru(documents),
    programs: lru(execution.programs),
    live_programs: lru(liveExecution.programs),
    live_documents: lru(liveDocuments),
    actors: { ...hitsOf(catalog.actor), entries: catalog.actor.size, bytes: null },
    topics: { ...hitsOf(catalog.topic), entries: catalog.topic.size, bytes: null },
    sources: { ...hitsOf(catalog.source), entries: catalog.source.size, bytes: null },
    events: { ...hitsOf(catalog.event), entries: catalog.event.size, bytes: null },
    slugs: { ...hitsOf(catalog.slugs), entries: catalog.slugs.size, bytes: null },
    tokens: { ...hitsOf(auth), entries: auth.size, bytes: null },
    replayed_pages: {
      ...hitsOf(hub.activity.pages),
      entries: hub.activity.pages.size,
      bytes: hub.activity.pages.bytes,
    },
    prepared_statements: { ...hitsOf(db.prepared), entries: db.prepared.count, bytes: null },
    live_prepared_statements: { ...hitsOf(liveDb.prepared), entries: liveDb.prepared.count, bytes: null },
  };
}

function hitsOf({ hits, misses }: Pick<Cache, 'hits' | 'misses'>): Pick<Cache, 'hits' | 'misses'> {
  return { hits, misses };
}

function lru(cache: Pick<Cache, 'hits' | 'misses'> & { size: number; calculatedSize: number }): Cache {
  return { ...hitsOf(cache), entries: cache.size, bytes: cache.calculatedSize };
}

/** Metrics of every cache, by its name. */
export function cacheMetrics(parts: CacheParts): readonly Metric[] {
  const each = (of: (cache: Cache) => number | null) => (): readonly Sample[] =>
    Object.entries(cachesOf(parts)).flatMap(([cache, figures]) => {
      const value = of(figures);
      return value === null ? [] : [{ labels: { cache }, value }];
    });
  return [
    {
      name: 'readout_cache_hits_total',
      help: 'Look-ups that a cache answered.',
      type: 'counter',
      read: each(({ hits }) => hits),
    },
    {
      name: 'readout_cache_misses_total',
      help: 'Look-ups that a cache did not answer.',
      type: 'counter',
      read: each(({ misses }) => misses),
    },
    {
      name: 'readout_cache_entries',
      help: 'Entries of a cache.',
      type: 'gauge',
      read: each(({ entries }) => entries),
    },
    {
      name: 'readout_cache_bytes',
      help: 'Bytes of a cache that is bounded by its bytes.',
      type: 'gauge',
      read: each(({ bytes }) => bytes),
    },
  ];
}
