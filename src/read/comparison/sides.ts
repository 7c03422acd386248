import type { Database } from '../../db/client.ts';
import { groupBy } from '../group.ts';
import { onDays } from '../side.ts';
import { query } from '../sql.ts';

/*
 * The rules of a comparison.
 *
 * - The side of a participant is the nearest state or organisation that it can speak for: itself, or what it belongs to (`actor_side`, in
 *   the order of its ordinals). One that changes sides during the event has the nearest of each day.
 * - The sides of an event are those of its participants, each once, in the order of the participants.
 * - The sides of a statement are all states and organisations that its givers can speak for on a day on which it can have been said, as the
 *   filter `sides` and the counts by SIDE take them. The giver is the outermost hop of the attribution that is not an outlet, or else the
 *   speakers. Speakers speak for those on whose behalf they spoke (`statement_giver.for_id`).
 * - The account of a side has every current statement of the event with that side, however many there are (here and `accounts.ts`).
 * - A row is a topic of these statements, or a topic above one. It covers everything below it (`rows.ts`).
 * - The verdict of a row follows from its cells, and from the links between its statements (`verdict.ts`).
 *
 * A client can choose among the sides. Then only their statements count, as if the others had not taken part.
 */

/** An event with what its comparison depends on. */
export interface ComparedEvent {
  readonly id: number;
  /** Its sides, in the order of their first participants. */
  readonly sideIds: readonly number[];
  /** Number of its current statements. */
  readonly statementCount: number;
}

/** SQL for the sides of a participant on the days of the event: each that is the nearest on one of these days. */
const PARTICIPANT_SIDES = `
  SELECT side_id, ordinal FROM (
    SELECT side_id, ordinal, days,
      range_agg(days) OVER (ORDER BY ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS nearer_days
    FROM actor_side own CROSS JOIN LATERAL (
      SELECT daterange("from", "to", '[]') * daterange(earliest, latest, '[]') AS days) AS shared
    WHERE actor_id = participant.actor_id AND ${onDays('own', 'earliest', 'latest')}) AS possible
  WHERE (nearer_days @> days) IS NOT TRUE`;

const READ_EVENTS = `
SELECT event.id, side."sideIds", (
    SELECT count(*) FROM statement_event WHERE event_id = event.id AND status = 'CURRENT')::int AS "statementCount"
FROM event CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(side_id ORDER BY first), '{}') AS "sideIds" FROM (
    SELECT side.side_id, min(ARRAY[participant.ordinal, side.ordinal]) AS first
    FROM event_participant AS participant CROSS JOIN LATERAL (${PARTICIPANT_SIDES}) AS side
    WHERE participant.event_id = event.id GROUP BY side.side_id) AS taking_part) AS side
WHERE event.id = ANY ($1::int[])`;

/** The events with their sides, in the order of the ids, with one SQL statement. */
export async function readComparedEvents(db: Database, ids: readonly number[]): Promise<ComparedEvent[]> {
  const rows = await query<ComparedEvent>(db, READ_EVENTS, [ids]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => {
    const event = byId.get(id);
    if (!event) throw new Error(`event ${id} is not in the record`);
    return event;
  });
}

/** An event, and those of its sides that are compared. */
export interface Comparison {
  readonly event: ComparedEvent;
  readonly sideIds: readonly number[];
}

/**
 * The beginning of an SQL statement about some comparisons, numbered from 1. Its first two parameters are `comparisonValues`. It has two
 * relations: `account_statement` (n, statement_id, side_id), the statements of comparison n with each of their sides; and `event_statement`,
 * all statements of its event, also those without a giver. OFFSET 0 and MATERIALIZED keep this order: the planner does not know how many
 * statements an event has.
 */
export const WITH_ACCOUNTS = `WITH RECURSIVE comparison AS MATERIALIZED (
    SELECT n::int, event_id, ids::int[] AS side_ids
    FROM unnest($1::int[], $2::text[]) WITH ORDINALITY AS sides (event_id, ids, n)),
  event_statement AS MATERIALIZED (
    SELECT comparison.n, about.statement_id, about.said_earliest, about.said_latest, giver.for_id FROM comparison
    CROSS JOIN LATERAL (
      SELECT statement_id, said_earliest, said_latest FROM statement_event
      WHERE event_id = comparison.event_id AND status = 'CURRENT' OFFSET 0) AS about
    LEFT JOIN LATERAL (
      SELECT for_id FROM statement_giver WHERE statement_id = about.statement_id OFFSET 0) AS giver ON true),
  giver_side AS MATERIALIZED (
    SELECT n, for_id, side.*
    FROM (SELECT DISTINCT n, for_id FROM event_statement) AS giver JOIN comparison USING (n)
    CROSS JOIN LATERAL (SELECT side_id, "from", "to" FROM actor_side WHERE actor_id = for_id OFFSET 0) AS side
    WHERE side.side_id = ANY (side_ids)),
  account_statement AS MATERIALIZED (
    SELECT DISTINCT n, statement_id, side_id FROM event_statement JOIN giver_side USING (n, for_id)
    WHERE ${onDays('giver_side', 'said_earliest', 'said_latest')})`;

/** The values of $1 and $2 of `WITH_ACCOUNTS`: events, and the sides of each. */
export function comparisonValues(comparisons: readonly Comparison[]): [readonly number[], readonly string[]] {
  return [comparisons.map(({ event }) => event.id), comparisons.map(({ sideIds }) => `{${sideIds.join()}}`)];
}

/** The comparisons of events with the sides of these parts only, and the number of that of each part, from 1. */
export function comparisonsOf(parts: readonly { readonly event: ComparedEvent; readonly sideId: number }[]): {
  readonly comparisons: readonly Comparison[];
  readonly numbers: readonly number[];
} {
  const byEvent = groupBy(parts, ({ event }) => event);
  const numbers = new Map([...byEvent.keys()].map((event, i) => [event, i + 1]));
  return {
    comparisons: [...byEvent].map(([event, ofEvent]) => ({
      event,
      sideIds: [...new Set(ofEvent.map(({ sideId }) => sideId))],
    })),
    numbers: parts.map(({ event }) => numbers.get(event) as number),
  };
}
