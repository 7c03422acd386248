import type pg from 'pg';
import type { AttributionForm, ChangeKind } from '../db/generated/enums.ts';
import { type Cursor, POSITION_MAX } from './cursor.ts';
import {
  type Facets,
  type FacetsChange,
  facetsSql,
  facetsVersion,
  type SpanFacets,
  versionOf,
} from './facets.ts';

/** What a delivery needs of a statement beside its facets, as of the time the log was read. Positions are decimal text. */
interface EntryStatement {
  readonly slug: string;
  readonly key: string | null;
  readonly language: string | null;
  readonly saidEdtf: string;
  readonly order: number | null;
  readonly retractionReason: string | null;
  readonly recordedAt: Date;
  readonly addedPosition: string;
  /** Position of its latest change: greater than the entry's where the statement has changed since. */
  readonly statementPosition: string;
  /** Actor and form of each hop of its attribution, in order; null without hops. */
  readonly hops: readonly (readonly [number, AttributionForm])[] | null;
}

/** The actor, topic, source, event or collection of a change. */
export interface EntrySubject {
  readonly slug: string;
  /** The parent of a topic after the change; null for a root and for other subjects. */
  readonly parentId: number | null;
  /** Of an actor that the change merged into another one: its slug, and the slugs that led to it. Null for other changes. */
  readonly mergedSlugs: readonly string[] | null;
}

/** One entry of the log, with what deliveries need. */
export interface LogEntry {
  readonly position: bigint;
  /** Its digest in the chain, in hexadecimal; the genesis digest where the change has none. */
  readonly digest: string;
  readonly kind: ChangeKind;
  readonly at: Date;
  readonly by: string;
  /** Null where the change is not about a statement; then `facets` and `statement` are null, too. */
  readonly statementId: number | null;
  readonly facets: FacetsChange | null;
  readonly statement: EntryStatement | null;
  /** Exactly one of these and `statementId` is not null: what the change is about. */
  readonly actorId: number | null;
  readonly topicId: number | null;
  readonly sourceId: number | null;
  readonly eventId: number | null;
  readonly collectionId: number | null;
  /** Null for a change of a statement. */
  readonly subject: EntrySubject | null;
}

/** Facets with what a filter needs beside them. */
export type MatchableFacets = Facets &
  SpanFacets & {
    /** Ids of the topics of the statement, and of all topics above them. */
    readonly topicLineage: readonly number[];
  };

/** An entry with the topics above those of its statement, which the log does not keep. */
export interface MatchableEntry extends LogEntry {
  readonly facets: { readonly before: MatchableFacets | null; readonly after: MatchableFacets } | null;
}

/** An entry in PostgreSQL's JSON, where times and the position are text. */
type EntryJson = Omit<LogEntry, 'position' | 'at' | 'statement' | 'subject'> & {
  readonly position: string;
  readonly at: string;
  readonly statement: (Omit<EntryStatement, 'recordedAt'> & { readonly recordedAt: string }) | null;
};
/** A row from the driver. The entry is null where the log has no more. */
interface Row {
  readonly head: string;
  /** Digest of the change that the read began after; null where the log has no such change. */
  readonly after: string | null;
  readonly entry: EntryJson | null;
}

/**
 * Entries after $1, up to $2. Each row also has the committed head, the digest at $1, and what a delivery needs of the
 * statement, so that the delivery of a statement takes one round trip. An entry is one JSON value, because the driver would take longer
 * to parse twenty columns than PostgreSQL takes for the read. The limits are literals, so that PostgreSQL plans for few
 * rows and looks each one up by key.
 */
const readLogSql = (lengthMax: number): string => `
  SELECT head.position AS head,
    CASE WHEN $1 <= head.position THEN
      encode(coalesce((SELECT digest FROM change WHERE position = $1), head.genesis), 'hex') END AS after,
    CASE WHEN c.position IS NOT NULL THEN json_build_object('position', c.position::text,
      'digest', encode(coalesce(c.digest, head.genesis), 'hex'), 'kind', c.kind, 'at', c.at, 'by', c.by, 'facets', c.facets,
      'statementId', c.statement_id, 'actorId', c.actor_id, 'topicId', c.topic_id, 'sourceId', c.source_id,
      'eventId', c.event_id, 'collectionId', c.collection_id, 'statement', to_json(s)) END AS entry
  FROM head
  LEFT JOIN LATERAL (
    SELECT * FROM change WHERE position > $1 AND position <= $2 ORDER BY position LIMIT ${lengthMax}) c ON true
  LEFT JOIN LATERAL (
    SELECT slug, key, language, said_edtf AS "saidEdtf", "order", retraction_reason AS "retractionReason",
      recorded_at AS "recordedAt", added_position::text AS "addedPosition", position::text AS "statementPosition",
      (SELECT json_agg(json_build_array(actor_id, form) ORDER BY ordinal) FROM attribution
        WHERE statement_id = statement.id) AS hops
    FROM statement WHERE id = c.statement_id LIMIT 1) s ON true
  ORDER BY c.position`;

