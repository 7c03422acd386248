import type { Database } from '../../db/client.ts';
import type { Stance } from '../../db/generated/enums.ts';
import { readCounts } from '../counts.ts';
import { groupBy } from '../group.ts';
import { sideSql } from '../side.ts';
import type { Slice } from '../slice.ts';
import { query } from '../sql.ts';

/** On whose account it is known where an actor stands. */
export type PositionAccount = 'OWN' | 'REPORTED';

/**
 * Where an actor stands on a topic's proposition, by its newest statement that takes a stance on it: on its own account, or as others
 * report it.
 */
export interface PositionRow {
  readonly actorId: number;
  readonly topicId: number;
  readonly account: PositionAccount;
  readonly stance: Stance;
  /** The newest statement that takes the stance. */
  readonly statementId: number;
  /** The givers of that statement. */
  readonly giverIds: readonly number[];
  /** The first statement of the unbroken run of that stance: since when it has been held. */
  readonly sinceEdtf: string;
  readonly sinceEarliest: string;
  readonly sinceLatest: string;
  /** The newest statement of the actor that one of that run shifts from, by a SHIFTS_FROM link. Null for what others report. */
  readonly shiftedFromId: number | null;
  /** The newest statement of the actor that shifts from one of that run. Null for what others report. */
  readonly shiftedToId: number | null;
}

/** Which positions are read. */
interface PositionsWanted {
  /** Null: both. */
  readonly account: PositionAccount | null;
  /** Null: on all topics. Positions on one topic are on that topic. */
  readonly topicIds: readonly number[] | null;
}
interface PositionsRequest extends PositionsWanted, Slice {}

/*
 * The order of an actor's statements is one number of day and id, so that the newest one is a maximum.
 */
const keyOf = (row: string): string =>
  `(${row}.said_earliest - DATE '0001-01-01')::bigint << 32 | ${row}.statement_id`;
const idOf = (key: string): string => `(${key} & 4294967295)::int`;

/** SQL for the side of an actor on the days of the row. */
const sideOf = (actorId: string, row: string): string =>
  `(${sideSql(actorId, `${row}.said_earliest`, `${row}.said_latest`)})`;

/** SQL condition: a giver of the statement speaks for the side of its speaker on the days of the row. */
const isOfOwnSide = (row: string): string => `EXISTS (
  SELECT FROM statement_giver giver WHERE giver.statement_id = ${row}.statement_id
    AND ${sideOf('giver.for_id', row)} = ${sideOf(`${row}.actor_id`, row)})`;

/** SQL condition: the statement of the row is on the own account of its speaker. */
const isOwn = (row: string): string => `(EXISTS (
  SELECT FROM statement_giver giver WHERE giver.statement_id = ${row}.statement_id AND giver.actor_id = ${row}.actor_id)
  OR ${isOfOwnSide(row)})`;

/*
 * The statements that take a stance, as (parent, actor_id, topic_id, stance, said_earliest, said_latest, key, own). OFFSET 0 makes the
 * planner use the indexes of the lists. This reads every statement of the parents that takes a stance. What an actor gave itself is read
 * from the index of givers in the same order, and only the other statements are looked up.
 */
const STANCES_OF_ACTORS = `
  SELECT p.id AS parent, said.actor_id, topic.topic_id, topic.stance, said.said_earliest, said.said_latest, ${keyOf('said')} AS key,
    CASE WHEN said.is_given THEN true ELSE ${isOfOwnSide('said')} END AS own
  FROM unnest($1::int[]) AS p (id)
  CROSS JOIN LATERAL (
    SELECT x.actor_id, statement_id, said_earliest, x.said_latest, given.actor_id IS NOT NULL AS is_given
    FROM statement_speaker x LEFT JOIN (
      SELECT DISTINCT actor_id, said_earliest, statement_id FROM statement_giver
      WHERE actor_id = p.id AND status = 'CURRENT') AS given USING (said_earliest, statement_id)
    WHERE x.actor_id = p.id AND x.status = 'CURRENT' OFFSET 0) AS said
  CROSS JOIN LATERAL (
    SELECT topic_id, stance FROM statement_topic
    WHERE statement_id = said.statement_id AND stance IS NOT NULL OFFSET 0) AS topic`;
