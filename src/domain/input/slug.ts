import { createHash } from 'node:crypto';

/** The most characters a slug may have. */
export const SLUG_LENGTH_MAX = 80;

/** The most characters of a slug made from a text: short enough to read, with room for a suffix. */
export const MADE_SLUG_LENGTH_MAX = 60;

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const DIGEST_PREFIX_LENGTH = 10;

/** Whether a text can be a slug at all. Nothing has any other text for its slug, so there is no need to look for it. */
export function isSlug(text: string): boolean {
  return text.length <= SLUG_LENGTH_MAX && SLUG.test(text);
}

/**
 * Makes a slug from a name or a sentence; the same text always gives the same slug. Accents are stripped (by
 * NFKD), apostrophes dropped, and whatever else is not an ASCII letter or digit parts two words; nothing is
 * transliterated. It is cut between words to at most `MADE_SLUG_LENGTH_MAX` characters, and within a word
 * only where the first one is longer than that. A text without any Latin letter or digit gives `s-` and the
 * first ten hexadecimal digits of the SHA-256 of its UTF-8.
 */
export function makeSlug(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/[\p{M}'’ʼ]/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  if (!words) {
    const digest = createHash('sha256').update(text, 'utf8').digest('hex');
    return `s-${digest.slice(0, DIGEST_PREFIX_LENGTH)}`;
  }
  const whole = words.join('-');
  if (whole.length <= MADE_SLUG_LENGTH_MAX) return whole;
  const lastHyphen = whole.lastIndexOf('-', MADE_SLUG_LENGTH_MAX);
  return whole.slice(0, lastHyphen > 0 ? lastHyphen : MADE_SLUG_LENGTH_MAX);
}
