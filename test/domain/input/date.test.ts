import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReadoutError } from '../../../src/base/errors.ts';
import { momentOf, parseDay, parseFuzzyDate } from '../../../src/domain/input/date.ts';

const qualifier = fc.constantFrom('', '~', '?', '%');
const day = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const unqualified = fc.tuple(day, fc.constantFrom(4, 7, 10)).map(([text, length]) => text.slice(0, length));
const point = fc.tuple(unqualified, qualifier).map((parts) => parts.join(''));

const twoDigits = (value: number) => String(value).padStart(2, '0');
/** A day with its time of day, between the years 0002 and 9998, so that UTC has the year too. */
const timed = fc
  .record({
    day: day.filter((text) => text > '0002' && text < '9999'),
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    second: fc.integer({ min: 0, max: 59 }),
    offsetMinutes: fc.integer({ min: -14 * 60, max: 14 * 60 }),
    withSeconds: fc.boolean(),
  })
  .map(({ day, hour, minute, second, offsetMinutes, withSeconds }) => {
    const ahead = Math.abs(offsetMinutes);
    const offset = `${twoDigits(Math.floor(ahead / 60))}:${twoDigits(ahead % 60)}`;
    const zone = offsetMinutes === 0 ? 'Z' : `${offsetMinutes < 0 ? '-' : '+'}${offset}`;
    const clock = [hour, minute, ...(withSeconds ? [second] : [])].map(twoDigits).join(':');
    return {
      text: `${day}T${clock}${zone}`,
      day,
      hour,
      minute,
      second: withSeconds ? second : 0,
      offsetMinutes,
    };
  });

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

  test.each([
    ['2025-07-01T14:30:00+02:00', '2025-07-01', '2025-07-01T12:30:00.000Z'],
    ['2025-07-01T14:30-04:00', '2025-07-01', '2025-07-01T18:30:00.000Z'],
    ['2025-07-01T14:30:59Z', '2025-07-01', '2025-07-01T14:30:59.000Z'],
    ['2025-07-01T00:30+14:00', '2025-07-01', '2025-06-30T10:30:00.000Z'],
    ['2024-02-29T23:45-09:30', '2024-02-29', '2024-03-01T09:15:00.000Z'],
  ])('the time %s is on the day as written, %s, and is the moment %s', (edtf, day, moment) => {
    expect(parseFuzzyDate(edtf)).toEqual({ edtf, earliest: day, latest: day });
    expect(momentOf(edtf)?.toISOString()).toBe(moment);
  });

  test('keeps the text of any time, its day as written, and the moment that clock and offset give', () => {
    fc.assert(
      fc.property(timed, ({ text, day, hour, minute, second, offsetMinutes }) => {
        expect(parseFuzzyDate(text)).toEqual({ edtf: text, earliest: day, latest: day });
        const localMs = Date.parse(`${day}T00:00:00Z`) + ((hour * 60 + minute) * 60 + second) * 1_000;
        expect(momentOf(text)?.getTime()).toBe(localMs - offsetMinutes * 60_000);
      }),
    );
  });

  test('takes a time neither as an end of an interval nor with a qualifier', () => {
    fc.assert(
      fc.property(timed, point, qualifier, ({ text }, other, mark) => {
        for (const wrong of [`${text}/${other}`, `${other}/${text}`, `${text}${mark || '~'}`])
          expect(refusal(() => parseFuzzyDate(wrong)).message).toContain('is not a date');
      }),
    );
  });

  test('has no moment without a time', () => {
    fc.assert(fc.property(point, (text) => momentOf(text) === null));
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
    '2025-07-01T00:00',
    '2025-07-01T00:00:00',
    '2025-07-01T00:00:00.000Z',
    '2025-07-01T0:00Z',
    '2025-07-01T00Z',
    '2025-07-01 00:00Z',
    '2025-07-01t00:00z',
    '2025-07-01T00:00+02',
    '2025-07-01T00:00+0200',
    '2025-07-01T00:00Z~',
    '2025-07T00:00Z',
    '2025-07-01T00:00Z/2025-07-02',
    '2025-07-01/2025-07-02T00:00Z',
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
    ['2025-06-31T14:30Z', 'There is no day 31 in June 2025'],
    ['0000-01-01T14:30Z', 'There is no year 0000'],
    ['2025-07-01T24:00Z', 'There is no hour 24'],
    ['2025-07-01T14:60Z', 'There is no minute 60'],
    ['2025-07-01T23:59:60Z', 'There is no second 60'],
    ['2025-07-01T14:30+15:00', 'There is no offset 15:00'],
    ['2025-07-01T14:30-02:60', 'There is no offset 02:60'],
    ['0001-01-01T00:00+00:01', 'In UTC this time is outside the years 0001 to 9999.'],
    ['9999-12-31T23:59-00:01', 'In UTC this time is outside the years 0001 to 9999.'],
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
