import { ReadoutError } from '../base/errors.ts';
import type { Database } from '../db/client.ts';
import { query } from './sql.ts';

/** Actors or topics that a search for a name finds; the best of more matches. @limit items */
export const SEARCH_RESULTS_MAX = 200;
/** `search` for actors and topics. @limit characters */
export const NAME_SEARCH_LENGTH_MAX = 200;
/** Words of a `search` for actors and topics. Each is compared with the words of all names. @limit words */
export const SEARCH_WORDS_MAX = 10;

/** From so many letters on, a word may have one edit or two: a letter more, less or other. */
const LENGTH_MIN_FOR_ONE_EDIT = 3;
const LENGTH_MIN_FOR_TWO_EDITS = 5;
/** Words are compared by so many letters; PostgreSQL's levenshtein takes 255. */
const COMPARED_LENGTH_MAX = 60;

type Named = 'actor' | 'topic';

/** Every name that a thing goes by, folded; `where` is put on each of the folded names. */
const names = (table: Named, where: string) => `
    SELECT id, fold(name) AS name FROM ${table} WHERE ${where}
    ${table === 'actor' ? `UNION ALL SELECT actor_id, fold(name) FROM actor_alias WHERE ${where}` : ''}`;

/*
 * Names that have in them what was searched, by the trigram indexes. Equal ones come first, then those that begin
 * with it, then those in which a word begins with it.
 */
const FITTING = (table: Named) => `
WITH wanted AS MATERIALIZED (
    SELECT fold($1) AS name, replace(replace(replace(fold($1), '\\', '\\\\'), '%', '\\%'), '_', '\\_') AS pattern,
      '\\m' || regexp_replace(fold($1), '([[:punct:]])', '\\\\\\1', 'g') AS expression),
  named AS (${names(table, `fold(name) LIKE (SELECT '%' || pattern || '%' FROM wanted)`)}),
  fitting AS (
    SELECT named.id, min(CASE
      WHEN named.name = wanted.name THEN 1
      WHEN named.name LIKE wanted.pattern || '%' THEN 2
      WHEN named.name ~ wanted.expression THEN 3
      ELSE 4
    END) AS place
    FROM named, wanted GROUP BY named.id)
SELECT fitting.id FROM fitting JOIN ${table} ON ${table}.id = fitting.id
ORDER BY place, ${table}.name, fitting.id LIMIT ${SEARCH_RESULTS_MAX}`;

const words = (text: string) => `regexp_split_to_table(${text}, '[[:space:][:punct:]]+')`;

/*
 * Names in which every word that was searched is, but for a few edits, some word; the fewest edits first. Two letters
 * that changed places are two edits.
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

/** Ids of what goes by a name like this one, best first; misspellings are looked for only where nothing fits. */
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
  const fitting = await query<{ id: number }>(db, FITTING(table), [text]);
  const found = fitting.length > 0 ? fitting : await query<{ id: number }>(db, MISSPELT(table), [text]);
  return found.map(({ id }) => id);
}

/**
 * Ids of the actors that go by a name like this one, aliases and metonyms included, best first.
 * @throws ReadoutError LIMIT_EXCEEDED where the text is too long.
 */
export function searchActors(db: Database, text: string): Promise<number[]> {
  return search(db, 'actor', text);
}

/**
 * Ids of the topics with a name like this one, best first.
 * @throws ReadoutError LIMIT_EXCEEDED where the text is too long.
 */
export function searchTopics(db: Database, text: string): Promise<number[]> {
  return search(db, 'topic', text);
}
