import { ReadoutError } from '../base/errors.ts';
import { type NameForms, nameForms, singleWords } from '../base/latin.ts';
import type { NamedNoun } from '../db/generated/enums.ts';
import { findCharacters, findNearCharacters, searchedCharacters } from './nameCharacters.ts';
import {
  CONTAINING_WORDS_MAX,
  findContainingWords,
  findNearJoinedWords,
  findNearWords,
  LENGTH_MIN_FOR_WITHIN,
  patternOf,
} from './nameWords.ts';
import { query, type Readable } from './sql.ts';

/** Entries that a search for a name finds. If more match, the best ones. @limit items */
export const SEARCH_RESULTS_MAX = 200;
/** `search` for actors, topics, events and sources. @limit characters */
export const NAME_SEARCH_LENGTH_MAX = 200;
/** Words of a `search` for actors, topics, events and sources. Each is compared with the words of all names. @limit words */
export const SEARCH_WORDS_MAX = 10;

/** Words of a search in Latin letters. A text without spaces can have more words than were typed; the others count for the order only. */
const LATIN_WORDS_MAX = 20;
/** Names that are compared with the whole searched text: those with the most of its words. */
const MEASURED_NAMES_MAX = 200;
/** Names that are read for one word that is like a searched one. Further names are found by their other words. */
const NAMES_PER_WORD_MAX = 100;
/**
 * Weight of the similarity of the consonants, beside 1 for that of the letters. Names of one person in two scripts have most consonants
 * in common, but few letters.
 */
const NAME_SOUND_WEIGHT = 0.75;
/** The weighted similarity below which a name that lacks a searched word is not found. */
const SIMILARITY_MIN = 0.5;

/** Articles of Arabic names in Latin letters. */
const ARTICLES: ReadonlySet<string> = new Set(['al', 'el']);

interface Containing {
  readonly id: number;
  /** Whether the searched text is only within a word of the name, or its words are apart. */
  readonly isWithinWord: boolean;
}

/**
 * Names that have every searched word, at least as a part. $1 is the searched text, $2 the same without spaces, $3 the words that
 * contain the rarest of the searched words, $4 its pattern, $5 the patterns of the others, and $6 the searched words. Equal names come first,
 * then names of the same words in another order, then names that begin with the text, then names with a word that begins with it. Each word is
 * looked up in the index by itself: for a list of words PostgreSQL would read the whole table.
 */
const CONTAINING = (noun: NamedNoun) => `
WITH matching AS (
    SELECT subject_id AS id, min(CASE
      WHEN joined = $2 THEN '1'
      WHEN words @> $6::text[] AND cardinality(words) = cardinality($6) + 1 THEN '2'
      WHEN latin LIKE $1 || '%' THEN '3'
      WHEN latin LIKE '% ' || $1 || '%' THEN '4'
      WHEN latin LIKE '%' || $1 || '%' THEN '5'
      ELSE '6'
    END || latin) AS place
    FROM (
      SELECT unnest($3::text[]) AS word UNION (
        SELECT word FROM search_word WHERE is_joined AND word LIKE $4 ORDER BY length(word) LIMIT ${CONTAINING_WORDS_MAX})) AS w
    CROSS JOIN LATERAL (
      SELECT subject_id, latin, words, words[cardinality(words)] AS joined FROM search_name
      WHERE noun = '${noun}' AND words @> ARRAY[w.word] OFFSET 0) AS named
    WHERE ' ' || latin LIKE ALL ($5::text[]) OR ' ' || latin || ' ' || joined LIKE ALL ($5::text[])
    GROUP BY subject_id ORDER BY place LIMIT ${SEARCH_RESULTS_MAX})
SELECT id, left(place, 1) >= '5' AS "isWithinWord" FROM matching
ORDER BY left(place, 1), (SELECT ${noun === 'source' ? 'title' : 'name'} FROM ${noun} WHERE ${noun}.id = matching.id), id`;

/** What is added to the weight of a word that is another spelling of the searched one. */
const SAME_WORD_WEIGHT = 1;

