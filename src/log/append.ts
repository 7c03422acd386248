import type { Queryable } from '../db/sql.ts';

/** The NOTIFY channel of the log. A notification has no payload; it only says that there is something to read. */
export const BELL_CHANNEL = 'readout_change';

/** A setting of a transaction: the time of its changes, which a restore takes from the history. Empty or missing, it is the present. */
export const CHANGE_TIME = 'readout.change_time';
const PRESENT = `coalesce(nullif(current_setting('${CHANGE_TIME}', true), '')::timestamptz, clock_timestamp())`;

/*
 * A writer provides a relation `wanted` with `kind`, `by`, `noun`, `slug`, `content_digest` and any other columns it needs.
 * The CTEs here lock the counter row until the commit, which makes positions contiguous and in commit order. They
 * give each row of `wanted` its `position`, `at` and `digest`. The time is never earlier than that of the previous change. `after`
 * names CTEs of one row each that must be evaluated before the counter row is locked.
 *
 * $1 is a JSON list of objects. The first one can have `seen`: the position of the record in which the entries that the list refers to were
 * looked up. If an entry was withdrawn after that, the statement fails as a serialization failure. Only columns of the counter row can
 * say so: PostgreSQL reads other tables as they were before the wait for the lock.
 */

/**
 * The CTEs for a list of changes. The rows of `wanted` have `n` from 1; `numbered` has each with its position, time and digest.
 * @param withdrawing the kind of change that withdraws an entry, if the list can have it.
 */
export const numberChanges = (after: readonly string[] = [], withdrawing?: string): string => `
  counter AS MATERIALIZED (
    SELECT head.position, head.digest, head.at, head.withdrawn_position FROM ${['head', ...after].join(', ')} FOR NO KEY UPDATE OF head),
  base AS MATERIALIZED (
    SELECT CASE WHEN withdrawn_position > ($1::jsonb #>> '{0,seen}')::bigint THEN refuse_overtaken() ELSE position END AS position,
      digest, greatest(at, ${PRESENT})::timestamptz(3) AS at
    FROM counter),
  numbered AS MATERIALIZED (
    SELECT wanted.*, base.position + n AS position, base.at, chain_changes(base.digest,
      change_text(base.position + n, kind, base.at, by, noun, slug, content_digest))
      OVER (ORDER BY n ROWS UNBOUNDED PRECEDING) AS digest
    FROM wanted, base),
  next AS (
    UPDATE head SET position = last.position, at = last.at, digest = last.digest${withdrawing === undefined ? '' : setWithdrawn(withdrawing)}
    FROM (SELECT position, at, digest FROM numbered ORDER BY n DESC LIMIT 1) AS last)`;

/** SQL of the position of the last withdrawal. */
const setWithdrawn = (kind: string): string =>
  `, withdrawn_position = greatest(head.withdrawn_position, (SELECT max(position) FROM numbered WHERE kind = '${kind}'))`;

/** Notifies the tailers at the commit. Select from it exactly once. */
export const RING = `(SELECT pg_notify('${BELL_CHANNEL}', '')) AS bell`;

/** The nouns whose changes are appended by `appendChanges`. Statements append theirs in the SQL that writes them. */
export type EntryNoun = 'actor' | 'topic' | 'source' | 'event' | 'collection';

/** A change of an actor, topic, source, event or collection. */
interface NewChange {
  /** Of the entry. */
  readonly id: number;
  readonly slug: string;
  /** Its content before the change, in the shape of its input, which becomes a revision; null for a new entry. */
  readonly former: object | null;
  /** SHA-256 of its new content, in hexadecimal; see `domain/content.ts`. */
  readonly contentDigest: string;
  /** Why the entry is withdrawn; left out for a save, which makes a withdrawn entry current again. */
  readonly withdrawalReason?: string;
  /** Slug of the actor that a withdrawn actor was merged into. */
  readonly mergedInto?: string;
  /** Why the change was made; left out where the recorder was not asked. */
  readonly reason?: string;
  /** The collection that adds the entry; null for none. Left out where the entry keeps its own. */
  readonly collectionId?: number | null;
  /** In the first one of a list: the position of the record in which the entries that the list refers to were looked up. */
  readonly seen?: string | undefined;
}

