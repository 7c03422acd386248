import anyAscii from 'any-ascii';

/** A small kana after another one. The two are one syllable. */
const SYLLABLE = /([\u3041-\u3096\u30a1-\u30fa])([ぁぃぅぇぉゃゅょァィゥェォャュョ])/g;

function syllable(_: string, kana: string, small: string): string {
  const consonant = anyAscii(kana).replace(/[aeiou]$/, '') || 'w';
  const rest = anyAscii(small);
  return consonant + (/(sh|ch|j)$/.test(consonant) ? rest.replace('y', '') : rest);
}

/**
 * Letters whose sound depends on the letters next to them, with Latin letters for that sound. Rules are applied in this order.
 */
const RULES: readonly (readonly [RegExp, string | typeof syllable])[] = [
  // Kana: a small つ doubles the next consonant. Names in Latin letters often do not show it.
  [/[っッ]/g, ''],
  [SYLLABLE, syllable],
  // Greek: two letters are one sound, at the beginning of a word and after a consonant.
  [/(?<![αεηιουωάέήίόύώϊϋΐΰ])μπ/gi, 'b'],
  [/(?<![αεηιουωάέήίόύώϊϋΐΰ])ντ/gi, 'd'],
  [/(?<![αεηιουωάέήίόύώϊϋΐΰ])γκ/gi, 'g'],
  [/ο[υύ]/gi, 'ou'],
  [/(?<=[αεάέ])[υύ]/gi, 'v'],
  // Hebrew: an apostrophe changes the sound of a letter. ו and י are usually vowels, and a final ה is silent.
  [/ג['’׳]/g, 'j'],
  [/ז['’׳]/g, 'zh'],
  [/[צץ]['’׳]/g, 'ch'],
  [/ת['’׳]/g, 'th'],
  [/(?<!\p{L})ב/gu, 'b'],
  [/(?<!\p{L})פ/gu, 'p'],
  [/וו|(?<!\p{L})ו/gu, 'v'],
  [/ו/g, 'o'],
  [/(?<=\p{L})י(?=\p{L})/gu, 'i'],
  [/[כך]/g, 'k'],
  [/(?<=\p{L}\p{L})ה(?!\p{L})/gu, ''],
  // Arabic: the article is often left out. Alef is a long a, and ع has no Latin letter, but a name that begins with it begins with a vowel.
  [/(?<!\p{L})ال(?=\p{L}{3})/gu, ''],
  [/(?<!\p{L})عا?|[اأآإٱ]/gu, 'a'],
  [/ع/g, ''],
  // Scripts of India and Sri Lanka: च.
  [/[\u091a\u099a\u0a1a\u0a9a\u0b1a\u0b9a\u0c1a\u0c9a\u0d1a\u0da0]/g, 'ch'],
  // An apostrophe between Cyrillic letters is a hard sign.
  [/(?<=\p{Script=Cyrillic})['’ʼ](?=\p{Script=Cyrillic})/gu, ''],
];

/** Scripts that have rules. A text without them is returned as it is. */
const WITH_RULES = /[\u0370-\u03ff\u0400-\u04ff\u0590-\u06ff\u0900-\u0dff\u3041-\u30ff]/;

/**
 * The text with Latin letters in place of letters whose sound depends on their neighbours: “Μπακογιάννη” begins with b, “ג׳ון” with j, and
 * “ジョ” is one syllable.
 * @param text in the form NFKC.
 */
export function spellBySound(text: string): string {
  if (!WITH_RULES.test(text)) return text;
  return RULES.reduce((rest, [letters, latin]) => rest.replaceAll(letters, latin as string), text);
}
