/** Characters outside the scripts without spaces between words: Thai, Lao, Myanmar, Hangul, Khmer, kana, Han. */
const OTHERS =
  /[^\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{3ffff}]+/gu;

/** The characters of a text that belong to scripts without spaces between words. Spaces and marks between them do not count. */
export const unspacedCharacters = (text: string): string => text.normalize('NFKC').replaceAll(OTHERS, '');

/** Each two characters that follow one another. */
export const pairsOf = (characters: readonly string[]): string[] =>
  characters.slice(1).map((character, i) => `${characters[i]}${character}`);

/** The parts by which such characters are found: each of them, and each pair. */
export function characterPieces(characters: string): string[] {
  const single = [...characters];
  return [...new Set([...single, ...pairsOf(single)])];
}
