import { ReadoutError } from '../../base/errors.ts';
import type { Queryable } from '../../db/sql.ts';
import type { EntryNoun } from '../../log/append.ts';

/** An entry in the shape of its input, with its slug. */
export type Content = Readonly<Record<string, unknown>> & { readonly slug: string };

/** Bytes of the texts of all sources that one save changes. @limit bytes */
export const SAVED_BYTES_MAX = 16_000_000;

/** SQL of the part that the content of a withdrawn row `t` has beside the shape of its input. */
export const WITHDRAWAL = `'withdrawalReason', t.withdrawal_reason`;

/** Whether an entry is withdrawn. */
export const isWithdrawn = ({ content }: Former): boolean => content.withdrawalReason !== undefined;

/** An entry of the record before a save. */
export interface Former {
  readonly id: number;
  /** Position of its latest change. */
  readonly position: bigint;
  /** In the shape of its input, without empty fields. With `withdrawalReason` if it is withdrawn. */
  readonly content: Content;
}

/** How the entries of a noun are read. */
export interface ContentSql {
  readonly noun: EntryNoun;
  /** SQL of the row `t` as JSON in the shape of the input. */
  readonly contentSql: string;
  /** SQL of the bytes of the row `t` that count towards `SAVED_BYTES_MAX`. Default: none. */
  readonly bytesSql?: string;
}

/**
 * The entries with these slugs, by slug, locked against other writers until the transaction ends.
 * @throws ReadoutError LIMIT_EXCEEDED if they are larger than `SAVED_BYTES_MAX` together.
 */
export async function readFormer(
  tx: Queryable,
  { noun, contentSql, bytesSql = '0' }: ContentSql,
  slugs: readonly string[],
): Promise<Map<string, Former>> {
  // The lock is a separate statement: a statement that waits for a lock reads other tables as they were before the wait.
  const locked = await tx.$queryRawUnsafe<{ id: number; bytes: number }[]>(
    `SELECT t.id, coalesce(${bytesSql}, 0)::int AS bytes FROM ${noun} t WHERE t.slug = ANY ($1::text[])
     ORDER BY t.id FOR NO KEY UPDATE OF t`,
    slugs,
  );
  if (locked.length === 0) return new Map();
  const bytes = locked.reduce((sum, row) => sum + row.bytes, 0);
  if (bytes > SAVED_BYTES_MAX) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `The entries have ${bytes} bytes of text together, and one save can change at most ${SAVED_BYTES_MAX}. Send them in several requests.`,
      ['input'],
      { limit: 'SAVED_BYTES_MAX', max: SAVED_BYTES_MAX },
    );
  }
  return readContents(tx, { noun, contentSql }, slugs);
}

/** The entries with these slugs as they are now, by slug. */
export async function readContents(
  db: Queryable,
  { noun, contentSql }: ContentSql,
  slugs: readonly string[],
): Promise<Map<string, Former>> {
  const rows = await db.$queryRawUnsafe<(Former & { slug: string })[]>(
    `SELECT t.id, t.slug, t.position, json_strip_nulls(${contentSql}) AS content FROM ${noun} t WHERE t.slug = ANY ($1::text[])`,
    slugs,
  );
  return new Map(rows.map(({ slug, id, position, content }) => [slug, { id, position, content }]));
}
