import type { ChangeKind } from '../db/generated/enums.ts';
import type { LogEntry } from './change.ts';

/** What a change can be about, other than a statement. A filter can name each of these by slug. */
export type SubjectKind = 'actor' | 'topic' | 'source' | 'event' | 'collection';

/** Slugs that were added to the record, by kind. */
export type AddedSlugs = ReadonlyMap<SubjectKind, ReadonlySet<string>>;

const SUBJECT_KINDS: Partial<Record<ChangeKind, SubjectKind>> = {
  ACTOR_ADDED: 'actor',
  TOPIC_ADDED: 'topic',
  SOURCE_ADDED: 'source',
  EVENT_ADDED: 'event',
  COLLECTION_ADDED: 'collection',
};

/** The slugs that these entries have added, except those of statements. */
export function addedSlugs(entries: readonly LogEntry[]): AddedSlugs {
  const added = new Map<SubjectKind, Set<string>>();
  for (const { kind, subject } of entries) {
    const subjectKind = SUBJECT_KINDS[kind];
    if (subjectKind && subject) {
      added.set(subjectKind, (added.get(subjectKind) ?? new Set()).add(subject.slug));
    }
  }
  return added;
}
