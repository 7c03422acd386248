import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MADE_SLUG_LENGTH_MAX,
  makeSlug,
  numberedSlug,
  parseSlug,
  SLUG_LENGTH_MAX,
} from '../../src/domain/slug.ts';
import { ReadoutError } from '../../src/errors.ts';

const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const slug = fc
  .array(word, { minLength: 1, maxLength: 8 })
  .map((words) => words.join('-'))
  .filter((text) => text.length <= SLUG_LENGTH_MAX);

describe('a slug', () => {
  test('comes back as it stands', () => {
    fc.assert(fc.property(slug, (text) => parseSlug(text) === text));
    expect(parseSlug('a'.repeat(SLUG_LENGTH_MAX))).toHaveLength(80);
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
  ])('is refused when it is %j, with an example of what is accepted', (text) => {
    const refused = expect(() => parseSlug(text, ['input', 'speakers', 0]));
    refused.toThrow(ReadoutError);
    refused.toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        path: ['input', 'speakers', 0],
        message: expect.stringContaining('at most 80 characters, for example "emmanuel-macron"'),
      }),
    );
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
        expect(parseSlug(made)).toBe(made);
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

describe('a numbered slug', () => {
  test('has its number behind it', () => {
    expect(numberedSlug('france', 2)).toBe('france-2');
  });

  test('is cut to the greatest length, without a doubled hyphen', () => {
    expect(numberedSlug('a'.repeat(80), 12)).toBe(`${'a'.repeat(77)}-12`);
    expect(numberedSlug(`${'a'.repeat(77)}-b`, 2)).toBe(`${'a'.repeat(77)}-2`);
  });

  test('is a slug that ends in its number, and another for another number', () => {
    fc.assert(
      fc.property(slug, fc.integer({ min: 1 }), (text, n) => {
        const numbered = numberedSlug(text, n);
        expect(parseSlug(numbered)).toBe(numbered);
        expect(numbered.endsWith(`-${n}`)).toBe(true);
        expect(numberedSlug(text, n + 1)).not.toBe(numbered);
      }),
    );
  });

  test.each([0, -1, 1.5, Number.NaN])('is never made with %d', (n) => {
    expect(() => numberedSlug('france', n)).toThrow('whole number from 1');
  });
});
