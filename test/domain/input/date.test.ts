import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReadoutError } from '../../../src/base/errors.ts';
import { parseDay, parseFuzzyDate } from '../../../src/domain/input/date.ts';

const qualifier = fc.constantFrom('', '~', '?', '%');
const day = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const unqualified = fc.tuple(day, fc.constantFrom(4, 7, 10)).map(([text, length]) => text.slice(0, length));
const point = fc.tuple(unqualified, qualifier).map((parts) => parts.join(''));

function refusal(parse: () => unknown): ReadoutError {
  try {
    parse();
  } catch (error) {
    if (error instanceof ReadoutError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('a date with precision', () => {
  test.each([
    ['2025', '2025-01-01', '2025-12-31'],
    ['2025-07', '2025-07-01', '2025-07-31'],
    ['2025-07-01', '2025-07-01', '2025-07-01'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2025-02', '2025-02-01', '2025-02-28'],
    ['1900-02', '1900-02-01', '1900-02-28'],
    ['2000-02-29', '2000-02-29', '2000-02-29'],
    ['0001', '0001-01-01', '0001-12-31'],
    ['0096-02', '0096-02-01', '0096-02-29'],
    ['9999-12-31', '9999-12-31', '9999-12-31'],
  ])('%s means the days from %s to %s', (edtf, earliest, latest) => {
    expect(parseFuzzyDate(edtf)).toEqual({ edtf, earliest, latest });
  });

  test.each([
    ['2025-06/2025-07-07', '2025-06-01', '2025-07-07'],
    ['2024~/2025-07?', '2024-01-01', '2025-07-31'],
    ['2025-07-05/2025-07', '2025-07-05', '2025-07-31'],
    ['2025-07/2025-07-01', '2025-07-01', '2025-07-01'],
    ['2025/2025', '2025-01-01', '2025-12-31'],
  ])('the interval %s begins and ends with the bounds of its ends', (edtf, earliest, latest) => {
    expect(parseFuzzyDate(edtf)).toEqual({ edtf, earliest, latest });
  });

  test('keeps its bounds under every qualifier', () => {
    fc.assert(
      fc.property(unqualified, fc.constantFrom('~', '?', '%'), (text, mark) => {
        expect(parseFuzzyDate(text + mark)).toEqual({ ...parseFuzzyDate(text), edtf: text + mark });
      }),
    );
  });

  test('keeps its text, and its bounds are days in order that mean the same as an interval', () => {
    fc.assert(
      fc.property(point, (text) => {
        const date = parseFuzzyDate(text);
        expect(date.edtf).toBe(text);
        expect(parseDay(date.earliest) <= parseDay(date.latest)).toBe(true);
        expect(parseFuzzyDate(`${date.earliest}/${date.latest}`)).toMatchObject({
          earliest: date.earliest,
          latest: date.latest,
        });
      }),
    );
  });

  test('joins any two dates into an interval, or refuses those in the wrong order', () => {
    fc.assert(
      fc.property(point, point, (a, b) => {
        const { earliest } = parseFuzzyDate(a);
        const { latest } = parseFuzzyDate(b);
        const edtf = `${a}/${b}`;
        if (latest < earliest)
          expect(refusal(() => parseFuzzyDate(edtf)).message).toContain('before it begins');
        else expect(parseFuzzyDate(edtf)).toEqual({ edtf, earliest, latest });
      }),
    );
  });

  test.each([
    '',
    'yesterday',
    ' 2025',
    '2025\n',
    '25',
    '2025-7',
    '2025-07-1',
    '20250701',
    '02025',
    '-2025',
    '2025~~',
    '~2025',
    '2025-07-01T00:00:00Z',
    '2025/',
    '/2025',
    '2025/..',
    '2025/2026/2027',
    '2025/2026/2027/2028',
    '２０２５',
  ])('refuses %j and says what is accepted, with an example', (text) => {
    const error = refusal(() => parseFuzzyDate(text, ['input', 'said']));
    expect(error.code).toBe('INVALID_INPUT');
    expect(error.inputPath).toEqual(['input', 'said']);
    expect(error.message).toContain(`${JSON.stringify(text)} is not a date.`);
    expect(error.message).toContain('YYYY-MM-DD');
    expect(error.message).toContain('for example "2025-07-01"');
  });

  test.each([
    ['0000', 'There is no year 0000'],
    ['2025-13', 'There is no month 13'],
    ['2025-00', 'There is no month 00'],
    ['2025-21', 'There is no month 21'],
    ['2025-02-29', 'There is no day 29 in February 2025: its days are 01 to 28.'],
    ['1900-02-29', 'There is no day 29 in February 1900'],
    ['2025-06-31', 'There is no day 31 in June 2025'],
    ['2025-06-00', 'There is no day 00 in June 2025'],
    ['2025-06/2025-06-31', 'There is no day 31 in June 2025'],
    ['2025-13/2026', 'There is no month 13'],
    ['2025-07-07/2025-06', 'ends before it begins'],
  ])('refuses %s, because %s', (text, fault) => {
    const { code, message } = refusal(() => parseFuzzyDate(text));
    expect(code).toBe('INVALID_INPUT');
    expect(message).toContain(fault);
    expect(message).toContain('for example');
  });

  test('does not repeat a long text in its refusal', () => {
    expect(refusal(() => parseFuzzyDate('x'.repeat(100_000))).message.length).toBeLessThan(400);
  });
});

describe('a plain day', () => {
  test('is returned unchanged', () => {
    fc.assert(fc.property(day, (text) => parseDay(text) === text));
  });

  test.each(['', '2025', '2025-07', '2025-07-01~', '2025-07-01/2025-07-02', '1 July 2025', '2025-07-01 '])(
    'refuses %j and says what is accepted, with an example',
    (text) => {
      const error = refusal(() => parseDay(text, ['filter', 'saidFrom']));
      expect(error.code).toBe('INVALID_INPUT');
      expect(error.inputPath).toEqual(['filter', 'saidFrom']);
      expect(error.message).toContain('Write a day as YYYY-MM-DD, for example "2025-07-01".');
    },
  );

  test.each(['2025-02-29', '0000-01-01', '2025-00-10', '2025-04-31'])(
    'refuses %s, which is no day',
    (text) => {
      expect(refusal(() => parseDay(text)).message).toMatch(/^There is no .*for example "2025-07-01"\.$/);
    },
  );
});
