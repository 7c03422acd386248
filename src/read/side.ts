/** SQL condition: the days of an affiliation or a side, whose row this is, include one of those from `earliest` to `latest`. */
export const onDays = (row: string, earliest: string, latest: string): string =>
  `(${row}."from" <= ${latest}) IS NOT FALSE AND (${row}."to" >= ${earliest}) IS NOT FALSE`;

/**
 * SQL for the side of an actor on the days from `earliest` to `latest`: the first state or organisation for which it can speak on
 * one of these days. That can be the actor itself. An actor without a side on these days has no row.
 */
export const sideSql = (actorId: string, earliest: string, latest: string): string => `
  SELECT own.side_id FROM actor_side own
  WHERE own.actor_id = ${actorId} AND ${onDays('own', earliest, latest)} ORDER BY own.ordinal LIMIT 1`;
