import { query, type Readable } from './sql.ts';

/** Id of the entry with this identifier; null if there is none. */
export async function findIdentified(
  db: Readable,
  noun: 'actor' | 'topic' | 'source',
  { scheme, value }: { readonly scheme: string; readonly value: string },
): Promise<number | null> {
  const text = `SELECT ${noun}_id AS id FROM ${noun}_identifier WHERE scheme = $1 AND value = $2`;
  const rows = await query<{ id: number }>(db, text, [scheme, value]);
  return rows[0]?.id ?? null;
}

/** Id of the first source with this address or digest; null if there is none. */
export async function findSource(
  db: Readable,
  column: 'url' | 'digest',
  value: string,
): Promise<number | null> {
  // OFFSET keeps PostgreSQL from reading all sources in the order of their ids.
  const text = `SELECT id FROM (SELECT id FROM source WHERE ${column} = $1 OFFSET 0) AS found ORDER BY id LIMIT 1`;
  const rows = await query<{ id: number }>(db, text, [value]);
  return rows[0]?.id ?? null;
}
