import { ReadoutError } from '../base/errors.ts';
import { type NameForms, nameForms, SOUNDS } from '../base/latin.ts';
import type { NamedNoun } from '../db/generated/enums.ts';
import { findCharacters, findNearCharacters, searchedCharacters } from './nameCharacters.ts';
import { query, type Readable } from './sql.ts';

/** Entries that a search for a name finds. If more match, the best ones. @limit items */
export const SEARCH_RESULTS_MAX = 200;
/** `search` for actors, topics, events and sources. @limit characters */
export const NAME_SEARCH_LENGTH_MAX = 200;
/** Words of a `search` for actors, topics, events and sources. Each is compared with the words of all names. @limit words */
export const SEARCH_WORDS_MAX = 10;

/** Words of a search in Latin letters. A text without spaces can have more words than were typed; the others count for the order only. */
const LATIN_WORDS_MAX = 20;
/** Letters that a word must have to be found within a word, to allow for one edit, and for two. An edit adds, removes or replaces a letter. */
const LENGTH_MIN_FOR_WITHIN = 3;
const LENGTH_MIN_FOR_ONE_EDIT = 3;
const LENGTH_MIN_FOR_TWO_EDITS = 5;
/** Letters by which words are compared. PostgreSQL's levenshtein takes at most 255. */
const COMPARED_LENGTH_MAX = 60;
/** Consonants that a word must have to be found by them alone, and to be found by nearly the same. */
const SOUND_LENGTH_MIN = 3;
const SOUND_LENGTH_MIN_FOR_ONE_EDIT = 4;
/** Different words of names that contain a searched word. If there are more, the shortest ones. */
const CONTAINING_WORDS_MAX = SEARCH_RESULTS_MAX;
/** Different words of names that are like a searched word. If there are more, the most similar ones. */
const NEAR_WORDS_MAX = 25;
/** Names that are compared with the whole searched text: those with the most of its words. */
const MEASURED_NAMES_MAX = 200;
/** Names that are read for one word that is like a searched one. Further names are found by their other words. */
const NAMES_PER_WORD_MAX = 100;
/** Weight of the similarity of the consonants, beside 1 for that of the letters. Each is 1 for equal names. */
const SOUND_WEIGHT = 0.5;
/** The weighted similarity below which a name that lacks a searched word is not found. */
const SIMILARITY_MIN = 0.45;

/** $1 patterns. The single words of names that match each pattern, with its number from 1. */
const CONTAINING_WORDS = `
SELECT x.i::int AS i, found.word FROM unnest($1::text[]) WITH ORDINALITY AS x(pattern, i) CROSS JOIN LATERAL (
    SELECT word FROM search_word WHERE NOT is_joined AND word LIKE x.pattern
    GROUP BY word ORDER BY length(word) LIMIT ${CONTAINING_WORDS_MAX}) AS found`;

/** SQL of the words of names like `x.word`: single words, and whole names written as one word. */
const SINGLE_LIKE = `SELECT word, sound FROM search_word WHERE NOT is_joined AND word % x.word AND length(x.word) >= ${LENGTH_MIN_FOR_ONE_EDIT}`;
const JOINED_LIKE = `SELECT word, sound FROM search_word WHERE is_joined AND word % x.word AND length(x.word) >= ${LENGTH_MIN_FOR_ONE_EDIT}`;
const NEARLY_SAME = `SELECT word, sound FROM search_word WHERE word = ANY (string_to_array(x.words, ' '))
      UNION SELECT word, sound FROM search_word WHERE sound = ANY (string_to_array(x.sounds, ' ')) AND length(x.sound) >= 2`;

/**
 * The words of names that are like each searched word, among those that `candidates` finds. $1 is the searched words, $2 their sounds, $3 and
 * $4 similar words and sounds, separated by spaces.
 */
const nearWords = (...candidates: string[]) => `
SELECT x.i::int AS i, found.word, found.weight, CASE
    WHEN length(x.word) < ${LENGTH_MIN_FOR_ONE_EDIT} THEN edits = 0
    WHEN length(x.sound) >= ${SOUND_LENGTH_MIN} AND found.sound = x.sound THEN edits <= greatest(2, length(x.word) / 2)
    WHEN length(x.word) < ${LENGTH_MIN_FOR_TWO_EDITS} THEN edits <= 1
    ELSE edits <= 2 END AS "isSame"
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS x(word, sound, words, sounds, i) CROSS JOIN LATERAL (
    SELECT word, sound, similarity(word, x.word) + ${SOUND_WEIGHT} * similarity(sound, x.sound) AS weight
    FROM (${candidates.join(' UNION ')}) AS candidate
    ORDER BY weight DESC LIMIT ${NEAR_WORDS_MAX}) AS found
  CROSS JOIN LATERAL levenshtein(left(found.word, ${COMPARED_LENGTH_MAX}), left(x.word, ${COMPARED_LENGTH_MAX})) AS edits`;
