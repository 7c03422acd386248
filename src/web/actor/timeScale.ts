export interface Tick {
  /** 0 to 1 */
  readonly at: number;
  readonly label: string;
  /** Whether its label also fits on a narrow screen. */
  readonly isMajor: boolean;
}

/** Places days along a line from 0 to 1. */
export interface TimeScale {
  place(day: string): number;
  readonly ticks: readonly Tick[];
}

const DAY_MS = 86_400_000;
const TICKS_MAX = 6;
const TICK_DISTANCE_MIN = 0.13;
const MAJOR_DISTANCE_MIN = 0.3;
const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / DAY_MS;
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/**
 * A time scale that shortens long gaps. The width between two neighbouring days grows with the logarithm of their distance, so that what
 * was said in one week stays legible beside what was said a year before.
 */
export function makeTimeScale(days: readonly string[]): TimeScale {
  const marks = [...new Set(days)].sort();
  const numbers = marks.map(dayNumber);
  const widths = numbers.slice(1).map((day, i) => Math.log2(1 + day - (numbers[i] ?? day)));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const places = [0];
  for (const width of widths) places.push((places.at(-1) ?? 0) + (total > 0 ? width / total : 0));

  const place = (day: string): number => {
    if (total === 0) return 0.5;
    const number = dayNumber(day);
    const next = numbers.findIndex((mark) => mark >= number);
    if (next < 0) return 1;
    if (next === 0) return 0;
    const [from = 0, to = 0] = [numbers[next - 1], numbers[next]];
    const [left = 0, right = 0] = [places[next - 1], places[next]];
    return left + ((number - from) / (to - from)) * (right - left);
  };
  return { place, ticks: chooseTicks(marks, place) };
}

/** Ticks at as many of the days as fit, always at the first and the last one. */
function chooseTicks(marks: readonly string[], place: (day: string) => number): Tick[] {
  const chosen: string[] = [];
  const [first, ...rest] = marks;
  const last = rest.pop();
  if (first) chosen.push(first);
  if (last) chosen.push(last);
  for (const mark of rest) {
    const isFree = chosen.every((other) => Math.abs(place(other) - place(mark)) >= TICK_DISTANCE_MIN);
    if (isFree && chosen.length < TICKS_MAX) chosen.push(mark);
  }
  const major: string[] = [];
  for (const mark of chosen) {
    if (major.every((other) => Math.abs(place(other) - place(mark)) >= MAJOR_DISTANCE_MIN)) major.push(mark);
  }
  const years = new Set<string>();
  return chosen.sort().map((day) => {
    const year = day.slice(0, 4);
    const label = years.has(year) ? DAY.format(Date.parse(day)) : MONTH.format(Date.parse(day));
    years.add(year);
    return { at: place(day), label, isMajor: major.includes(day) };
  });
}
