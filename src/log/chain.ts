import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { ChangeKind } from '../db/generated/enums.ts';

/*
 * The chain of digests. Each change has a digest over the digest of the change before it and its own fields, so a digest
 * names one change and the whole history up to it. Position 0 has a random digest, the genesis digest of the record.
 *
 *   digest 0 = genesis
 *   digest 1 = SHA-256(digest 0, ["1","ACTOR_ADDED","2026-01-05T09:00:00.000Z","desk","actor","france",<content digest>])
 *   digest 2 = SHA-256(digest 1, ["2", …])
 *
 * An old entry can't be edited, removed or replaced without a change of every later digest. A cursor, such as
 * 2.9f86d081884c7d65, carries the beginning of a digest. After a restore from a backup, another change has position 2, its
 * digest is another one, and the client that sends the cursor gets RESYNC. The database computes the digests
 * (`chain_change`, `chain_changes`) in the statement that appends the change; docs/history.md specifies them.
 */

/** The fields that the digest of a change covers beside the previous digest, as the API returns them. */
interface ChainedChange {
  readonly position: string;
  readonly kind: ChangeKind;
  /** RFC 3339 in UTC with milliseconds. */
  readonly at: string;
  readonly by: string;
  /** What the change is about: its noun in lower case, and its slug. */
  readonly noun: string;
  readonly slug: string;
  /** In hexadecimal; null for changes older than content digests. */
  readonly contentDigest: string | null;
}

/** A link of the chain. Its digest is null where the change was written to the tables directly. */
export interface ChainLink extends ChainedChange {
  readonly digest: string | null;
  /** Why the change was made, where the recorder was asked; null for others. The digest does not cover it. */
  readonly why?: string | null;
}

/** The digest of a change in hexadecimal, as the database function `chain_change` computes it. */
export function chainDigest(before: string, change: ChainedChange): string {
  const { position, kind, at, by, noun, slug, contentDigest } = change;
  return createHash('sha256')
    .update(Buffer.from(before, 'hex'))
    .update(JSON.stringify([position, kind, at, by, noun, slug, contentDigest]))
    .digest('hex');
}

/** $1: the position to read after; $2: the last position; $3: the number of links. Slugs are looked up by primary key. */
const READ_CHAIN = `
  SELECT position::text, kind::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, by,
    lower(split_part(kind::text, '_', 1)) AS noun,
    coalesce((SELECT slug FROM statement WHERE id = statement_id), (SELECT slug FROM actor WHERE id = actor_id),
      (SELECT slug FROM topic WHERE id = topic_id), (SELECT slug FROM source WHERE id = source_id),
      (SELECT slug FROM event WHERE id = event_id), (SELECT slug FROM collection WHERE id = collection_id), '') AS slug,
    encode(content_digest, 'hex') AS "contentDigest", encode(digest, 'hex') AS digest, reason AS why
  FROM change WHERE position > $1 AND position <= $2 ORDER BY change.position LIMIT $3`;

/** Reads the links after a position and up to `upTo`, oldest first. */
export async function readChain(
  connection: Pick<pg.ClientBase, 'query'>,
  after: bigint,
  upTo: bigint,
  lengthMax: number,
): Promise<ChainLink[]> {
  const { rows } = await connection.query<ChainLink>({
    name: 'read chain',
    text: READ_CHAIN,
    values: [after, upTo, lengthMax],
  });
  return rows;
}
