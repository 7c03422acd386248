import type { LogEntry } from '../../log/change.ts';
import type { StatementRow } from './row.ts';

/**
 * The statement of a change with all its parts, made of what the log was read with. Null where it has been changed
 * again by then, and the entry does not describe it any more.
 */
export function statementOfEntry({
  position,
  statementId,
  facets,
  statement,
}: LogEntry): StatementRow | null {
  if (statementId === null || !facets || statement?.statementPosition !== String(position)) return null;
  const hops = statement.hops ?? [];
  const { speakerIds, addresseeIds, eventIds, topics, ...rest } = facets.after;
  return {
    id: statementId,
    slug: statement.slug,
    text: rest.text,
    quote: rest.quote,
    language: statement.language,
    mode: rest.mode,
    act: rest.act,
    saidEdtf: statement.saidEdtf,
    saidEarliest: rest.earliest,
    saidLatest: rest.latest,
    sourceId: rest.sourceId,
    status: rest.status,
    retractionReason: statement.retractionReason,
    recordedAt: statement.recordedAt,
    addedPosition: statement.addedPosition,
    position: statement.statementPosition,
    speakerIds,
    addresseeIds,
    eventIds,
    topicIds: topics.map(({ id }) => id),
    stances: topics.map(({ stance }) => stance),
    hopIds: hops.map(([actorId]) => actorId),
    forms: hops.map(([, form]) => form),
  };
}