/** SQL of the similarity of two forms, from 0 to 1. Without their spaces they may be more similar, which counts a little less. */
const similaritySql = (form: string, searched: string) =>
  `greatest(similarity(${form}, ${searched}), 0.95 * similarity(replace(${form}, ' ', ''), replace(${searched}, ' ', '')))`;
/** SQL of the weighted similarity of a name and the searched text, whose Latin form is $1 and whose sound is $2. */
const WEIGHTED_SIMILARITY = `${similaritySql('latin', '$1')} + ${NAME_SOUND_WEIGHT} * ${similaritySql('sound', '$2')}`;

/**
 * Names that have every searched word, or another spelling of it, those most like the whole searched text first. $1 and $2 are the
 * Latin form and the sound of the text, $3 the words for one searched word, the most similar first, and from $4 on those for each other one.
 */
const COMPLETE = (noun: NamedNoun, others: number) => {
  const numbers = [...Array(others).keys()];
  const andOthers = numbers.map((i) => ` AND words && other${i}`).join('');
  return `
WITH lists AS MATERIALIZED (SELECT ${numbers.map((i) => `$${i + 4}::text[] AS other${i}`).join(', ')}),
  measured AS (
    SELECT s.* FROM lists CROSS JOIN unnest($3::text[]) WITH ORDINALITY AS w(word, n) CROSS JOIN LATERAL (
      SELECT subject_id AS id, latin, sound FROM search_name
      WHERE noun = '${noun}' AND words @> ARRAY[w.word]${andOthers} LIMIT ${NAMES_PER_WORD_MAX}) AS s
    ORDER BY n LIMIT ${MEASURED_NAMES_MAX})
SELECT id FROM measured GROUP BY id ORDER BY max(${WEIGHTED_SIMILARITY}) DESC, id LIMIT ${SEARCH_RESULTS_MAX}`;
};

/**
 * Names that have some of the searched words and are like the whole searched text. $1 and $2 are its Latin form and its sound, and $3 to $5
 * describe the words of names that are like its words.
 */
const NEAR = (noun: NamedNoun) => `
WITH near AS MATERIALIZED (SELECT * FROM unnest($3::int[], $4::text[], $5::float4[]) AS n(i, word, weight)),
  own AS (
    SELECT s.id, near.i, max(near.weight) AS weight
    FROM near CROSS JOIN LATERAL (
      SELECT id FROM search_name WHERE noun = '${noun}' AND words @> ARRAY[near.word] LIMIT ${NAMES_PER_WORD_MAX}) AS s
    GROUP BY s.id, near.i),
  measured AS (SELECT id FROM own GROUP BY id ORDER BY sum(weight) DESC LIMIT ${MEASURED_NAMES_MAX}),
  best AS (
    SELECT named.id, max(${WEIGHTED_SIMILARITY}) AS score FROM measured CROSS JOIN LATERAL (
      SELECT subject_id AS id, latin, sound FROM search_name WHERE search_name.id = measured.id OFFSET 0) AS named
    GROUP BY named.id)
SELECT id FROM best WHERE score >= ${SIMILARITY_MIN} ORDER BY score DESC, id LIMIT ${SEARCH_RESULTS_MAX}`;

const indexOfShortest = (lists: readonly (readonly string[])[]): number =>
  lists.reduce((least, list, i) => (list.length < (lists[least]?.length ?? 0) ? i : least), 0);

async function findContaining(
  db: Readable,
  noun: NamedNoun,
  { latin }: NameForms,
  words: readonly string[],
): Promise<Containing[]> {
  const patterns = words.map(patternOf);
  const lists = await findContainingWords(db, patterns);
  const rarest = indexOfShortest(lists);
  const parts = words
    .filter((_, i) => i !== rarest)
    .map((word) => (word.length < LENGTH_MIN_FOR_WITHIN ? `% ${word}%` : `%${word}%`));
  const values = [latin, latin.replaceAll(' ', ''), lists[rarest], patterns[rarest], parts, words];
  return query<Containing>(db, CONTAINING(noun), values, 'each run');
}

