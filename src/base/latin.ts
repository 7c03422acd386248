import anyAscii from 'any-ascii';
import { spellBySound } from './spelling.ts';

/** Signs that some writers leave out: vowel signs of Arabic and Hebrew, hamza, tatweel, soft and hard signs. */
const OPTIONAL_SIGNS =
  /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0621\u0640\u064b-\u065f\u0670ьъЬЪ]/g;
/** Arabic letters that writers exchange, each with the letter that replaces it. */
const ARABIC_LETTERS = /[\u0622-\u0626\u0629\u0649\u0671]/g;
const ARABIC_LETTER: Readonly<Record<string, string>> = {
  ...{ '\u0622': '\u0627', '\u0623': '\u0627', '\u0625': '\u0627', '\u0671': '\u0627' },
  ...{ '\u0624': '\u0648', '\u0626': '\u064a', '\u0649': '\u064a', '\u0629': '\u0647' },
};

/**
 * The text without the signs that writers leave out, and with one letter for those that they exchange. A sign that becomes an apostrophe
 * would split a word.
 */
const foldSigns = (text: string): string =>
  text.replaceAll(OPTIONAL_SIGNS, '').replaceAll(ARABIC_LETTERS, (letter) => ARABIC_LETTER[letter] ?? letter);

const HAN = /\p{Script=Han}/gu;

/** In Latin letters, with a blank after each Chinese character. */
const inLatin = (text: string): string =>
  anyAscii(foldSigns(text).replaceAll(HAN, (character) => `${anyAscii(character)} `));

/** A text in Latin letters: “Лукашенко” is “Lukashenko”. Slugs are made from it, so it must stay the same for the same text. */
export const transliterate = (text: string): string => inLatin(text.normalize('NFKC'));

/** The text of most names. It is in Latin letters already. */
const ASCII = /^[\0-\x7f]*$/;

/** Those of the name itself separate words. Those that the transliteration writes for a letter do not. */
const APOSTROPHES = /['’ʼ`´]/g;

/**
 * A name in lower-case Latin letters and digits, its words separated by one space: “Лукашенко” is `lukashenko`, “Élysée” `elysee`,
 * “习近平” `xi jin ping`. Empty for a text without letters and digits. Names and searches are compared in this form.
 */
export function latinForm(text: string): string {
  const latin = ASCII.test(text)
    ? text
    : inLatin(
        spellBySound(text.normalize('NFKC').replaceAll(OPTIONAL_SIGNS, '')).replaceAll(APOSTROPHES, ' '),
      ).replaceAll(APOSTROPHES, '');
  return latin
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();
}

/** Letters of Pinyin whose sound other languages write with these letters. */
const PINYIN: readonly (readonly [RegExp, string])[] = [
  [/^q/, 'ch'],
  [/^x/, 's'],
  [/^c(?!h)/, 'ts'],
];

/** A Chinese character in Latin letters by its sound. */
const soundOfHan = (character: string): string =>
  PINYIN.reduce((rest, [letters, sound]) => rest.replace(letters, sound), anyAscii(character).toLowerCase());

/** The letters that stand for groups of consonants. */
export const SOUNDS = ['b', 'k', 'n', 'r', 's', 't'] as const;

/** Letters that are read as one s. */
const SIBILANT = 'tsch|sch|sh|ch|zh|cz|sz|ts|tz|dz|dj|c(?=[eiy])|^q(?=i)|^x(?=[iu])|[zjs]';
const LETTERS = new RegExp(`(${SIBILANT})|kh|[a-z]`, 'g');
/** Consonants by the letter that represents their group. Languages and transliterations write the same name with different ones of a group. */
const SOUND_OF: Readonly<Record<string, string>> = {
  ...{ p: 'b', f: 'b', v: 'b', b: 'b', g: 'k', q: 'k', c: 'k', k: 'k', x: 'ks' },
  ...{ d: 't', t: 't', l: 'r', r: 'r', m: 'n', n: 'n' },
};

/** The consonants of a word in groups, without doubled ones. */
const consonantsOf = (word: string): string =>
  word
    .replaceAll(LETTERS, (letters, sibilant?: string) =>
      sibilant === undefined ? (SOUND_OF[letters] ?? '') : 's',
    )
    .replaceAll(/(.)\1+/g, '$1');

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

/** The words of a name without all in one. */
export const singleWords = ({ words }: Pick<NameForms, 'words'>): readonly string[] =>
  words.length > 1 ? words.slice(0, -1) : words;

/** The words of a name by their sound. For most names they are those of its Latin form. */
const soundingWords = (name: string, latin: string): string[] =>
  (name.search(HAN) < 0 ? latin : latinForm(name.replaceAll(HAN, (han) => `${soundOfHan(han)} `))).split(' ');

export function nameForms(name: string): NameForms {
  const latin = latinForm(name);
  const single = latin === '' ? [] : latin.split(' ');
  const isJoined = single.length > 1;
  const sounding = soundingWords(name, latin);
  const sounds = single.map((_, i) => consonantsOf(sounding[i] ?? ''));
  return {
    latin,
    words: isJoined ? [...single, single.join('')] : single,
    sounds: isJoined ? [...sounds, consonantsOf(sounding.join(''))] : sounds,
    sound: sounds.filter(Boolean).join(' '),
  };
}
