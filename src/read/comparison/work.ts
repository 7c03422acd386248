import { payFor } from '../../db/pool/cancellation.ts';
import { groupBy } from '../group.ts';
import type { ComparedEvent } from './sides.ts';

/** Statements of events that are compared together. Further events are compared after these. */
const TOGETHER_STATEMENTS_MAX = 5_000;
/** Statements of an event that the price of the field pays for. Further ones are paid when their number is known. */
const INCLUDED_STATEMENTS = 100;
/** Finding the side of a statement, in points. */
const SIDE_POINTS = 3;

/** Points of one statement of the chosen sides, after its side has been found. */
export const STATEMENT_POINTS = {
  /** Counting it in its account. */
  counted: 1,
  /** Putting it into the order of its account. */
  listed: 3,
  /** Finding the rows that it is in. */
  placedInRows: 6,
  /** Counting it in the rows of its topics. */
  compared: 12,
  /** Looking for its links, and for stances that oppose its own. */
  related: 9,
  /** Finding it in its rows and putting it into their order. */
  listedInCell: 7,
} as const;

/** Something that is read of the comparison of an event. */
interface Part {
  readonly event: ComparedEvent;
}

/**
 * Reads parts of comparisons, event by event or several small events together. The client pays for each such read before it begins, by the
 * number of statements of its events.
 *
 * @param points of `STATEMENT_POINTS`.
 * @param sidesOf the sides of a part, of which only statements are read.
 * @param read returns the value of each part, in their order.
 */
export async function readByEvents<P extends Part, Value>(
  parts: readonly P[],
  points: number,
  sidesOf: (part: P) => readonly number[],
  read: (parts: readonly P[]) => Promise<readonly Value[]>,
): Promise<Value[]> {
  const values = new Map<P, Value>();
  for (const together of groupsOf(parts)) {
    const events = [...groupBy(together, ({ event }) => event)];
    payForStatements(
      events.map(([{ statementCount, sideIds }, ofEvent]) => {
        const share = new Set(ofEvent.flatMap(sidesOf)).size / Math.max(1, sideIds.length);
        return { statementCount, points: SIDE_POINTS + points * share };
      }),
    );
    const found = await read(together);
    for (const [i, part] of together.entries()) values.set(part, found[i] as Value);
  }
  return parts.map((part) => values.get(part) as Value);
}

/** Parts of events that together have few statements, or of one event. */
function groupsOf<P extends Part>(parts: readonly P[]): P[][] {
  const groups: P[][] = [];
  let statements = Number.POSITIVE_INFINITY;
  for (const [event, ofEvent] of groupBy(parts, ({ event }) => event)) {
    statements += event.statementCount;
    if (statements > TOGETHER_STATEMENTS_MAX) {
      groups.push([]);
      statements = event.statementCount;
    }
    groups.at(-1)?.push(...ofEvent);
  }
  return groups;
}

function payForStatements(events: readonly { statementCount: number; points: number }[]): void {
  const total = events.reduce(
    (sum, { statementCount, points }) => sum + Math.max(0, statementCount - INCLUDED_STATEMENTS) * points,
    0,
  );
  if (total === 0) return;
  const statements = events.reduce((sum, { statementCount }) => sum + statementCount, 0);
  payFor(
    Math.ceil(total),
    `Comparing ${statements} statements of ${events.length === 1 ? 'an event' : `${events.length} events`}`,
    'Choose fewer “sides”, or fewer fields of the comparison',
  );
}
