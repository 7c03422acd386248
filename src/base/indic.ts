/** Where the blocks of these scripts begin. Each of them has the same letters at the same places. */
const NORTHERN = [0x0900, 0x0980, 0x0a00, 0x0a80]; // Devanagari, Bengali, Gurmukhi, Gujarati
const SOUTHERN = [0x0b00, 0x0b80, 0x0c00, 0x0c80, 0x0d00]; // Odia, Tamil, Telugu, Kannada, Malayalam

const escaped = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;
const lettersOf = (blocks: readonly number[], from: number, to = from): string =>
  blocks.map((block) => `${escaped(block + from)}-${escaped(block + to)}`).join('');
const inAll = (from: number, to = from): string => lettersOf([...NORTHERN, ...SOUTHERN], from, to);

/** Sinhala has its letters at other places. */
const SINHALA_CONSONANTS = '\\u0d9a-\\u0dc6';
const SINHALA_SIGNS = '\\u0dca-\\u0ddf';

const DOT = `[${inAll(0x3c)}]`;
const SIGN = `[${inAll(0x3c)}${inAll(0x3e, 0x4d)}${inAll(0x55, 0x57)}${inAll(0x62, 0x63)}${SINHALA_SIGNS}]`;
const VOWEL_SIGN = `[${inAll(0x3e, 0x4c)}]`;
const VIRAMA = `[${inAll(0x4d)}]`;
const consonants = (blocks: readonly number[]): string =>
  `${lettersOf(blocks, 0x15, 0x39)}${lettersOf(blocks, 0x58, 0x5f)}`;
const NORTHERN_CONSONANT = `[${consonants(NORTHERN)}]`;

/** A consonant without a vowel sign. */
const bare = (consonant: string): string => `${consonant}${DOT}?(?!${SIGN})`;
const NORTHERN_BARE = bare(NORTHERN_CONSONANT);
/** It has an a, except at the end of a word, and between a vowel and a consonant with a vowel sign. */
const NORTHERN_A = [
  `(?<=${VIRAMA})${NORTHERN_BARE}`,
  `(?<![\\p{L}\\p{M}])${NORTHERN_BARE}`,
  `${NORTHERN_BARE}(?=[\\p{L}\\p{M}])(?!${NORTHERN_CONSONANT}${DOT}?${VOWEL_SIGN})`,
].join('|');

const rule = (pattern: string, latin: string): readonly [RegExp, string] => [
  new RegExp(pattern, 'gu'),
  latin,
];

/** Rules are applied in this order. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // A consonant has an a that is not written.
  rule(NORTHERN_A, '$&a'),
  rule(bare(`[${consonants(SOUTHERN)}${SINHALA_CONSONANTS}]`), '$&a'),
  // A dot below makes another letter.
  rule(`[${inAll(0x1c)}]${DOT}`, 'z'),
  rule(`[${inAll(0x21, 0x22)}]${DOT}`, 'r'),
  rule('\\u09af\\u09bc', 'y'),
  rule(DOT, ''),
  // The sign of a nasal sound.
  rule(`[${inAll(0x02)}\\u0d82](?=[${inAll(0x39)}\\u0dc4])|\\u0982`, 'ng'),
  rule(`[${inAll(0x02)}\\u0d82](?=\\p{L})|[${lettersOf(NORTHERN, 0x01)}]`, 'n'),
  // ज्ञ, ङ, श, ष, ऋ, च, and व after a consonant and in Sinhala.
  rule(`[${inAll(0x1c)}]${VIRAMA}[${inAll(0x1e)}]`, 'gy'),
  rule(`[${inAll(0x19)}]`, 'ng'),
  rule(`[${inAll(0x36, 0x37)}\\u0dc1\\u0dc2]`, 'sh'),
  rule(`[${inAll(0x0b)}${inAll(0x43)}\\u0dd8]`, 'ri'),
  rule('\\u0b9a\\u0bcd\\u0b9a', 'ch'),
  rule('\\u0b9a', 's'),
  rule(`[${inAll(0x1a)}\\u0da0]`, 'ch'),
  rule(`(?<=${VIRAMA})[${inAll(0x35)}]|\\u0dc0`, 'w'),
];

const WITH_RULES = /[\u0900-\u0dff]/;

/** The text with Latin letters that the scripts of India and Sri Lanka do not write: “चन्द्र” is “chandra”. @param text in the form NFKC. */
export function spellIndic(text: string): string {
  if (!WITH_RULES.test(text)) return text;
  return RULES.reduce((rest, [letters, latin]) => rest.replaceAll(letters, latin), text);
}