/** The kind of change that withdraws an entry. */
const withdrawnKind = (noun: EntryNoun): string =>
  `${noun.toUpperCase()}_${noun === 'collection' ? 'RETRACTED' : 'WITHDRAWN'}`;

/** SQL of the collection of an entry after its change. A collection has none. */
const collectionSql = (noun: EntryNoun): string =>
  noun === 'collection'
    ? ''
    : `, collection_id = CASE WHEN j ? 'collectionId' THEN (j ->> 'collectionId')::int ELSE ${noun}.collection_id END`;

/** SQL of the actor that a withdrawn actor was merged into. */
const mergedIntoSql = (noun: EntryNoun): string =>
  noun === 'actor'
    ? `, merged_into_id = (SELECT id FROM actor target WHERE target.slug = j ->> 'mergedInto')`
    : '';

/** $1 list of changes, $2 recorder. Returns position and id in the order of the list. */
const appendSql = (noun: EntryNoun): string => `
WITH wanted AS MATERIALIZED (
    SELECT n, (CASE WHEN former IS NULL THEN '${noun.toUpperCase()}_ADDED'
        WHEN j ->> 'withdrawalReason' IS NOT NULL THEN '${withdrawnKind(noun)}' ELSE '${noun.toUpperCase()}_REVISED' END)::change_kind AS kind,
      $2::text AS by, '${noun}' AS noun, j ->> 'slug' AS slug, (j -> 'id')::int AS id, decode(j ->> 'contentDigest', 'hex') AS content_digest, former, j
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS part (j, n)
    CROSS JOIN LATERAL (SELECT nullif(j -> 'former', 'null') AS former) AS f),${numberChanges([], noun === 'collection' ? undefined : withdrawnKind(noun))},
  entry AS (
    INSERT INTO change (position, kind, at, by, ${noun}_id, digest, content_digest, reason)
    SELECT position, kind, at, by, id, digest, content_digest, j ->> 'reason' FROM numbered
    RETURNING position, ${noun}_id AS id),
  written AS (
    UPDATE ${noun} SET position = numbered.position, withdrawal_reason = j ->> 'withdrawalReason'${mergedIntoSql(noun)}${collectionSql(noun)}
    FROM numbered WHERE ${noun}.id = numbered.id),
  last AS (
    SELECT id, number FROM ${noun}_revision_numbers(ARRAY(SELECT id FROM numbered WHERE former IS NOT NULL))),
  kept AS (
    INSERT INTO ${noun}_revision (${noun}_id, number, content, position, at, by)
    SELECT id, coalesce(last.number, 0) + 1, former, position, at, by
    FROM numbered LEFT JOIN last USING (id) WHERE former IS NOT NULL)
SELECT id, position FROM entry, ${RING} ORDER BY position`;

const APPEND: Readonly<Record<EntryNoun, string>> = {
  actor: appendSql('actor'),
  topic: appendSql('topic'),
  source: appendSql('source'),
  event: appendSql('event'),
  collection: appendSql('collection'),
};

/**
 * Appends a change of each of these entries, which are written, to the log, sets their positions, withdrawals and collections, and keeps their
 * former versions. It must be the last statement of its transaction, which holds the counter row from here on.
 * @returns id of the entry and position of its change, in the order of the list.
 * @throws a serialization failure, for `retry`, if an entry was withdrawn after the position `seen`.
 */
export function appendChanges(
  tx: Queryable,
  noun: EntryNoun,
  changes: readonly NewChange[],
  by: string,
): Promise<{ id: number; position: bigint }[]> {
  return tx.$queryRawUnsafe(APPEND[noun], JSON.stringify(changes), by);
}
