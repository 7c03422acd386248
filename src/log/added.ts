import type { ChangeKind } from '../db/generated/enums.ts';
import type { LogEntry } from './change.ts';

/** The kinds of things that a filter can name by slug. */
export type Named = 'actor' | 'topic' | 'source' | 'event';

/** Slugs that were added to the record, by kind. */
export type Added = ReadonlyMap<Named, ReadonlySet<string>>;

const NAMED_BY_KIND: Partial<Record<ChangeKind, Named>> = {
  ACTOR_ADDED: 'actor',
  TOPIC_ADDED: 'topic',
  SOURCE_ADDED: 'source',
  EVENT_ADDED: 'event',
};

/** The things other than statements that entries of the log have added. */
export function addedBy(entries: readonly LogEntry[]): Added {
  const added = new Map<Named, Set<string>>();
  for (const { kind, thing } of entries) {
    const named = NAMED_BY_KIND[kind];
    if (named && thing) added.set(named, (added.get(named) ?? new Set()).add(thing.slug));
  }
  return added;
}
