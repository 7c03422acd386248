import type pg from 'pg';
import type { AttributionForm, ChangeKind } from '../db/generated/enums.ts';
import type { Cursor } from './cursor.ts';
import type { FacetsChange } from './facets.ts';

const POSITION_MAX = 2n ** 63n - 1n;

/** What the facets lack of a statement, as it stood when the log was read; positions as decimal text. */
export interface EntryStatement {
  readonly slug: string;
  readonly language: string | null;
  readonly saidEdtf: string;
  readonly retractionReason: string | null;
  readonly recordedAt: Date;
  readonly addedPosition: string;
  /** That of its latest change: greater than the entry's where the statement was changed again. */
  readonly statementPosition: string;
  /** Actor and form of each hop of its attribution, in order; null where it has none. */
  readonly hops: readonly (readonly [number, AttributionForm])[] | null;
}

/** One entry of the log, as it is read. */
export interface LogEntry {
  readonly position: bigint;
  readonly kind: ChangeKind;
  readonly at: Date;
  readonly by: string;
  /** Null where the change is not one of a statement; then `facets` and `statement` are null too. */
  readonly statementId: number | null;
  readonly facets: FacetsChange | null;
  readonly statement: EntryStatement | null;
  /** What else a change can be about: exactly one of these and `statementId` is not null. */
  readonly actorId: number | null;
  readonly topicId: number | null;
  readonly sourceId: number | null;
  readonly eventId: number | null;
}

/** A row as the driver gives it: one without an entry where there is none. */
type Row = Omit<LogEntry, 'position' | 'statement'> &
  EntryStatement & { readonly epoch: string; readonly head: string; readonly position: string | null };

/**
 * Entries after $1, up to $2, each beside the head that was committed with the last of them, and with what a delivery
 * needs of its statement: one round trip is all that lies between a commit and its delivery. The limits stand in the
 * text, where PostgreSQL sees that the rows are few and best looked up one by one.
 */
const readLogSql = (lengthMax: number): string => `
  SELECT head.epoch, head.position AS head, c.position, c.kind, c.at, c.by, c.facets, c.statement_id AS "statementId",
    c.actor_id AS "actorId", c.topic_id AS "topicId", c.source_id AS "sourceId", c.event_id AS "eventId", s.*
  FROM head
  LEFT JOIN LATERAL (
    SELECT * FROM change WHERE position > $1 AND position <= $2 ORDER BY position LIMIT ${lengthMax}) c ON true
  LEFT JOIN LATERAL (
    SELECT slug, language, said_edtf AS "saidEdtf", retraction_reason AS "retractionReason",
      recorded_at AS "recordedAt", added_position AS "addedPosition", position AS "statementPosition",
      (SELECT json_agg(json_build_array(actor_id, form) ORDER BY ordinal) FROM attribution
        WHERE statement_id = statement.id) AS hops
    FROM statement WHERE id = c.statement_id LIMIT 1) s ON true
  ORDER BY c.position`;

/** A piece of the log, and where the log ended when it was read. */
export interface LogPage {
  readonly head: Cursor;
  readonly entries: readonly LogEntry[];
}

/** Entries after a position, oldest first, at most `lengthMax`, none beyond `upTo`. */
export async function readLog(
  connection: Pick<pg.ClientBase, 'query'>,
  after: bigint,
  lengthMax: number,
  upTo: bigint = POSITION_MAX,
): Promise<LogPage> {
  const { rows } = await connection.query<Row>({
    name: `read log by ${lengthMax}`,
    text: readLogSql(lengthMax),
    values: [after, upTo],
  });
  const [first] = rows;
  if (!first) throw new Error('the table head is empty');
  return {
    head: { epoch: first.epoch, position: BigInt(first.head) },
    entries: rows.flatMap((row) => (row.position === null ? [] : [toEntry(row, row.position)])),
  };
}

function toEntry(row: Row, position: string): LogEntry {
  return { ...row, position: BigInt(position), statement: row.statementId === null ? null : row };
}
