import anyAscii from 'any-ascii';
import { spellBySound } from './spelling.ts';

/** Signs that some writers leave out: vowel signs of Arabic and Hebrew, hamza, tatweel, soft and hard signs. */
const OPTIONAL_SIGNS =
  /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0621\u0640\u064b-\u065f\u0670ьъЬЪ]/g;
/** Arabic letters that writers exchange, each group with the letter that replaces all of them. */
const ARABIC_LETTERS: readonly (readonly [RegExp, string])[] = [
  [/[\u0622\u0623\u0625\u0671]/g, '\u0627'],
  [/\u0624/g, '\u0648'],
  [/[\u0626\u0649]/g, '\u064a'],
  [/\u0629/g, '\u0647'],
];

/**
 * The text without the signs that writers leave out, and with one letter for those that they exchange. A sign that becomes an apostrophe
 * would split a word.
 */
const foldSigns = (text: string): string =>
  ARABIC_LETTERS.reduce(
    (rest, [letters, stand]) => rest.replaceAll(letters, stand),
    text.replaceAll(OPTIONAL_SIGNS, ''),
  );

/** In Latin letters, with a blank after each Chinese character. */
const inLatin = (text: string): string =>
  anyAscii(foldSigns(text).replaceAll(/\p{Script=Han}/gu, (character) => `${anyAscii(character)} `));

/** A text in Latin letters: “Лукашенко” is “Lukashenko”. Slugs are made from it, so it must stay the same for the same text. */
export const transliterate = (text: string): string => inLatin(text.normalize('NFKC'));

/** Those of the name itself separate words. Those that the transliteration writes for a letter do not. */
const APOSTROPHES = /['’ʼ`´]/g;

/**
 * A name in lower-case Latin letters and digits, its words separated by one space: “Лукашенко” is `lukashenko`, “Élysée” `elysee`,
 * “习近平” `xi jin ping`. Empty for a text without letters and digits. Names and searches are compared in this form.
 */
export function latinForm(text: string): string {
  return inLatin(
    spellBySound(text.normalize('NFKC').replaceAll(OPTIONAL_SIGNS, '')).replaceAll(APOSTROPHES, ' '),
  )
    .toLowerCase()
    .replaceAll(APOSTROPHES, '')
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();
}

/** Consonants that languages and transliterations exchange in the same name, each group with the letter that replaces all of them. */
const CONSONANTS: readonly (readonly [RegExp, string])[] = [
  [/tsch|sch|sh|ch|zh|cz|sz|ts|tz|dz|dj|c(?=[eiy])|[zj]/g, 's'],
  [/kh/g, ''],
  [/x/g, 'ks'],
  [/[pfv]/g, 'b'],
  [/[gqc]/g, 'k'],
  [/d/g, 't'],
  [/l/g, 'r'],
  [/m/g, 'n'],
  [/[aeiouhwy]/g, ''],
  [/(.)\1+/g, '$1'],
];

/** The letters that stand for groups of consonants. */
export const SOUNDS = ['b', 'k', 'n', 'r', 's', 't'] as const;

const consonantsOf = (word: string): string =>
  CONSONANTS.reduce((rest, [letters, stand]) => rest.replaceAll(letters, stand), word);

/** A name in the forms in which it is compared. */
export interface NameForms {
  readonly latin: string;
  /** The words; if there are several, followed by all in one, because some scripts write no spaces. */
  readonly words: readonly string[];
  /**
   * The consonants of each word, in groups. Scripts that write no vowels or other sounds have nearly the same as the Latin name:
   * “Trimble”, “تريمبل” and “トリンブル” are `trnbr`.
   */
  readonly sounds: readonly string[];
  /** The sounds of the single words as one text. */
  readonly sound: string;
}

export function nameForms(name: string): NameForms {
  const latin = latinForm(name);
  const single = latin.split(' ').filter((word) => word !== '');
  const joined = single.length > 1 ? [single.join('')] : [];
  const sounds = single.map(consonantsOf);
  return {
    latin,
    words: [...single, ...joined],
    sounds: [...sounds, ...joined.map(consonantsOf)],
    sound: sounds.filter(Boolean).join(' '),
  };
}
