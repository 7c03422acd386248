import { pairsOf, unspacedCharacters } from '../base/characters.ts';
import type { NamedNoun } from '../db/generated/enums.ts';
import { query, type Readable } from './sql.ts';

/** Characters of a searched text that are looked up, from its beginning. */
const CHARACTERS_MAX = 40;
/** Characters that a text must have to be found with one or two of them wrong, missing or added. */
const LENGTH_MIN_FOR_ONE_EDIT = 2;
const LENGTH_MIN_FOR_TWO_EDITS = 6;
/** Names that are compared for each way to leave one character out of a searched text. */
const COMPARED_NAMES_MAX = 100;

/** The characters of a text that is only in scripts without spaces; none for any other text. Spaces and punctuation do not count. */
export function searchedCharacters(text: string): string[] {
  const characters = unspacedCharacters(text);
  const isOther = text.normalize('NFKC').replaceAll(/[\s\p{P}]+/gu, '').length > characters.length;
  return isOther ? [] : [...characters].slice(0, CHARACTERS_MAX);
}

/** $1 the searched characters, $2 their pairs, or the character that is alone. Equal names come first, then names that begin with them. */
const CONTAINING = (noun: NamedNoun, max: number) => `
SELECT subject_id AS id FROM (
  SELECT subject_id, characters AS own FROM search_name
  WHERE noun = '${noun}' AND pieces @> $2::text[] OFFSET 0) AS named
WHERE strpos(own, $1) > 0
GROUP BY subject_id
ORDER BY min(CASE WHEN own = $1 THEN 0 WHEN starts_with(own, $1) THEN 1 ELSE 2 END), min(length(own)), subject_id LIMIT ${max}`;

/** $1 the searched characters, $2 the characters that a name must have: the same with one left out, for each. */
const NEAR = (noun: NamedNoun, max: number) => `
SELECT id FROM unnest($2::text[]) AS x(others)
CROSS JOIN LATERAL (
  SELECT subject_id AS id, left(characters, ${CHARACTERS_MAX}) AS own, pieces FROM search_name
  WHERE noun = '${noun}' AND pieces @> string_to_array(x.others, NULL) LIMIT ${COMPARED_NAMES_MAX}) AS named
CROSS JOIN LATERAL levenshtein(own, $1) AS edits
WHERE edits <= CASE WHEN length($1) >= ${LENGTH_MIN_FOR_TWO_EDITS} OR length(own) = length($1) AND pieces @> string_to_array($1, NULL)
  THEN 2 ELSE 1 END
GROUP BY id ORDER BY min(edits), id LIMIT ${max}`;

const idsOf = (rows: readonly { id: number }[]): number[] => rows.map(({ id }) => id);

/** Ids of the entries with a name that contains these characters in this order and without a gap, best first. */
export async function findCharacters(
  db: Readable,
  noun: NamedNoun,
  characters: readonly string[],
  max: number,
): Promise<number[]> {
  if (characters.length === 0) return [];
  const pieces = characters.length === 1 ? characters : pairsOf(characters);
  return idsOf(await query(db, CONTAINING(noun, max), [characters.join(''), pieces], 'each run'));
}

/** Ids of the entries with a name of nearly these characters, best first: one or two are wrong, missing, added or swapped. */
export async function findNearCharacters(
  db: Readable,
  noun: NamedNoun,
  characters: readonly string[],
  max: number,
): Promise<number[]> {
  if (characters.length < LENGTH_MIN_FOR_ONE_EDIT) return [];
  // Of two characters, one alone would be in too many names.
  const others =
    characters.length === 2
      ? [characters.join('')]
      : characters.map((_, i) => characters.toSpliced(i, 1).join(''));
  return idsOf(await query(db, NEAR(noun, max), [characters.join(''), others], 'each run'));
}