/**
 * $1 positions. The subjects of changes that are not about statements. These are read separately: within the read of the log,
 * PostgreSQL would set up the look-ups each time, also where no change needs them.
 */
const READ_SUBJECTS = `
  SELECT position, json_build_object(
    'slug', coalesce((SELECT slug FROM actor WHERE id = c.actor_id), (SELECT slug FROM topic WHERE id = c.topic_id),
      (SELECT slug FROM source WHERE id = c.source_id), (SELECT slug FROM event WHERE id = c.event_id),
      (SELECT slug FROM collection WHERE id = c.collection_id)),
    'parentId', CASE WHEN c.topic_id IS NOT NULL THEN (
      SELECT CASE WHEN later.content IS NULL THEN t.parent_id ELSE (SELECT id FROM topic WHERE slug = later.content ->> 'parent') END
      FROM topic t LEFT JOIN LATERAL (
        SELECT content FROM topic_revision WHERE topic_id = t.id AND position > c.position ORDER BY number LIMIT 1) later ON true
      WHERE t.id = c.topic_id) END,
    'mergedSlugs', CASE WHEN c.kind = 'ACTOR_WITHDRAWN' THEN (
      WITH RECURSIVE merged AS (
        SELECT id, slug FROM actor WHERE id = c.actor_id AND merged_into_id IS NOT NULL
        UNION SELECT actor.id, actor.slug FROM merged JOIN actor ON actor.merged_into_id = merged.id)
      SELECT json_agg(slug) FROM merged) END) AS value
  FROM change c WHERE position = ANY ($1::bigint[])`;

/** $1 positions. The facets of entries that were written before some facets were added. */
const completeFacetsSql = (): string =>
  `SELECT position, ${facetsSql()} AS value FROM change c WHERE position = ANY ($1::bigint[])`;

/** Consecutive entries of the log, and its head when they were read. */
export interface LogPage {
  /** Position of the last change that was committed. */
  readonly headPosition: bigint;
  /** The change that the read began after; null where the log has no such change. */
  readonly after: Cursor | null;
  readonly entries: readonly LogEntry[];
}

type Connection = Pick<pg.ClientBase, 'query'>;

/** Reads entries after a position and up to `upTo`, oldest first, at most `lengthMax`. */
export async function readLog(
  connection: Connection,
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
  const entries = rows.flatMap(({ entry }) => (entry === null ? [] : [toEntry(entry)]));
  return {
    headPosition: BigInt(first.head),
    after: first.after === null ? null : { position: after, digest: first.after },
    entries: entries.some(isIncomplete) ? await complete(connection, entries) : entries,
  };
}

/** Whether an entry was recorded without some facets. */
const isOld = ({ facets }: LogEntry): boolean => facets !== null && versionOf(facets) < facetsVersion();
/** Whether an entry is about an actor, topic, source, event or collection. */
const hasSubject = ({ statementId }: LogEntry): boolean => statementId === null;
const isIncomplete = (entry: LogEntry): boolean => isOld(entry) || hasSubject(entry);

/** The entries with what the read of the log leaves out: the facets that old ones lack, and subjects. */
async function complete(connection: Connection, entries: readonly LogEntry[]): Promise<readonly LogEntry[]> {
  const facets = await readByPosition<FacetsChange>(connection, entries.filter(isOld), {
    name: `complete facets of version ${facetsVersion()}`,
    text: completeFacetsSql(),
  });
  const subjects = await readByPosition<EntrySubject>(connection, entries.filter(hasSubject), {
    name: 'read subjects of changes',
    text: READ_SUBJECTS,
  });
  return entries.map((entry) => ({
    ...entry,
    facets: facets.get(entry.position) ?? entry.facets,
    subject: subjects.get(entry.position) ?? null,
  }));
}

/** Reads the column `value` for each of these entries, by its position. */
async function readByPosition<Value>(
  connection: Connection,
  entries: readonly LogEntry[],
  statement: { readonly name: string; readonly text: string },
): Promise<ReadonlyMap<bigint, Value>> {
  if (entries.length === 0) return new Map();
  const values = [entries.map(({ position }) => position)];
  const { rows } = await connection.query<{ position: string; value: Value }>({ ...statement, values });
  return new Map(rows.map(({ position, value }) => [BigInt(position), value]));
}

function toEntry({ statement, ...entry }: EntryJson): LogEntry {
  return {
    ...entry,
    position: BigInt(entry.position),
    at: new Date(entry.at),
    statement: statement && { ...statement, recordedAt: new Date(statement.recordedAt) },
    subject: null,
  };
}
