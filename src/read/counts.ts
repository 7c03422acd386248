import type { Database } from '../db/client.ts';
import { query } from './sql.ts';

/**
 * Length of the list of each parent, in the order of the ids, with one SQL statement.
 * @param text selects `parent` and `count` for the parents in $1. A parent without a row has an empty list.
 * @param values of $2 and on.
 */
export async function readCounts(
  db: Database,
  text: string,
  parentIds: readonly number[],
  values: readonly unknown[] = [],
): Promise<number[]> {
  const rows = await query<{ parent: number; count: number }>(db, text, [parentIds, ...values]);
  const counts = new Map(rows.map(({ parent, count }) => [parent, count]));
  return parentIds.map((id) => counts.get(id) ?? 0);
}