const NEAR_SINGLE_WORDS = nearWords(SINGLE_LIKE, NEARLY_SAME);
const NEAR_JOINED_WORDS = nearWords(JOINED_LIKE);
const NEAR_WORDS = nearWords(SINGLE_LIKE, JOINED_LIKE, NEARLY_SAME);

interface FoundWord {
  /** Number of the searched word, from 1. */
  readonly i: number;
  readonly word: string;
}

interface NearWord extends FoundWord {
  readonly weight: number;
  /** Whether it differs from the searched word only by a few edits, or only in its vowels. */
  readonly isSame: boolean;
}

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
const WEIGHTED_SIMILARITY = `${similaritySql('latin', '$1')} + ${SOUND_WEIGHT} * ${similaritySql('sound', '$2')}`;

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

/** The word with two neighbouring letters swapped, at every position: the most frequent mistake that trigrams miss. */
function swapped(word: string): string[] {
  return [...word.slice(1)].map((letter, i) => word.slice(0, i) + letter + word[i] + word.slice(i + 2));
}

/** The sounds that are at most one edit from this one. They are few, because sounds have six letters. */
function nearSounds(sound: string): string[] {
  if (sound.length < SOUND_LENGTH_MIN_FOR_ONE_EDIT || sound.length > COMPARED_LENGTH_MAX) return [sound];
  return Array.from({ length: sound.length + 1 }, (_, i) => {
    const [before, at, after] = [sound.slice(0, i), sound.slice(i), sound.slice(i + 1)];
    return [before + after, ...SOUNDS.flatMap((letter) => [before + letter + at, before + letter + after])];
  }).flat();
}

const indexOfShortest = (lists: readonly (readonly string[])[]): number =>
  lists.reduce((least, list, i) => (list.length < (lists[least]?.length ?? 0) ? i : least), 0);

async function findContaining(
  db: Readable,
  noun: NamedNoun,
  { latin }: NameForms,
  words: readonly string[],
): Promise<Containing[]> {
  const isShort = (word: string) => word.length < LENGTH_MIN_FOR_WITHIN;
  const patterns = words.map((word) => (isShort(word) ? `${word}%` : `%${word}%`));
  const found = await query<FoundWord>(db, CONTAINING_WORDS, [patterns]);
  const lists = words.map((_, i) => found.filter((entry) => entry.i === i + 1).map(({ word }) => word));
  const rarest = indexOfShortest(lists);
  const parts = words
    .filter((_, i) => i !== rarest)
    .map((word) => (isShort(word) ? `% ${word}%` : `%${word}%`));
  const values = [latin, latin.replaceAll(' ', ''), lists[rarest], patterns[rarest], parts, words];
  return query<Containing>(db, CONTAINING(noun), values, 'each run');
}

async function findNear(
  db: Readable,
  noun: NamedNoun,
  { latin, words, sounds, sound }: NameForms,
  count: number,
  withSomeWords: boolean,
): Promise<number[]> {
  const near = (sql: string, from: number) =>
    query<NearWord>(db, sql, [
      words.slice(from),
      sounds.slice(from),
      words.slice(from).map((word) => [word, ...swapped(word)].join(' ')),
      sounds.slice(from).map((of) => nearSounds(of).join(' ')),
    ]);
  const found = await near(words.length > 1 ? NEAR_SINGLE_WORDS : NEAR_WORDS, 0);
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
    const joined = await near(NEAR_JOINED_WORDS, words.length - 1);
    found.push(...joined.map((word) => ({ ...word, i: words.length })));
  }
  if (found.length === 0) return [];
  const weights = found.map(({ weight, isSame }) => (isSame ? SAME_WORD_WEIGHT + weight : weight / 2));
  const values = [latin, sound, found.map(({ i }) => i), found.map(({ word }) => word), weights];
  const rows = await query<{ id: number }>(db, NEAR(noun), values, 'each run');
  return rows.map(({ id }) => id);
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
  const forms = nameForms(text);
  if (forms.latin === '') return [];
  const words = forms.latin.split(' ').slice(0, LATIN_WORDS_MAX);
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
