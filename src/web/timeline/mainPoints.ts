import { BINS_MAX, countOf, indexOf, type Point } from './bins.ts';

/** The share of the statements that can lie outside the time that is drawn. */
const OUTSIDE_SHARE_MAX = 0.05;
/** The time of nearly all statements is a smaller part of the whole than one to this number: its bars would be hard to see. */
const SQUEEZED = 10;

export interface MainPoints {
  readonly points: readonly Point[];
  /** Statements before and after these points. */
  readonly earlier: number;
  readonly later: number;
}

/**
 * The points of the time where the statements are. A few of them can be far away, such as one with a wrong year, and would leave no room
 * for the bars of the others. Only as many are left out as it takes.
 */
export function mainPoints(points: readonly Point[], by: 'day' | 'month'): MainPoints {
  const sorted = [...points].sort((a, b) => (a.date < b.date ? -1 : 1));
  const indices = sorted.map(({ date }) => indexOf(date, by));
  /** Statements before each point, and all of them. */
  const before = [0];
  for (const { count } of sorted) before.push((before.at(-1) as number) + count);
  const total = before.at(-1) as number;
  const whole = { points, earlier: 0, later: 0 };
  const length = (first: number, last: number): number =>
    (indices[last] as number) - (indices[first] as number) + 1;
  const inside = (first: number, last: number): number =>
    (before[last + 1] as number) - (before[first] as number);
  if (total < 3 || length(0, sorted.length - 1) < BINS_MAX) return whole;

  const insideMin = total - Math.max(1, Math.floor(total * OUTSIDE_SHARE_MAX));
  let shortest = Number.POSITIVE_INFINITY;
  for (let first = 0, last = 0; last < sorted.length; last += 1)
    for (; inside(first, last) >= insideMin; first += 1) shortest = Math.min(shortest, length(first, last));
  const lengthMax = shortest * SQUEEZED;
  if (length(0, sorted.length - 1) <= lengthMax) return whole;

  let best = { first: 0, last: 0 };
  for (let first = 0, last = 0; last < sorted.length; last += 1) {
    while (length(first, last) > lengthMax) first += 1;
    if (inside(first, last) > inside(best.first, best.last)) best = { first, last };
  }
  return {
    points: sorted.slice(best.first, best.last + 1),
    earlier: countOf(sorted.slice(0, best.first)),
    later: countOf(sorted.slice(best.last + 1)),
  };
}