const STANCES_OF_ACTORS_ON_SOME = `${STANCES_OF_ACTORS} WHERE topic.topic_id = ANY ($3::int[])`;
const STANCES_ON_TOPICS = `
  SELECT p.id AS parent, said.actor_id, topic.topic_id, topic.stance, said.said_earliest, said.said_latest, ${keyOf('said')} AS key,
    ${isOwn('said')} AS own
  FROM unnest($1::int[]) AS p (id)
  CROSS JOIN LATERAL (
    SELECT topic_id, statement_id, stance FROM statement_topic
    WHERE topic_id = p.id AND status = 'CURRENT' AND stance IS NOT NULL OFFSET 0) AS topic
  CROSS JOIN LATERAL (
    SELECT actor_id, statement_id, said_earliest, said_latest FROM statement_speaker
    WHERE statement_id = topic.statement_id OFFSET 0) AS said`;

const READ_ACCOUNTS = `
  SELECT said.statement_id AS "statementId", ${isOwn('said')} AS own FROM statement_speaker said
  WHERE said.statement_id = ANY ($1::int[]) AND said.actor_id = $2`;

/** On whose account it is known that the actor said each statement, in the order of the ids; null if it did not say it. */
export async function readSpeakerAccounts(
  db: Database,
  statementIds: readonly number[],
  { speakerId }: { readonly speakerId: number },
): Promise<(PositionAccount | null)[]> {
  const rows = await query<{ statementId: number; own: boolean }>(db, READ_ACCOUNTS, [
    statementIds,
    speakerId,
  ]);
  const accounts = new Map(
    rows.map(({ statementId, own }) => [statementId, own ? 'OWN' : 'REPORTED'] as const),
  );
  return statementIds.map((id) => accounts.get(id) ?? null);
}

/** SQL condition: the position is of the account $2, or of either. */
const IS_WANTED = `($2::boolean IS NULL OR own = $2)`;

/** SQL for the newest statement of the actor at the other end of a SHIFTS_FROM link of the run, both on its own account. */
const shiftSql = (own: 'from_id' | 'to_id', other: 'from_id' | 'to_id'): string => `(
  SELECT max(${keyOf('said')}) FROM unnest(page.keys) AS run (key)
  CROSS JOIN LATERAL (
    SELECT ${other} AS id FROM statement_link WHERE ${own} = ${idOf('run.key')} AND kind = 'SHIFTS_FROM' OFFSET 0) AS link
  CROSS JOIN LATERAL (
    SELECT actor_id, said_earliest, said_latest, statement_id FROM statement_speaker
    WHERE statement_id = link.id AND actor_id = page.actor_id AND status = 'CURRENT' OFFSET 0) AS said
  WHERE page.own AND run.key > page.broken AND ${isOwn('said')})`;

/*
 * `dated`: who supports and opposes on one date takes a mixed stance on that date. For each (actor, topic, account), `broken` is the newest
 * statement with a stance other than the current one, so the run of the current stance is everything newer. Details are read only for
 * the positions on the page.
 */
const positionsSql = (taken: string, first: string, offset: string): string => `
WITH dated AS (
    SELECT parent, actor_id, topic_id, own, key,
      CASE WHEN bool_or(stance = 'SUPPORTS') OVER date AND bool_or(stance = 'OPPOSES') OVER date THEN 'MIXED'
        ELSE first_value(stance) OVER date END AS stance
    FROM (${taken}) AS taken
    WINDOW date AS (PARTITION BY parent, actor_id, topic_id, own, said_earliest, said_latest ORDER BY key DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)),
  held AS (
    SELECT parent, actor_id, topic_id, own, stance, max(key) AS newest, array_agg(key) AS keys
    FROM dated GROUP BY parent, actor_id, topic_id, own, stance),
  ranked AS (
    SELECT *, row_number() OVER pair AS rank, lead(newest, 1, 0::bigint) OVER pair AS broken
    FROM held WINDOW pair AS (PARTITION BY actor_id, topic_id, own ORDER BY newest DESC)),
  placed AS (
    SELECT *, row_number() OVER (PARTITION BY parent ORDER BY newest DESC, topic_id, actor_id) AS place
    FROM ranked WHERE rank = 1 AND ${IS_WANTED}),
  page AS MATERIALIZED (
    SELECT * FROM placed WHERE place > ${offset}::int AND place <= ${offset}::int + ${first}::int)
SELECT page.actor_id AS "actorId", page.topic_id AS "topicId", CASE WHEN page.own THEN 'OWN' ELSE 'REPORTED' END AS account,
  page.stance, ${idOf('page.newest')} AS "statementId",
  ARRAY(SELECT DISTINCT actor_id FROM statement_giver WHERE statement_id = ${idOf('page.newest')} ORDER BY actor_id) AS "giverIds",
  first.said_edtf AS "sinceEdtf", first.said_earliest::text AS "sinceEarliest", first.said_latest::text AS "sinceLatest",
  ${idOf(shiftSql('from_id', 'to_id'))} AS "shiftedFromId", ${idOf(shiftSql('to_id', 'from_id'))} AS "shiftedToId"
FROM page
  CROSS JOIN LATERAL (SELECT min(key) AS oldest FROM unnest(page.keys) AS run (key) WHERE key > page.broken) AS run
  CROSS JOIN LATERAL (SELECT * FROM statement WHERE id = ${idOf('run.oldest')} OFFSET 0) AS first
ORDER BY page.place`;

