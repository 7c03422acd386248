import { expect, it } from 'vitest';
import { parseFuzzyDate } from '../../src/domain/input/date.ts';
import { eventWarnings, sourceWarnings, statementWarnings } from '../../src/domain/warning.ts';

const NOW = new Date('2025-07-01T09:59:00Z');
const ANCHOR = { start: 0, end: 1, digest: '0'.repeat(64), exact: undefined };

/** The codes of a statement that is said then and taken from such a source. */
function codes(
  said: string,
  source: { publishedOn?: string | null; length?: number | null },
  anchors = [ANCHOR],
) {
  const input = { said: parseFuzzyDate(said), source: 'report', anchors } as unknown as Parameters<
    typeof statementWarnings
  >[0];
  const references = { get: () => ({ id: 1, publishedOn: null, length: 100, ...source }) };
  return statementWarnings(input, references, NOW).map(({ code }) => code);
}

it.each([
  ['2025-06-30', '2025-06-30', []],
  ['2025-06-30T23:59+12:00', '2025-06-30', []],
  ['2025', '2025-06-30', []],
  ['2025-06-01/2025-07-31', '2025-06-30', []],
  ['2025-06-30', null, []],
  ['2025-06-30', '2025-06-29', ['SAID_AFTER_PUBLICATION']],
  ['2025-06-30T00:01+14:00', '2025-06-29', ['SAID_AFTER_PUBLICATION']],
  ['2025~', '2024-12-31', ['SAID_AFTER_PUBLICATION']],
])('a statement said %s, of a source published %s, has the warnings %j', (said, publishedOn, expected) => {
  expect(codes(said, { publishedOn })).toEqual(expected);
});

it.each([
  ['2025-07-01', false],
  ['2025', false],
  ['2025-07-02', true], // it begins at 10:00 UTC on the Line Islands
  ['2025-08', true],
  ['2026~', true],
  ['2025-07-01T11:59+02:00', false],
  ['2025-07-01T12:00+02:00', true],
])('a statement or event of %s is in the future: %j', (date, isFuture) => {
  expect(codes(date, {})).toEqual(isFuture ? ['SAID_IN_FUTURE'] : []);
  const event = { date: parseFuzzyDate(date) } as Parameters<typeof eventWarnings>[0];
  expect(eventWarnings(event, NOW).map(({ code }) => code)).toEqual(isFuture ? ['EVENT_IN_FUTURE'] : []);
});

it('a source published in the future, or on a day that has begun somewhere', () => {
  const of = (publishedOn: string | undefined, now = NOW) =>
    sourceWarnings({ publishedOn } as Parameters<typeof sourceWarnings>[0], now).map(({ code }) => code);
  expect([of('2025-07-02'), of('2025-07-01'), of(undefined)]).toEqual([['PUBLISHED_IN_FUTURE'], [], []]);
  expect(of('2025-07-02', new Date('2025-07-01T10:00:00Z')), 'once it begins on the Line Islands').toEqual(
    [],
  );
});

it('a statement without an anchor, and one whose anchors the service could not check', () => {
  expect(codes('2025', {}, [])).toEqual(['NO_ANCHOR']);
  expect(codes('2025', { length: null })).toEqual(['ANCHOR_NOT_CHECKED']);
  expect(codes('2025', { length: null }, [])).toEqual(['NO_ANCHOR']);
});
