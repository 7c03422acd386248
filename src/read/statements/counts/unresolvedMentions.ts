import type { Database } from '../../../db/client.ts';
import type { Slice } from '../../slice.ts';
import { query } from '../../sql.ts';
import { type Condition, isNever } from '../condition.ts';
import { type ListMemory, parametersFor } from '../list.ts';
import { toSql } from '../where.ts';

/** Words that sources use for a speaker who is not identified. */
export interface UnresolvedMention {
  readonly as: string;
  /** Number of statements with it. */
  readonly count: number;
  /** The statement of these that was recorded last. */
  readonly exampleId: number;
}

export interface UnresolvedMentions {
  readonly mentions: readonly UnresolvedMention[];
  /** Number of all different mentions. */
  readonly total: number;
}

/** The mentions without an actor of the statements that match, the most frequent first: one SQL statement. */
export async function readUnresolvedMentions(
  db: Database,
  { languages }: ListMemory,
  condition: Condition,
  { first, offset }: Slice,
): Promise<UnresolvedMentions> {
  if (isNever(condition)) return { mentions: [], total: 0 };
  const parameters = await parametersFor(db, languages, condition);
  const matches = toSql(condition, parameters);
  const [limit, skipped] = [parameters.add(first), parameters.add(offset)];
  // The first row is always read, since each row has the length of the whole list.
  const text = `WITH listed AS MATERIALIZED (
      SELECT *, row_number() OVER (ORDER BY count DESC, "as") AS place, (count(*) OVER ())::int AS total FROM (
        SELECT mention."as", count(DISTINCT s.id)::int AS count, max(s.id) AS "exampleId"
        FROM statement_mention mention JOIN statement s ON s.id = mention.statement_id
        WHERE mention.actor_id IS NULL AND ${matches} GROUP BY mention."as") AS grouped)
    SELECT "as", count, "exampleId", total, place > ${skipped}::int AND place <= ${skipped}::int + ${limit}::int AS wanted
    FROM listed WHERE place = 1 OR (place > ${skipped}::int AND place <= ${skipped}::int + ${limit}::int) ORDER BY place`;
  type Row = UnresolvedMention & { readonly total: number; readonly wanted: boolean };
  const rows = await query<Row>(db, text, parameters.values, 'each run');
  return { mentions: rows.filter(({ wanted }) => wanted), total: rows[0]?.total ?? 0 };
}
