import { ReadoutError } from '../base/errors.ts';
import type { Database } from '../db/client.ts';
import { query } from './sql.ts';

/** Actors or topics that a search for a name finds; the best of more matches. @limit items */
export const SEARCH_RESULTS_MAX = 200;
/** `search` for actors and topics. @limit characters */
export const NAME_SEARCH_LENGTH_MAX = 200;
/** Words of a `search` for actors and topics. Each is compared with the words of all names. @limit words */
export const SEARCH_WORDS_MAX = 10;

/** Letters that a word must have to allow for one edit, or for two. An edit adds, removes or replaces a letter. */
const LENGTH_MIN_FOR_ONE_EDIT = 3;
const LENGTH_MIN_FOR_TWO_EDITS = 5;
/** Letters by which words are compared. PostgreSQL's levenshtein takes at most 255. */
const COMPARED_LENGTH_MAX = 60;

type Named = 'actor' | 'topic';

/** All names of the rows of a table, folded. `where` is applied to each folded name. */
const names = (table: Named, where: string) => `
    SELECT id, fold(name) AS name FROM ${table} WHERE ${where}
    ${table === 'actor' ? `UNION ALL SELECT actor_id, fold(name) FROM actor_alias WHERE ${where}` : ''}`;

/*
 * Names that contain the searched text, by the trigram indexes. Equal names come first, then names that begin with it, then names
 * with a word that begins with it.
 */
const CONTAINING = (table: Named) => `
WITH wanted AS MATERIALIZED (
    SELECT fold($1) AS name, replace(replace(replace(fold($1), '\\', '\\\\'), '%', '\\%'), '_', '\\_') AS pattern,
      '\\m' || regexp_replace(fold($1), '([[:punct:]])', '\\\\\\1', 'g') AS expression),
  named AS (${names(table, `fold(name) LIKE (SELECT '%' || pattern || '%' FROM wanted)`)}),
  matching AS (
    SELECT named.id, min(CASE
      WHEN named.name = wanted.name THEN 1
      WHEN named.name LIKE wanted.pattern || '%' THEN 2
      WHEN named.name ~ wanted.expression THEN 3
      ELSE 4
    END) AS place
    FROM named, wanted GROUP BY named.id)
SELECT matching.id FROM matching JOIN ${table} ON ${table}.id = matching.id
ORDER BY place, ${table}.name, matching.id LIMIT ${SEARCH_RESULTS_MAX}`;

const words = (text: string) => `regexp_split_to_table(${text}, '[[:space:][:punct:]]+')`;

/*
 * Names that have, for each searched word, a word that differs from it by a few edits at most; those with the fewest edits come first. Two
 * letters that changed places are two edits.
 */
const MISSPELT = (table: Named) => `
WITH wanted AS MATERIALIZED (
    SELECT DISTINCT left(word, ${COMPARED_LENGTH_MAX}) AS word,
      CASE WHEN length(word) < ${LENGTH_MIN_FOR_ONE_EDIT} THEN 0 WHEN length(word) < ${LENGTH_MIN_FOR_TWO_EDITS} THEN 1 ELSE 2 END AS edits
    FROM ${words('fold($1)')} AS word WHERE word <> ''),
  named AS (${names(table, 'true')}),
  own AS MATERIALIZED (
    SELECT named.id, named.name, left(word, ${COMPARED_LENGTH_MAX}) AS word
    FROM named CROSS JOIN ${words('named.name')} AS word),
  compared AS MATERIALIZED (
    SELECT own.word AS own, wanted.word, levenshtein_less_equal(own.word, wanted.word, wanted.edits) AS edits
    FROM (SELECT DISTINCT word FROM own) AS own JOIN wanted ON abs(length(own.word) - length(wanted.word)) <= wanted.edits
    WHERE levenshtein_less_equal(own.word, wanted.word, wanted.edits) <= wanted.edits),
  near AS (
    SELECT own.id, own.name, compared.word, min(compared.edits) AS edits
    FROM own JOIN compared ON compared.own = own.word
    GROUP BY own.id, own.name, compared.word),
  complete AS (
    SELECT id, sum(edits) AS edits FROM near GROUP BY id, name HAVING count(*) = (SELECT count(*) FROM wanted)),
  best AS (SELECT id, min(edits) AS edits FROM complete GROUP BY id)
SELECT best.id FROM best JOIN ${table} ON ${table}.id = best.id
ORDER BY best.edits, ${table}.name, best.id LIMIT ${SEARCH_RESULTS_MAX}`;

/** Ids of the rows with a name like this one, best first. Misspelt names are searched only if no name contains the text. */
async function search(db: Database, table: Named, given: string): Promise<number[]> {
  if (given.length > NAME_SEARCH_LENGTH_MAX) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `“search” may have at most ${NAME_SEARCH_LENGTH_MAX} characters, and has ${given.length}.`,
      ['search'],
      { limit: NAME_SEARCH_LENGTH_MAX },
    );
  }
  const text = given.replaceAll(/[\s\0]+/g, ' ').trim();
  if (text === '') return [];
  const count = text.split(/[\s\p{P}]+/u).filter((word) => word !== '').length;
  if (count > SEARCH_WORDS_MAX) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `“search” may have at most ${SEARCH_WORDS_MAX} words, and has ${count}.`,
      ['search'],
      { limit: SEARCH_WORDS_MAX },
    );
  }
  const matching = await query<{ id: number }>(db, CONTAINING(table), [text]);
  const found = matching.length > 0 ? matching : await query<{ id: number }>(db, MISSPELT(table), [text]);
  return found.map(({ id }) => id);
}

/**
 * Ids of the actors with a name, alias or metonym like this one, best first.
 * @throws ReadoutError LIMIT_EXCEEDED if the text is too long or has too many words.
 */
export function searchActors(db: Database, text: string): Promise<number[]> {
  return search(db, 'actor', text);
}

/**
 * Ids of the topics with a name like this one, best first.
 * @throws ReadoutError LIMIT_EXCEEDED if the text is too long or has too many words.
 */
export function searchTopics(db: Database, text: string): Promise<number[]> {
  return search(db, 'topic', text);
}
