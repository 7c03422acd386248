import type { Database } from '../db/client.ts';
import { query } from './sql.ts';

/**
 * How long the list of each parent is, with one SQL statement; in the order of the ids.
 * @param text selects `parent` and `count` of the parents in $1; one that it leaves out has an empty list.
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
