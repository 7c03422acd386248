import { dayText } from '../words/moment.ts';

/** Statements by the earliest day that they can have been said on. */
export interface Point {
  /** `YYYY-MM-DD` or `YYYY-MM`. */
  readonly date: string;
  readonly count: number;
}

/** A bar of the histogram. */
export interface Bin {
  /** First and last day, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly count: number;
}

export const BINS_MAX = 40;
/** Months of a bin: a month, a quarter, a year, five years, a quarter of a century. */
const MONTH_STEPS = [1, 3, 12, 60, 300];
/** Days of a bin: a day, or a week. */
const DAY_STEPS = [1, 7];
const DAY_MS = 86_400_000;
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** A way to number days or months. */
interface Unit {
  readonly steps: readonly number[];
  readonly indexOf: (date: string) => number;
  /** The first day, in milliseconds. */
  readonly startOf: (index: number) => number;
}

const DAYS: Unit = {
  steps: DAY_STEPS,
  indexOf: (date) => Date.parse(date) / DAY_MS,
  startOf: (index) => index * DAY_MS,
};
const MONTHS: Unit = {
  steps: MONTH_STEPS,
  indexOf: (date) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1,
  startOf: (index) => {
    const start = new Date(0);
    start.setUTCFullYear(Math.floor(index / 12), index % 12, 1);
    return start.getTime();
  },
};

/** The number of statements. */
export const countOf = (points: readonly Pick<Point, 'count'>[]): number =>
  points.reduce((sum, { count }) => sum + count, 0);

/** Numbers days or months from some beginning. */
export const indexOf = (date: string, by: 'day' | 'month'): number =>
  (by === 'day' ? DAYS : MONTHS).indexOf(date);

/** The bars from the first point to the last, without gaps, each so long that there are at most `BINS_MAX`. */
export function binsOf(points: readonly Point[], by: 'day' | 'month'): readonly Bin[] {
  const { steps, indexOf, startOf } = by === 'day' ? DAYS : MONTHS;
  if (points.length === 0) return [];
  const indices = points.map(({ date }) => indexOf(date));
  const [first, last] = [Math.min(...indices), Math.max(...indices)];
  const binOf = (index: number, step: number): number => Math.floor(index / step);
  const step =
    steps.find((some) => binOf(last, some) - binOf(first, some) < BINS_MAX) ?? (steps.at(-1) as number);
  const counts = Array<number>(binOf(last, step) - binOf(first, step) + 1).fill(0);
  for (const [i, { count }] of points.entries()) {
    const bin = binOf(indices[i] as number, step) - binOf(first, step);
    counts[bin] = (counts[bin] as number) + count;
  }
  return counts.map((count, i) => {
    const start = (binOf(first, step) + i) * step;
    const [from, to] = [dayOf(startOf(start)), dayOf(startOf(start + step) - DAY_MS)];
    return { from, to, count, label: labelOf(from, to, by, step) };
  });
}

function labelOf(from: string, to: string, by: 'day' | 'month', step: number): string {
  if (by === 'day') return step === 1 ? dayText(from) : `${dayText(from)} to ${dayText(to)}`;
  if (step === 1) return MONTH.format(new Date(from));
  const [fromYear, toYear] = [from.slice(0, 4), to.slice(0, 4)];
  if (step === 12) return fromYear;
  return step > 12
    ? `${fromYear} to ${toYear}`
    : `${MONTH.format(new Date(from))} to ${MONTH.format(new Date(to))}`;
}
