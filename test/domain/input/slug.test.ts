import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSlug, MADE_SLUG_LENGTH_MAX, makeSlug, SLUG_LENGTH_MAX } from '../../../src/domain/input/slug.ts';

const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const slug = fc
  .array(word, { minLength: 1, maxLength: 8 })
  .map((words) => words.join('-'))
  .filter((text) => text.length <= SLUG_LENGTH_MAX);

describe('a slug', () => {
  test('is words of letters and digits, joined by hyphens', () => {
    fc.assert(fc.property(slug, isSlug));
    expect(isSlug('a'.repeat(SLUG_LENGTH_MAX))).toBe(true);
  });

  test.each([
    '',
    '-',
    'France',
    'france-',
    '-france',
    'new--york',
    'new york',
    'élysée',
    'a_b',
    'a\n',
    'a'.repeat(81),
  ])('is not %j', (text) => {
    expect(isSlug(text)).toBe(false);
  });
});

describe('a slug made from a text', () => {
  test.each([
    ['Emmanuel Macron', 'emmanuel-macron'],
    ['Élysée – Palace!', 'elysee-palace'],
    ['Iran’s right to peaceful nuclear energy', 'irans-right-to-peaceful-nuclear-energy'],
    ['U.S. 2025', 'u-s-2025'],
    ['ﬁnal № ½', 'final-no-1-2'],
    ['İstanbul', 'istanbul'],
    ['Владимир Putin', 'putin'],
  ])('%s gives %s', (text, made) => {
    expect(makeSlug(text)).toBe(made);
  });

  test.each(['Владимир Путин', 'ایران', '北京', '…', ''])('falls back to a digest for %j', (text) => {
    const digest = createHash('sha256').update(text).digest('hex');
    expect(makeSlug(text)).toBe(`s-${digest.slice(0, 10)}`);
  });

  test('is cut between words', () => {
    const long = 'The call with Putin was mainly about nuclear non-proliferation, with Iran as chief concern';
    expect(makeSlug(long)).toBe('the-call-with-putin-was-mainly-about-nuclear-non');
    const fits = `${'a'.repeat(29)} ${'b'.repeat(30)}`;
    expect(makeSlug(fits)).toBe(`${'a'.repeat(29)}-${'b'.repeat(30)}`);
    expect(makeSlug(`${fits} c`)).toBe(makeSlug(fits));
    expect(makeSlug(`${fits}c`)).toBe('a'.repeat(29));
  });

  test('is cut within a word only where the first one is too long', () => {
    expect(makeSlug('a'.repeat(100))).toBe('a'.repeat(MADE_SLUG_LENGTH_MAX));
    expect(makeSlug(`${'a'.repeat(100)} b`)).toBe('a'.repeat(MADE_SLUG_LENGTH_MAX));
  });

  test('is a slug whatever the text, and the same each time it is made again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.lorem({ maxCount: 30 })), (text) => {
        const made = makeSlug(text);
        expect(isSlug(made)).toBe(true);
        expect(made.length).toBeLessThanOrEqual(MADE_SLUG_LENGTH_MAX);
        expect(makeSlug(text)).toBe(made);
        expect(makeSlug(made)).toBe(made);
      }),
    );
  });

  test('is the same for composed and decomposed accents', () => {
    fc.assert(
      fc.property(fc.constantFrom('Élysée', 'Müller', 'Škoda', 'Nuñez'), (text) => {
        expect(makeSlug(text.normalize('NFD'))).toBe(makeSlug(text.normalize('NFC')));
      }),
    );
  });
});
