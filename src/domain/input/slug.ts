import { createHash } from 'node:crypto';

/** Maximum number of characters of a slug. */
export const SLUG_LENGTH_MAX = 80;

/** Maximum number of characters of a slug made from a text: short enough to read, with room for a suffix. */
export const MADE_SLUG_LENGTH_MAX = 60;

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const DIGEST_PREFIX_LENGTH = 10;

/** Whether a text has the form of a slug. Any other text need not be looked up. */
export function isSlug(text: string): boolean {
  return text.length <= SLUG_LENGTH_MAX && SLUG.test(text);
}

/**
 * Makes a slug from a name or a sentence. The same text always gives the same slug. Accents (by NFKD) and apostrophes
 * are removed. Every other character that is not an ASCII letter or digit separates words; nothing is transliterated.
 * The slug is cut after a word to at most `MADE_SLUG_LENGTH_MAX` characters, or within the first word if that is longer.
 * A text without any Latin letter or digit gives `s-` and the first ten hexadecimal digits of its SHA-256.
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
