import type { ChangeKind } from '../db/generated/enums.ts';
import type { FacetsChange } from './facets.ts';

/** One entry of the log, as it is read. */
export interface LogEntry {
  readonly position: bigint;
  readonly kind: ChangeKind;
  readonly at: Date;
  readonly by: string;
  /** Null where the change is not one of a statement; then `facets` is null too. */
  readonly statementId: number | null;
  readonly facets: FacetsChange | null;
  /** What else a change can be about: exactly one of these and `statementId` is not null. */
  readonly actorId: number | null;
  readonly topicId: number | null;
  readonly sourceId: number | null;
  readonly eventId: number | null;
}

/** SQL text that reads entries after $1, at most $2 of them, up to $3. */
export const READ_ENTRIES = `SELECT position, kind, at, by, statement_id AS "statementId", facets,
  actor_id AS "actorId", topic_id AS "topicId", source_id AS "sourceId", event_id AS "eventId" FROM change
  WHERE position > $1 AND position <= $3 ORDER BY position LIMIT $2`;

/** A row as the driver gives it: bigints as text. */
export type LogRow = Omit<LogEntry, 'position'> & { readonly position: string };

export function toEntry(row: LogRow): LogEntry {
  return { ...row, position: BigInt(row.position) };
}