const POSITIONS_OF_ACTORS = positionsSql(STANCES_OF_ACTORS, '$3', '$4');
const POSITIONS_OF_ACTORS_ON_SOME = positionsSql(STANCES_OF_ACTORS_ON_SOME, '$4', '$5');
const POSITIONS_ON_TOPICS = positionsSql(STANCES_ON_TOPICS, '$3', '$4');

const countSql = (taken: string, counted: 'actor_id' | 'topic_id'): string =>
  `SELECT parent, count(DISTINCT (${counted}, own))::int AS count FROM (${taken}) AS taken WHERE ${IS_WANTED} GROUP BY parent`;
const COUNT_OF_ACTORS = countSql(STANCES_OF_ACTORS, 'topic_id');
const COUNT_OF_ACTORS_ON_SOME = countSql(STANCES_OF_ACTORS_ON_SOME, 'topic_id');
const COUNT_ON_TOPICS = countSql(STANCES_ON_TOPICS, 'actor_id');

/** Whether positions are wanted on the own account of actors; null for both. */
const ownOf = (account: PositionAccount | null): boolean | null =>
  account === null ? null : account === 'OWN';

/** A page of the positions of each actor, newest first, in the order of the ids, with one SQL statement. */
export async function readPositionsOfActors(
  db: Database,
  actorIds: readonly number[],
  { topicIds, account, first, offset }: PositionsRequest,
): Promise<PositionRow[][]> {
  const own = ownOf(account);
  const rows =
    topicIds === null
      ? await query<PositionRow>(db, POSITIONS_OF_ACTORS, [actorIds, own, first, offset])
      : await query<PositionRow>(db, POSITIONS_OF_ACTORS_ON_SOME, [actorIds, own, topicIds, first, offset]);
  const byActor = groupBy(rows, (row) => row.actorId);
  return actorIds.map((id) => byActor.get(id) ?? []);
}

/** A page of the positions on each topic's own proposition, newest first, in the order of the ids, with one SQL statement. */
export async function readPositionsOnTopics(
  db: Database,
  topicIds: readonly number[],
  { first, offset, account }: Omit<PositionsRequest, 'topicIds'>,
): Promise<PositionRow[][]> {
  const rows = await query<PositionRow>(db, POSITIONS_ON_TOPICS, [topicIds, ownOf(account), first, offset]);
  const byTopic = groupBy(rows, (row) => row.topicId);
  return topicIds.map((id) => byTopic.get(id) ?? []);
}

/** Number of positions of each actor, in the order of the ids, with one SQL statement. */
export async function countPositionsOfActors(
  db: Database,
  actorIds: readonly number[],
  { topicIds, account }: PositionsWanted,
): Promise<number[]> {
  return topicIds === null
    ? readCounts(db, COUNT_OF_ACTORS, actorIds, [ownOf(account)])
    : readCounts(db, COUNT_OF_ACTORS_ON_SOME, actorIds, [ownOf(account), topicIds]);
}

/** Number of positions on each topic, in the order of the ids, with one SQL statement. */
export function countPositionsOnTopics(
  db: Database,
  topicIds: readonly number[],
  { account }: Pick<PositionsWanted, 'account'>,
): Promise<number[]> {
  return readCounts(db, COUNT_ON_TOPICS, topicIds, [ownOf(account)]);
}
