import { type InputPath, ReadoutError } from '../../base/errors.ts';

/** A date that is as precise as is known, with the span of days that it can mean. */
export interface FuzzyDate {
  /** The EDTF text: `2025-07-01`, `2025-07`, `2024~`, `2025-07-01T14:30:00+02:00` or an interval `2025-06/2025-07-07`. */
  edtf: string;
  /** First day it can mean, `YYYY-MM-DD`. */
  earliest: string;
  /** Last day it can mean, `YYYY-MM-DD`; not before `earliest`. */
  latest: string;
}

const FUZZY_DATE_HINT =
  'Write a year, a month or a day (YYYY, YYYY-MM or YYYY-MM-DD), each with ~ (approximate), ? (uncertain) ' +
  'or % (both) after it where needed, an interval of two of them, or a day with its time of day and offset, for example ' +
  '"2025-07-01", "2025-07", "2024~", "2025-06/2025-07-07", "2025-07-01T14:30+02:00" or "2025-07-01T12:30:00Z".';
const DAY_HINT = 'Write a day as YYYY-MM-DD, for example "2025-07-01".';

const POINT = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?%]?)$/;
const TIMED = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?(?:Z|[+-](\d{2}):(\d{2}))$/;
/** The largest offset of a time zone from UTC. */
const OFFSET_HOURS_MAX = 14;
const QUOTED_LENGTH_MAX = 40;

/**
 * Parses a date with precision: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, each with an optional `~`, `?` or `%`, a
 * closed interval `A/B` of two of these, or a day with its time of day, `YYYY-MM-DDThh:mm` with optional `:ss` and `Z` or an
 * offset `±hh:mm`. The years are 0001 to 9999 of the proleptic Gregorian calendar. A
 * qualifier does not widen the bounds: EDTF (ISO 8601-2) gives it no width. The day of a time is the day as written.
 *
 * @throws ReadoutError INVALID_INPUT for any other text, a day that the calendar does not have, a time that no clock
 * shows, or an interval that ends before it begins.
 */
export function parseFuzzyDate(text: string, path?: InputPath): FuzzyDate {
  const refuse = (fault: string) => new ReadoutError('INVALID_INPUT', `${fault} ${FUZZY_DATE_HINT}`, path);
  const timed = TIMED.exec(text);
  if (timed) {
    const day = timed[1] as string;
    const fault = calendarFault(readPoint(day) as Point) ?? clockFault(timed);
    if (fault) throw refuse(fault);
    return { edtf: text, earliest: day, latest: day };
  }
  const parts = text.split('/', 3);
  const points = parts.map(readPoint);
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length > 2 || points.includes(null)) {
    throw refuse(`${quoted(text)} is not a date.`);
  }
  const fault = calendarFault(first) ?? calendarFault(last);
  if (fault) throw refuse(fault);
  const { earliest } = boundsOf(first);
  const { latest } = boundsOf(last);
  if (latest < earliest) {
    throw refuse(`The interval ${quoted(text)} ends before it begins. Write the earlier date first.`);
  }
  return { edtf: text, earliest, latest };
}

/** The moment of a date with a time of day, and null for any other date. @param edtf accepted by `parseFuzzyDate`. */
export const momentOf = (edtf: string): Date | null => (TIMED.test(edtf) ? new Date(edtf) : null);

/**
 * Checks a calendar day, `YYYY-MM-DD` with a year from 0001 to 9999, and returns it unchanged.
 *
 * @throws ReadoutError INVALID_INPUT for any other text, or a day that the calendar does not have.
 */
export function parseDay(text: string, path?: InputPath): string {
  const point = readPoint(text);
  if (!point?.day || point.qualifier) {
    throw new ReadoutError('INVALID_INPUT', `${quoted(text)} is not a day. ${DAY_HINT}`, path);
  }
  const fault = calendarFault(point);
  if (fault) throw new ReadoutError('INVALID_INPUT', `${fault} ${DAY_HINT}`, path);
  return text;
}

/** Whether `parseDay` accepts a text. */
export function isDay(text: string): boolean {
  const point = readPoint(text);
  return point?.day !== undefined && !point.qualifier && calendarFault(point) === null;
}

const MONTHS = [
  { name: 'January', days: 31 },
  { name: 'February', days: 28 },
  { name: 'March', days: 31 },
  { name: 'April', days: 30 },
  { name: 'May', days: 31 },
  { name: 'June', days: 30 },
  { name: 'July', days: 31 },
  { name: 'August', days: 31 },
  { name: 'September', days: 30 },
  { name: 'October', days: 31 },
  { name: 'November', days: 30 },
  { name: 'December', days: 31 },
] as const;

/** The digits of one date. `month` and `day` are absent if it is less precise. */
interface Point {
  year: string;
  month: string | undefined;
  day: string | undefined;
  qualifier: string;
}

function readPoint(text: string): Point | null {
  const match = POINT.exec(text);
  if (!match) return null;
  const [, year = '', month, day, qualifier = ''] = match;
  return { year, month, day, qualifier };
}

/** Why a point is not a real date, as a sentence; null if it is one. */
function calendarFault({ year, month, day }: Point): string | null {
  if (Number(year) === 0) return 'There is no year 0000: the first year is 0001.';
  if (month === undefined) return null;
  const name = MONTHS[Number(month) - 1]?.name;
  if (!name) return `There is no month ${month}: the months are 01 to 12.`;
  if (day === undefined) return null;
  const days = daysIn(year, month);
  if (Number(day) >= 1 && Number(day) <= days) return null;
  return `There is no day ${day} in ${name} ${year}: its days are 01 to ${days}.`;
}

/** Why the match of a time is not one that a clock shows, as a sentence; null if it is one. */
function clockFault([
  text,
  ,
  hour,
  minute,
  second = '00',
  offsetHour = '00',
  offsetMinute = '00',
]: RegExpExecArray) {
  if (Number(hour) > 23) return `There is no hour ${hour}: the hours are 00 to 23.`;
  if (Number(minute) > 59) return `There is no minute ${minute}: the minutes are 00 to 59.`;
  if (Number(second) > 59) return `There is no second ${second}: the seconds are 00 to 59.`;
  if (Number(offsetHour) > OFFSET_HOURS_MAX || Number(offsetMinute) > 59)
    return `There is no offset ${offsetHour}:${offsetMinute}: the offsets are 00:00 to ${OFFSET_HOURS_MAX}:59.`;
  const year = new Date(text).getUTCFullYear();
  if (year < 1 || year > 9999) return 'In UTC this time is outside the years 0001 to 9999.';
  return null;
}

function boundsOf({ year, month, day }: Point): { earliest: string; latest: string } {
  const latestMonth = month ?? '12';
  return {
    earliest: `${year}-${month ?? '01'}-${day ?? '01'}`,
    latest: `${year}-${latestMonth}-${day ?? daysIn(year, latestMonth)}`,
  };
}

/** Days in a month of the Gregorian calendar; 0 for a month that does not exist. */
function daysIn(year: string, month: string): number {
  const y = Number(year);
  const leap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  return leap && month === '02' ? 29 : (MONTHS[Number(month) - 1]?.days ?? 0);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > QUOTED_LENGTH_MAX ? `${text.slice(0, QUOTED_LENGTH_MAX)}…` : text);
}
