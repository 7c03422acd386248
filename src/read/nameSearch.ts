import type { Database } from '../db/client.ts';
import { query } from './sql.ts';

/** How alike a word must be to count as a misspelling; 1 is equal. By trigrams, as pg_trgm counts them. */
const SIMILARITY_MIN = 0.35;
/** Names that are only alike are left out beside names that really contain what was searched. */
export const SEARCH_RESULTS_MAX = 200;

/*
 * A name matches by how well it fits: 4 equal, 3 begins with it, 2 a word begins with it, below 1 by likeness.
 * Where a name fits exactly or by its beginning, likeness adds nothing but noise, so it counts only without those.
 */
const SEARCH = (table: 'actor' | 'topic') => `
WITH wanted AS (SELECT fold($1) AS name, replace(replace(replace(fold($1), '\\', '\\\\'), '%', '\\%'), '_', '\\_') AS pattern),
  named AS (
    SELECT id, fold(name) AS name FROM ${table}
    ${table === 'actor' ? 'UNION ALL SELECT actor_id, fold(name) FROM actor_alias' : ''}),
  fit AS (
    SELECT named.id, max(CASE
      WHEN named.name = wanted.name THEN 4
      WHEN named.name LIKE wanted.pattern || '%' THEN 3
      WHEN ' ' || named.name LIKE '% ' || wanted.pattern || '%' THEN 2
      ELSE greatest(word_similarity(wanted.name, named.name), similarity(wanted.name, named.name))
    END) AS score
    FROM named, wanted GROUP BY named.id)
SELECT fit.id FROM fit JOIN ${table} ON ${table}.id = fit.id
WHERE score >= CASE WHEN (SELECT max(score) FROM fit) >= 2 THEN 2 ELSE $2::real END
ORDER BY score DESC, ${table}.name, fit.id LIMIT ${SEARCH_RESULTS_MAX}`;

/** Ids of the actors that go by a name like this one, aliases and metonyms included, best first. */
export async function searchActors(db: Database, search: string): Promise<number[]> {
  const rows = await query<{ id: number }>(db, SEARCH('actor'), [
    search.replaceAll('\0', ' '),
    SIMILARITY_MIN,
  ]);
  return rows.map((row) => row.id);
}

/** Ids of the topics with a name like this one, best first. */
export async function searchTopics(db: Database, search: string): Promise<number[]> {
  const rows = await query<{ id: number }>(db, SEARCH('topic'), [
    search.replaceAll('\0', ' '),
    SIMILARITY_MIN,
  ]);
  return rows.map((row) => row.id);
}