async function findNear(
  db: Readable,
  noun: NamedNoun,
  forms: NameForms,
  count: number,
  withSomeWords: boolean,
): Promise<number[]> {
  const { latin, sound, words } = forms;
  const found = await findNearWords(db, forms);
  const lists = Array.from({ length: count }, (_, i) =>
    found.filter((near) => near.i === i + 1 && near.isSame).map(({ word }) => word),
  );
  if (lists.every((list) => list.length > 0)) {
    const rarest = indexOfShortest(lists);
    const others = lists.filter((_, i) => i !== rarest);
    const values = [latin, sound, lists[rarest], ...others];
    const complete = await query<{ id: number }>(db, COMPLETE(noun, others.length), values, 'each run');
    if (complete.length > 0) return complete.map(({ id }) => id);
  }
  if (!withSomeWords) return [];
  // Whole names written as one word are expensive to compare, and matter only if the text separates its words at other places.
  if (words.length > 1) {
    found.push(...(await findNearJoinedWords(db, forms)));
  }
  if (found.length === 0) return [];
  const weights = found.map(({ weight, isSame }) => (isSame ? SAME_WORD_WEIGHT + weight : weight / 2));
  const values = [latin, sound, found.map(({ i }) => i), found.map(({ word }) => word), weights];
  const rows = await query<{ id: number }>(db, NEAR(noun), values, 'each run');
  return rows.map(({ id }) => id);
}

/**
 * The forms of a searched text. Its words are those that a name must have: the articles of Arabic names are often left out, but names that have
 * them are more similar.
 */
function searchedForms(text: string): NameForms {
  const whole = nameForms(text);
  const words = whole.latin.split(' ');
  const needed = words.filter((word) => !ARTICLES.has(word));
  if (needed.length === 0 || needed.length === words.length) return whole;
  const { words: own, sounds } = nameForms(needed.join(' '));
  return { ...whole, words: own, sounds };
}

const bestOf = (first: readonly number[], then: readonly number[]): number[] =>
  [...new Set([...first, ...then])].slice(0, SEARCH_RESULTS_MAX);

function refuse(limit: string, max: number, what: string, given: number): never {
  throw new ReadoutError(
    'LIMIT_EXCEEDED',
    `“search” may have at most ${max} ${what}, and has ${given}.`,
    ['search'],
    { limit, max },
  );
}

/**
 * Ids of the entries with a name like this one, in any script, best first: an actor’s name, alias or metonym, a topic’s or event’s name,
 * a source’s title. Names with another spelling are searched only if no name has all the words, or if the only
 * word is within a word of each name found. They come last.
 * @throws ReadoutError LIMIT_EXCEEDED if the text is too long or has too many words.
 */
export async function searchNames(db: Readable, noun: NamedNoun, text: string): Promise<number[]> {
  if (text.length > NAME_SEARCH_LENGTH_MAX)
    refuse('NAME_SEARCH_LENGTH_MAX', NAME_SEARCH_LENGTH_MAX, 'characters', text.length);
  const typed = text.split(/[\s\p{P}\0]+/u).filter((word) => word !== '').length;
  if (typed > SEARCH_WORDS_MAX) refuse('SEARCH_WORDS_MAX', SEARCH_WORDS_MAX, 'words', typed);
  const forms = searchedForms(text);
  if (forms.latin === '') return [];
  const words = singleWords(forms).slice(0, LATIN_WORDS_MAX);
  const characters = searchedCharacters(text);
  // Names with the same spelling come before names that only sound alike.
  const written = await findCharacters(db, noun, characters, SEARCH_RESULTS_MAX);
  const containing = await findContaining(db, noun, forms, words);
  const found = bestOf(
    written,
    containing.map(({ id }) => id),
  );
  // A short word with a typing mistake is often within a word of another name.
  const isCertain = words.length > 1 || written.length > 0 || containing[0]?.isWithinWord === false;
  if (found.length > 0 && isCertain) return found;
  const nearlyWritten = await findNearCharacters(db, noun, characters, SEARCH_RESULTS_MAX);
  const near = await findNear(db, noun, forms, words.length, found.length === 0);
  return bestOf(found, bestOf(nearlyWritten, near));
}
