import type { Queryable } from '../db/client.ts';
import type { ChangeKind } from '../db/generated/enums.ts';

/** The NOTIFY channel of the log. A notification has no payload; it only says that there is something to read. */
export const BELL_CHANNEL = 'readout_change';

/*
 * A writer provides a relation `wanted` with `kind`, `by`, `noun`, `slug`, `content_digest` and any other columns it needs.
 * The CTEs here lock the counter row until the commit, which makes positions contiguous and in commit order. They
 * give each row of `wanted` its `position`, `at` and `digest`. The time is never earlier than that of the previous change. `after`
 * names CTEs of one row each that must be evaluated before the counter row is locked.
 */

/** The CTEs for a single change. `numbered` is the row of `wanted` with its position, time and digest. */
export const numberChange = (after: readonly string[] = []): string => `
  numbered AS (
    UPDATE head SET (position, at, digest) = (
      SELECT head.position + 1, present.at, chain_change(NULL, head.digest,
        change_text(head.position + 1, kind, present.at, by, noun, slug, content_digest))
      FROM (SELECT greatest(head.at, clock_timestamp())::timestamptz(3) AS at OFFSET 0) AS present)
    FROM ${['wanted', ...after].join(', ')}
    RETURNING wanted.*, head.position, head.at, head.digest)`;

/** The CTEs for a list. The rows of `wanted` have `n` from 1; `numbered` has each with its position, time and digest. */
export const numberChanges = (after: readonly string[] = []): string => `
  counter AS MATERIALIZED (
    SELECT head.position, head.digest, head.at FROM ${['head', ...after].join(', ')} FOR NO KEY UPDATE OF head),
  base AS MATERIALIZED (
    SELECT position, digest, greatest(at, clock_timestamp())::timestamptz(3) AS at FROM counter),
  numbered AS MATERIALIZED (
    SELECT wanted.*, base.position + n AS position, base.at, chain_changes(base.digest,
      change_text(base.position + n, kind, base.at, by, noun, slug, content_digest))
      OVER (ORDER BY n ROWS UNBOUNDED PRECEDING) AS digest
    FROM wanted, base),
  next AS (
    UPDATE head SET position = last.position, at = last.at, digest = last.digest
    FROM (SELECT position, at, digest FROM numbered ORDER BY n DESC LIMIT 1) AS last)`;

/** Notifies the tailers at the commit. Select from it exactly once. */
export const RING = `(SELECT pg_notify('${BELL_CHANNEL}', '')) AS bell`;

/** A change of an actor, topic, source or event. Statements append theirs in the SQL that writes them. */
export interface NewChange {
  readonly kind: Exclude<ChangeKind, `STATEMENT_${string}`>;
  readonly subject: 'actor' | 'topic' | 'source' | 'event';
  readonly id: number;
  /** SHA-256 of its new content, in hexadecimal; see `domain/content.ts`. */
  readonly contentDigest: string;
  /** The name of the recorder's token. */
  readonly by: string;
}

/**
 * Appends one change to the log. It must be the last statement of its transaction, which holds the counter row from here on.
 * @returns its position.
 */
export async function appendChange(tx: Queryable, change: NewChange): Promise<bigint> {
  const { subject } = change;
  const rows = await tx.$queryRawUnsafe<{ position: bigint }[]>(
    `WITH wanted AS MATERIALIZED (
       SELECT $1::change_kind AS kind, $2::text AS by, '${subject}' AS noun, slug, id,
         decode($4, 'hex') AS content_digest
       FROM ${subject} WHERE id = $3::int),${numberChange()},
     entry AS (
       INSERT INTO change (position, kind, at, by, ${subject}_id, digest, content_digest)
       SELECT position, kind, at, by, id, digest, content_digest FROM numbered
       RETURNING position)
     SELECT position FROM entry, ${RING}`,
    change.kind,
    change.by,
    change.id,
    change.contentDigest,
  );
  return (rows[0] as { position: bigint }).position;
}
