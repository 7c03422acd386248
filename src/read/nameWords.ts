import { type NameForms, SOUNDS } from '../base/latin.ts';
import { query, type Readable } from './sql.ts';

/*
 * The words of names that contain a searched word or are like it. `names.ts` looks for names with these words.
 */

/** Letters that a word must have to be found within a word, to allow for one edit, and for two. An edit adds, removes or replaces a letter. */
export const LENGTH_MIN_FOR_WITHIN = 3;
const LENGTH_MIN_FOR_ONE_EDIT = 3;
const LENGTH_MIN_FOR_TWO_EDITS = 5;
/** Letters by which words are compared. PostgreSQL's levenshtein takes at most 255. */
const COMPARED_LENGTH_MAX = 60;
/** Consonants that a word must have to be found by them if the other word is similar without its vowels. */
const SOUND_LENGTH_MIN_FOR_SIMILAR = 2;
/** Consonants that a word must have to be found by them alone, and to be found by nearly the same. */
const SOUND_LENGTH_MIN = 3;
const SOUND_LENGTH_MIN_FOR_ONE_EDIT = 4;
/** Different words of names that contain a searched word. If there are more, the shortest ones. */
export const CONTAINING_WORDS_MAX = 200;
/** Different words of names that are like a searched word. If there are more, the most similar ones. */
const NEAR_WORDS_MAX = 25;
/** Weight of the similarity of the consonants, beside 1 for that of the letters. Each is 1 for equal words. */
const WORD_SOUND_WEIGHT = 0.5;
/** Weight of the similarity of the letters without vowels. */
const WORD_SKELETON_WEIGHT = 0.5;

/** SQL of a word without its vowels, which many scripts do not write: “mutairi” is “mtr”, as “mtyry” is. */
const skeletonOf = (word: string): string => `translate(${word}, 'aeiouwy', '')`;
/** SQL of the same with doubled consonants as single ones: “hassan” is “hsn”. */
const bareSkeletonOf = (word: string): string => `regexp_replace(${skeletonOf(word)}, '(.)\\1+', '\\1', 'g')`;

/** $1 patterns. The single words of names that match each pattern, with its number from 1. */
const CONTAINING_WORDS = `
SELECT x.i::int AS i, found.word FROM unnest($1::text[]) WITH ORDINALITY AS x(pattern, i) CROSS JOIN LATERAL (
    SELECT word FROM search_word WHERE NOT is_joined AND word LIKE x.pattern
    GROUP BY word ORDER BY length(word) LIMIT ${CONTAINING_WORDS_MAX}) AS found`;

/** SQL of the words of names like `x.word`: single words, and whole names written as one word. */
const SINGLE_LIKE = `SELECT word, sound FROM search_word WHERE NOT is_joined AND word % x.word AND length(x.word) >= ${LENGTH_MIN_FOR_ONE_EDIT}`;
const JOINED_LIKE = `SELECT word, sound FROM search_word WHERE is_joined AND word % x.word AND length(x.word) >= ${LENGTH_MIN_FOR_ONE_EDIT}`;
const NEARLY_SAME = `SELECT word, sound FROM search_word WHERE word = ANY (string_to_array(x.words, ' '))
      UNION SELECT word, sound FROM search_word WHERE sound = ANY (string_to_array(x.sounds, ' ')) AND length(x.sound) >= ${SOUND_LENGTH_MIN_FOR_SIMILAR}`;

/**
 * The words of names that are like each searched word, among those that `candidates` finds. $1 is the searched words, $2 their sounds, $3 and
 * $4 similar words and sounds, separated by spaces.
 */
const nearWords = (...candidates: string[]) => `
SELECT x.i::int AS i, found.word, found.weight, CASE
    WHEN length(x.word) < ${LENGTH_MIN_FOR_ONE_EDIT} THEN edits = 0
    WHEN length(x.sound) >= ${SOUND_LENGTH_MIN_FOR_SIMILAR} AND found.sound = x.sound
      AND length(found.word) >= ${LENGTH_MIN_FOR_ONE_EDIT} AND ${bareSkeletonOf('found.word')} = ${bareSkeletonOf('x.word')} THEN true
    WHEN length(x.sound) >= ${SOUND_LENGTH_MIN} AND found.sound = x.sound THEN edits <= greatest(2, length(x.word) / 2)
    WHEN length(x.word) < ${LENGTH_MIN_FOR_TWO_EDITS} THEN edits <= 1
    ELSE edits <= 2 END AS "isSame"
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS x(word, sound, words, sounds, i) CROSS JOIN LATERAL (
    SELECT word, sound, similarity(word, x.word) + ${WORD_SOUND_WEIGHT} * similarity(sound, x.sound)
      + ${WORD_SKELETON_WEIGHT} * similarity(${skeletonOf('word')}, ${skeletonOf('x.word')}) AS weight
    FROM (${candidates.join(' UNION ')}) AS candidate
    ORDER BY weight DESC LIMIT ${NEAR_WORDS_MAX}) AS found
  CROSS JOIN LATERAL levenshtein(left(found.word, ${COMPARED_LENGTH_MAX}), left(x.word, ${COMPARED_LENGTH_MAX})) AS edits`;
const NEAR_SINGLE_WORDS = nearWords(SINGLE_LIKE, NEARLY_SAME);
const NEAR_JOINED_WORDS = nearWords(JOINED_LIKE);
const NEAR_WORDS = nearWords(SINGLE_LIKE, JOINED_LIKE, NEARLY_SAME);

/** A word of names that contains a searched word. */
interface FoundWord {
  /** Number of the searched word, from 1. */
  readonly i: number;
  readonly word: string;
}

/** A word of names that is like a searched word. */
export interface NearWord extends FoundWord {
  readonly weight: number;
  /** Whether it differs from the searched word only by a few edits, or only in its vowels and doubled letters. */
  readonly isSame: boolean;
}

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

/** The pattern of the words that contain a searched word. A short one must be at their beginning. */
export const patternOf = (word: string): string =>
  word.length < LENGTH_MIN_FOR_WITHIN ? `${word}%` : `%${word}%`;

/** For each pattern, the single words of names that match it. */
export async function findContainingWords(db: Readable, patterns: readonly string[]): Promise<string[][]> {
  const found = await query<FoundWord>(db, CONTAINING_WORDS, [patterns]);
  return patterns.map((_, i) => found.filter((entry) => entry.i === i + 1).map(({ word }) => word));
}

const near = (db: Readable, sql: string, words: readonly string[], sounds: readonly string[]) =>
  query<NearWord>(db, sql, [
    words,
    sounds,
    words.map((word) => [word, ...swapped(word)].join(' ')),
    sounds.map((sound) => nearSounds(sound).join(' ')),
  ]);

/** The words of names that are like the words of a text: single ones, or all if the text is one word. */
export const findNearWords = (db: Readable, { words, sounds }: NameForms): Promise<NearWord[]> =>
  near(db, words.length > 1 ? NEAR_SINGLE_WORDS : NEAR_WORDS, words, sounds);

/** The whole names, written as one word, that are like a text of several words, written as one word: its last word. */
export async function findNearJoinedWords(db: Readable, { words, sounds }: NameForms): Promise<NearWord[]> {
  const found = await near(db, NEAR_JOINED_WORDS, words.slice(-1), sounds.slice(-1));
  return found.map((word) => ({ ...word, i: words.length }));
}
