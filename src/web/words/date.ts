export interface FuzzyDate {
  /** EDTF: `2025-07-01`, `2025-07`, `2024~`, `2025-06/2025-07-07`, `2025-07-01T14:30:00+02:00`. */
  readonly edtf: string;
  readonly earliest: string;
  readonly latest: string;
}

const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June',
  'July', 'August', 'September', 'October', 'November', 'December',
]; // biome-ignore format: a calendar
const QUALIFIERS: Readonly<Record<string, string>> = {
  '~': 'about ',
  '?': 'perhaps ',
  '%': 'perhaps about ',
};
/** The first time zones begin a day this long before UTC. */
const FIRST_ZONE_MS = 14 * 3_600_000;
const TIMED = /^(.{10})T(\d\d:\d\d)(?::\d\d)?(Z|[+-]\d\d:\d\d)$/;
const POINT = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?([~?%]?)$/;

function inWords(point: string): string {
  const match = POINT.exec(point);
  if (!match) return point;
  const [, year, month, day, qualifier = ''] = match;
  const words = [day && String(Number(day)), month && MONTHS[Number(month) - 1], String(Number(year))];
  return `${QUALIFIERS[qualifier] ?? ''}${words.filter(Boolean).join(' ')}`;
}

/**
 * Says a date as precisely as it is known, and no more: "1 July 2025", "about 2024", "1 to 7 July 2025", and with its time
 * "1 July 2025 at 14:30 (UTC+02:00)", by the clock where it was said.
 */
export function fuzzyDateText({ edtf }: Pick<FuzzyDate, 'edtf'>): string {
  const [, day, clock, zone = ''] = TIMED.exec(edtf) ?? [];
  if (day) return `${inWords(day)} at ${clock} (UTC${zone === 'Z' ? '' : zone.replace('-', '−')})`;
  const [from = '', to] = edtf.split('/');
  return to === undefined || to === from ? inWords(from) : `${beginningInWords(from, to)} to ${inWords(to)}`;
}

/** The first of two points, without the month and the year of two plain days that share them. */
function beginningInWords(from: string, to: string): string {
  const words = inWords(from);
  if (!isDay(from) || !isDay(to) || from.slice(0, 4) !== to.slice(0, 4)) return words;
  const [day = '', month = ''] = words.split(' ');
  return from.slice(0, 7) === to.slice(0, 7) ? day : `${day} ${month}`;
}

const isDay = (point: string): boolean => /^\d{4}-\d\d-\d\d$/.test(point);

/** Whether a date has not begun: its time, or its first possible day in any time zone. */
export function isFuture({ edtf, earliest }: FuzzyDate, now: Date): boolean {
  if (TIMED.test(edtf)) return new Date(edtf) > now;
  return earliest > new Date(now.getTime() + FIRST_ZONE_MS).toISOString().slice(0, 10);
}

/** Whether the exact day is known. */
export const isExact = ({ edtf, earliest, latest }: FuzzyDate): boolean =>
  earliest === latest && !/[~?%]/.test(edtf);
