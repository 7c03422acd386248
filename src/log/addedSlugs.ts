import type { ChangeKind } from '../db/generated/enums.ts';
import type { LogEntry } from './change.ts';

/** What a change can be about, other than a statement. A filter can name each of these by slug. */
export type SubjectKind = 'actor' | 'topic' | 'source' | 'event' | 'collection';

/** A slug as a key of an index. */
export const slugKey = (kind: SubjectKind, slug: string): string => `${kind} ${slug}`;

/** Slugs that have been added to the record, or that lead to another actor now, by kind. */
export type AddedSlugs = ReadonlyMap<SubjectKind, ReadonlySet<string>>;

const SUBJECT_KINDS: Partial<Record<ChangeKind, SubjectKind>> = {
  ACTOR_ADDED: 'actor',
  TOPIC_ADDED: 'topic',
  SOURCE_ADDED: 'source',
  EVENT_ADDED: 'event',
  COLLECTION_ADDED: 'collection',
};

/** Whether one of these entries has merged an actor into another one. Feeds that named it by a known slug must then be prepared again. */
export const hasMerge = (entries: readonly LogEntry[]): boolean =>
  entries.some(({ subject }) => subject?.mergedSlugs != null);

/** The slugs that these entries have added, except those of statements, and those of actors that they have merged into others. */
export function addedSlugs(entries: readonly LogEntry[]): AddedSlugs {
  const added = new Map<SubjectKind, Set<string>>();
  for (const { kind, subject } of entries) {
    const subjectKind = SUBJECT_KINDS[kind];
    if (subjectKind && subject) {
      added.set(subjectKind, (added.get(subjectKind) ?? new Set()).add(subject.slug));
    }
    const merged = subject?.mergedSlugs;
    if (merged) added.set('actor', new Set([...(added.get('actor') ?? []), ...merged]));
  }
  return added;
}
