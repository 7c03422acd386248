import type pg from 'pg';
import type { AttributionForm, ChangeKind } from '../db/generated/enums.ts';
import type { Cursor } from './cursor.ts';
import { type FacetsChange, facetsSql } from './facets.ts';

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

/** The actor, topic, source or event of a change, as of the time the log was read. */
export interface EntryThing {
  readonly slug: string;
  /** Of a topic; null for a root, and for anything else. */
  readonly parentId: number | null;
}

/** One entry of the log, as it is read. */
export interface LogEntry {
  readonly position: bigint;
  /** Its digest in the chain, in hexadecimal; the genesis digest for a change without one. */
  readonly digest: string;
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
  /** Null for a change of a statement. */
  readonly thing: EntryThing | null;
}

/** An entry as PostgreSQL writes it in JSON: moments as text. */
type EntryJson = Omit<LogEntry, 'position' | 'at' | 'statement'> & {
  readonly at: string;
  readonly statement: (Omit<EntryStatement, 'recordedAt'> & { readonly recordedAt: string }) | null;
};
/** A row as the driver gives it; without a position where there is no entry. */
interface Row {
  readonly genesis: string;
  readonly head: string;
  /** Digest of the change at the position that the read began after; null where the log has no such change. */
  readonly after: string | null;
  readonly position: string | null;
  readonly entry: EntryJson;
}

/** The thing that the change `c` is about. One of the four ids is not null, and only that one is looked up. */
const THING = `json_build_object(
    'slug', coalesce((SELECT slug FROM actor WHERE id = c.actor_id), (SELECT slug FROM topic WHERE id = c.topic_id),
      (SELECT slug FROM source WHERE id = c.source_id), (SELECT slug FROM event WHERE id = c.event_id)),
    'parentId', (SELECT parent_id FROM topic WHERE id = c.topic_id))`;

/**
 * Entries after $1, up to $2, each beside the head that was committed with the last of them and the digest at $1, and
 * with what a delivery needs of its statement: one round trip is all that lies between a commit and its delivery. An entry is one value, as
 * JSON: the driver takes longer over twenty columns than PostgreSQL over the read. The limits stand in the text, where
 * PostgreSQL sees that the rows are few and best looked up one by one.
 */
const readLogSql = (lengthMax: number): string => `
  SELECT encode(head.genesis, 'hex') AS genesis, head.position AS head, c.position,
    CASE WHEN $1 <= head.position THEN
      encode(coalesce((SELECT digest FROM change WHERE position = $1), head.genesis), 'hex') END AS after,
    json_build_object('digest', encode(coalesce(c.digest, head.genesis), 'hex'),
    'kind', c.kind, 'at', c.at, 'by', c.by, 'facets', ${facetsSql()}, 'statementId', c.statement_id, 'actorId', c.actor_id,
    'topicId', c.topic_id, 'sourceId', c.source_id, 'eventId', c.event_id, 'statement', to_json(s),
    'thing', CASE WHEN c.statement_id IS NULL THEN ${THING} END) AS entry
  FROM head
  LEFT JOIN LATERAL (
    SELECT * FROM change WHERE position > $1 AND position <= $2 ORDER BY position LIMIT ${lengthMax}) c ON true
  LEFT JOIN LATERAL (
    SELECT slug, language, said_edtf AS "saidEdtf", retraction_reason AS "retractionReason",
      recorded_at AS "recordedAt", added_position::text AS "addedPosition", position::text AS "statementPosition",
      (SELECT json_agg(json_build_array(actor_id, form) ORDER BY ordinal) FROM attribution
        WHERE statement_id = statement.id) AS hops
    FROM statement WHERE id = c.statement_id LIMIT 1) s ON true
  ORDER BY c.position`;

/** A piece of the log, and where the log ended when it was read. */
export interface LogPage {
  /** The digest that the chain begins at. */
  readonly genesis: string;
  /** Position of the last change that was committed. */
  readonly headPosition: bigint;
  /** The change at the position that the read began after; null where the log has no such change. */
  readonly after: Cursor | null;
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
    genesis: first.genesis,
    headPosition: BigInt(first.head),
    after: first.after === null ? null : { position: after, digest: first.after },
    entries: rows.flatMap((row) => (row.position === null ? [] : [toEntry(row.entry, row.position)])),
  };
}

function toEntry({ statement, ...entry }: EntryJson, position: string): LogEntry {
  return {
    ...entry,
    position: BigInt(position),
    at: new Date(entry.at),
    statement: statement && { ...statement, recordedAt: new Date(statement.recordedAt) },
  };
}
