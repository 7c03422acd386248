/** A letter of Burmese, and the signs within its syllable. */
const LETTER = '[\\u1000-\\u1021\\u103f]';
const MEDIALS = '[\\u103b-\\u103e]*';

/**
 * The letters of Burmese as they are usually written in Latin letters: the vowel and the final consonant of a syllable are one sound, and a
 * syllable without a vowel sign has an a. Rules are applied in this order.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  // Tones. A final n with a short tone is written “nt”.
  [/([\u1004\u1014\u1019])\u1037\u103a/g, '$1\u103at'],
  [/[\u1037\u1038]/g, ''],
  // A consonant above another one is the final of its syllable.
  [/\u1039/g, '\u103a'],
  [/\u1031[\u102b\u102c]\u1004\u103a/g, 'aung'],
  [/\u1031[\u102b\u102c]\u1000\u103a/g, 'auk'],
  [/\u1031[\u102b\u102c]\u103a?/g, 'aw'],
  [/\u102d\u102f\u1004\u103a/g, 'aing'],
  [/\u102d\u102f\u1000\u103a/g, 'aik'],
  [/\u102d\u102f/g, 'o'],
  [/\u102f(?:[\u1014\u1019]\u103a|\u1036)/g, 'on'],
  [/\u102d(?:[\u1014\u1019]\u103a|\u1036)/g, 'ein'],
  [/\u103d(?:[\u1014\u1019]\u103a|\u1036)/g, 'un'],
  [/(?:[\u1014\u1019]\u103a|\u1036)/g, 'an'],
  [/[\u1004\u1009]\u103a/g, 'in'],
  [/\u1000\u103a/g, 'et'],
  [/\u1005\u103a/g, 'it'],
  [/[\u1010\u1015]\u103a/g, 'at'],
  [/\u100a\u103a/g, 'i'],
  [/\u101a\u103a|\u1031|\u1032/g, 'e'],
  [new RegExp(`${LETTER}${MEDIALS}(?![\\u102b-\\u1036\\u103a-\\u103ea-z])`, 'g'), '$&a'],
  [/[\u101a\u101b](\u103d?)\u103e/g, 'sh$1'],
  [/\u1001[\u103b\u103c]/g, 'ch'],
  [/\u1002[\u103b\u103c]/g, 'j'],
  [/[\u103b\u103c]/g, 'y'],
  [new RegExp(`(${LETTER}[y\\u103d]*)\\u103e`, 'g'), 'h$1'],
  [/[\u101d\u103d]/g, 'w'],
  [/[\u1009\u100a]/g, 'ny'],
  [/[\u1005\u1006]/g, 's'],
  [/[\u1007\u1008]/g, 'z'],
  [/[\u101a\u101b]/g, 'y'],
  [/\u101e/g, 'th'],
  [/[\u1021\u1022]/g, ''],
];

const WITH_RULES = /[\u1000-\u103f]/;

/** The text with Latin letters in place of syllables of Burmese: “အောင်ဆန်းစုကြည်” is “aungsansukyi”. @param text in the form NFKC. */
export function spellBurmese(text: string): string {
  if (!WITH_RULES.test(text)) return text;
  return RULES.reduce((rest, [letters, latin]) => rest.replaceAll(letters, latin), text);
}
