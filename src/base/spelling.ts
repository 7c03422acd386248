import anyAscii from 'any-ascii';
import { spellBurmese } from './burmese.ts';
import { spellIndic } from './indic.ts';
import { spellKorean } from './korean.ts';

/** A small kana after another one. The two are one syllable. */
const SYLLABLE = /([\u3041-\u3096\u30a1-\u30fa])([ぁぃぅぇぉゃゅょァィゥェォャュョ])/g;

function syllable(_: string, kana: string, small: string): string {
  const consonant = anyAscii(kana).replace(/[aeiou]$/, '') || 'w';
  const rest = anyAscii(small);
  return consonant + (/(sh|ch|j)$/.test(consonant) ? rest.replace('y', '') : rest);
}

type Rule = readonly [RegExp, string | typeof syllable];

/** The letters of a script, and the rules for those whose sound depends on the letters next to them. Rules are applied in this order. */
interface Script {
  readonly letters: RegExp;
  readonly rules: readonly Rule[];
}

const GREEK: Script = {
  letters: /[\u0370-\u03ff]/,
  rules: [
    // Two letters are one sound, at the beginning of a word and after a consonant.
    [/(?<![αεηιουωάέήίόύώϊϋΐΰ])μπ/gi, 'b'],
    [/(?<![αεηιουωάέήίόύώϊϋΐΰ])ντ/gi, 'd'],
    [/(?<![αεηιουωάέήίόύώϊϋΐΰ])γκ/gi, 'g'],
    [/ο[υύ]/gi, 'ou'],
    [/(?<=[αεάέ])[υύ]/gi, 'v'],
  ],
};

const CYRILLIC: Script = {
  letters: /[\u0400-\u04ff]/,
  rules: [
    // An apostrophe between letters is a hard sign.
    [/(?<=\p{Script=Cyrillic})['’ʼ](?=\p{Script=Cyrillic})/gu, ''],
  ],
};

const HEBREW: Script = {
  letters: /[\u0590-\u05ff]/,
  rules: [
    // An apostrophe changes the sound of a letter. ו and י are usually vowels, and a final ה is silent.
    [/ג['’׳]/g, 'j'],
    [/ז['’׳]/g, 'zh'],
    [/[צץ]['’׳]/g, 'ch'],
    [/ת['’׳]/g, 'th'],
    [/(?<!\p{L})ב/gu, 'b'],
    [/(?<!\p{L})פ/gu, 'p'],
    [/וו|(?<!\p{L})ו/gu, 'v'],
    [/ו/g, 'o'],
    [/(?<=\p{L})י(?=\p{L})/gu, 'i'],
    [/[כךק]/g, 'k'],
    [/(?<=\p{L}\p{L})ה(?!\p{L})/gu, ''],
  ],
};

/** Letters that only Persian and languages near it have. */
const PERSIAN: Script = { letters: /[پچژگکی]/, rules: [[/[ذضظ]/g, 'z']] };

const ARABIC: Script = {
  letters: /[\u0600-\u06ff]/,
  rules: [
    // “Abd al-” is one word.
    [/(?<!\p{L})عبد ?الله/gu, 'abdullah'],
    [/(?<!\p{L})عبد ?ال(?=\p{L}{2})/gu, 'abdul '],
    // The article is often left out. Alef is a long a, and ع has no Latin letter, but a name that begins with it begins with a vowel.
    [/(?<!\p{L})ال(?=\p{L}{3})/gu, ''],
    [/(?<!\p{L})عا?|[اأآإٱ]/gu, 'a'],
    [/ع/g, ''],
  ],
};

/** Thai and Lao write some vowels before the consonant. */
const THAI: Script = { letters: /[\u0e00-\u0eff]/, rules: [[/([เแโใไເແໂໃໄ])([ก-ฮກ-ຮ])/g, '$2$1']] };

const KANA: Script = {
  letters: /[\u3041-\u30ff]/,
  rules: [
    // A small つ doubles the next consonant. Names in Latin letters often do not show it.
    [/[っッ]/g, ''],
    [SYLLABLE, syllable],
  ],
};

const SCRIPTS = [GREEK, CYRILLIC, HEBREW, PERSIAN, ARABIC, THAI, KANA];

/**
 * The text with Latin letters in place of letters whose sound depends on their neighbours: “Μπακογιάννη” begins with b, “ג׳ון” with j, and
 * “ジョ” is one syllable.
 * @param text in the form NFKC.
 */
export const spellBySound = (text: string): string =>
  SCRIPTS.filter(({ letters }) => letters.test(text))
    .flatMap(({ rules }) => rules)
    .reduce(
      (rest, [letters, latin]) => rest.replaceAll(letters, latin as string),
      spellBurmese(spellIndic(spellKorean(text))),
    );
