import type { Database } from './client.ts';

/** A Cyrillic word. Trigrams consist of what the character type of the database calls letters and digits. */
const FINDS_LETTERS = `SELECT cardinality(show_trgm('лавров')) > 0 AS finds`;

/** Whether the database recognises letters outside ASCII, which text search and trigrams need. */
export async function hasUnicodeCharacterType({ pool }: Pick<Database, 'pool'>): Promise<boolean> {
  const { rows } = await pool.query<{ finds: boolean }>(FINDS_LETTERS);
  return rows[0]?.finds === true;
}
