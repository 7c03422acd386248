import type { Database } from '../../db/client.ts';
import type { Stance } from '../../db/generated/enums.ts';
import { readCounts } from '../counts.ts';
import { groupBy } from '../group.ts';
import type { Slice } from '../slice.ts';
import { query } from '../sql.ts';

/** Where an actor stands on a topic's proposition, by the newest statement that takes a stance on it. */
export interface PositionRow {
  readonly actorId: number;
  readonly topicId: number;
  readonly stance: Stance;
  /** The newest statement that takes the stance. */
  readonly statementId: number;
  /** The first statement of the unbroken run of that stance: since when it has been held. */
  readonly sinceEdtf: string;
  readonly sinceEarliest: string;
  readonly sinceLatest: string;
  /** The newest statement of the actor that one of that run shifts from, by a SHIFTS_FROM link. */
  readonly shiftedFromId: number | null;
  /** The newest statement of the actor that shifts from one of that run. */
  readonly shiftedToId: number | null;
}

/** Positions of an actor, on all topics or on some. */
export interface ActorPositionsRequest extends Slice {
  /** Null: on all. */
  readonly topicIds: readonly number[] | null;
}

/*
 * The order of an actor's statements is one number of day and id, so that the newest one is a maximum.
 */
const keyOf = (row: string): string =>
  `(${row}.said_earliest - DATE '0001-01-01')::bigint << 32 | ${row}.statement_id`;
const idOf = (key: string): string => `(${key} & 4294967295)::int`;

/*
 * The statements that take a stance, as (parent, actor_id, topic_id, stance, key). OFFSET 0 makes the planner use the
 * indexes of the lists. This reads every statement of the parents that takes a stance.
 */
const TAKEN_BY_ACTORS = `
  SELECT p.id AS parent, said.actor_id, topic.topic_id, topic.stance, ${keyOf('said')} AS key
  FROM unnest($1::int[]) AS p (id)
  CROSS JOIN LATERAL (
    SELECT actor_id, statement_id, said_earliest FROM statement_speaker
    WHERE actor_id = p.id AND status = 'CURRENT' OFFSET 0) AS said
  CROSS JOIN LATERAL (
    SELECT topic_id, stance FROM statement_topic
    WHERE statement_id = said.statement_id AND stance IS NOT NULL OFFSET 0) AS topic`;
const TAKEN_BY_ACTORS_ON_SOME = `${TAKEN_BY_ACTORS} WHERE topic.topic_id = ANY ($2::int[])`;
const TAKEN_ON_TOPICS = `
  SELECT p.id AS parent, said.actor_id, topic.topic_id, topic.stance, ${keyOf('topic')} AS key
  FROM unnest($1::int[]) AS p (id)
  CROSS JOIN LATERAL (
    SELECT topic_id, statement_id, stance, said_earliest FROM statement_topic
    WHERE topic_id = p.id AND status = 'CURRENT' AND stance IS NOT NULL OFFSET 0) AS topic
  CROSS JOIN LATERAL (
    SELECT actor_id FROM statement_speaker WHERE statement_id = topic.statement_id OFFSET 0) AS said`;

/** SQL for the newest statement of the actor at the other end of a SHIFTS_FROM link of the run. */
const shiftSql = (own: 'from_id' | 'to_id', other: 'from_id' | 'to_id'): string => `(
  SELECT max(${keyOf('said')}) FROM unnest(page.keys) AS run (key)
  CROSS JOIN LATERAL (
    SELECT ${other} AS id FROM statement_link WHERE ${own} = ${idOf('run.key')} AND kind = 'SHIFTS_FROM' OFFSET 0) AS link
  CROSS JOIN LATERAL (
    SELECT said_earliest, statement_id FROM statement_speaker
    WHERE statement_id = link.id AND actor_id = page.actor_id AND status = 'CURRENT' OFFSET 0) AS said
  WHERE run.key > page.broken)`;

/*
 * For each (actor, topic), `broken` is the newest statement with a stance other than the current one, so the run of the current
 * stance is everything newer. Details are read only for the positions on the page.
 */
const positionsSql = (taken: string, first: string, offset: string): string => `
WITH held AS (
    SELECT parent, actor_id, topic_id, stance, max(key) AS newest, array_agg(key) AS keys
    FROM (${taken}) AS taken GROUP BY parent, actor_id, topic_id, stance),
  ranked AS (
    SELECT *, row_number() OVER pair AS rank, lead(newest, 1, 0::bigint) OVER pair AS broken
    FROM held WINDOW pair AS (PARTITION BY actor_id, topic_id ORDER BY newest DESC)),
  placed AS (
    SELECT *, row_number() OVER (PARTITION BY parent ORDER BY newest DESC, topic_id, actor_id) AS place
    FROM ranked WHERE rank = 1),
  page AS MATERIALIZED (
    SELECT * FROM placed WHERE place > ${offset}::int AND place <= ${offset}::int + ${first}::int)
SELECT page.actor_id AS "actorId", page.topic_id AS "topicId", page.stance, ${idOf('page.newest')} AS "statementId",
  first.said_edtf AS "sinceEdtf", first.said_earliest::text AS "sinceEarliest", first.said_latest::text AS "sinceLatest",
  ${idOf(shiftSql('from_id', 'to_id'))} AS "shiftedFromId", ${idOf(shiftSql('to_id', 'from_id'))} AS "shiftedToId"
FROM page
  CROSS JOIN LATERAL (SELECT min(key) AS oldest FROM unnest(page.keys) AS run (key) WHERE key > page.broken) AS run
  CROSS JOIN LATERAL (SELECT * FROM statement WHERE id = ${idOf('run.oldest')} OFFSET 0) AS first
ORDER BY page.place`;

const POSITIONS_OF_ACTORS = positionsSql(TAKEN_BY_ACTORS, '$2', '$3');
const POSITIONS_OF_ACTORS_ON_SOME = positionsSql(TAKEN_BY_ACTORS_ON_SOME, '$3', '$4');
const POSITIONS_ON_TOPICS = positionsSql(TAKEN_ON_TOPICS, '$2', '$3');

const countSql = (taken: string, counted: 'actor_id' | 'topic_id'): string =>
  `SELECT parent, count(DISTINCT ${counted})::int AS count FROM (${taken}) AS taken GROUP BY parent`;
const COUNT_OF_ACTORS = countSql(TAKEN_BY_ACTORS, 'topic_id');
const COUNT_OF_ACTORS_ON_SOME = countSql(TAKEN_BY_ACTORS_ON_SOME, 'topic_id');
const COUNT_ON_TOPICS = countSql(TAKEN_ON_TOPICS, 'actor_id');

/** A page of the positions of each actor, newest first, in the order of the ids, with one SQL statement. */
export async function readPositionsOfActors(
  db: Database,
  actorIds: readonly number[],
  { topicIds, first, offset }: ActorPositionsRequest,
): Promise<PositionRow[][]> {
  const rows =
    topicIds === null
      ? await query<PositionRow>(db, POSITIONS_OF_ACTORS, [actorIds, first, offset])
      : await query<PositionRow>(db, POSITIONS_OF_ACTORS_ON_SOME, [actorIds, topicIds, first, offset]);
  const byActor = groupBy(rows, (row) => row.actorId);
  return actorIds.map((id) => byActor.get(id) ?? []);
}

/** A page of the positions on each topic's own proposition, newest first, in the order of the ids, with one SQL statement. */
export async function readPositionsOnTopics(
  db: Database,
  topicIds: readonly number[],
  { first, offset }: Slice,
): Promise<PositionRow[][]> {
  const rows = await query<PositionRow>(db, POSITIONS_ON_TOPICS, [topicIds, first, offset]);
  const byTopic = groupBy(rows, (row) => row.topicId);
  return topicIds.map((id) => byTopic.get(id) ?? []);
}

/** Number of positions of each actor, in the order of the ids, with one SQL statement. */
export async function countPositionsOfActors(
  db: Database,
  actorIds: readonly number[],
  { topicIds }: Pick<ActorPositionsRequest, 'topicIds'>,
): Promise<number[]> {
  return topicIds === null
    ? readCounts(db, COUNT_OF_ACTORS, actorIds)
    : readCounts(db, COUNT_OF_ACTORS_ON_SOME, actorIds, [topicIds]);
}

/** Number of actors with a position on each topic, in the order of the ids, with one SQL statement. */
export function countPositionsOnTopics(db: Database, topicIds: readonly number[]): Promise<number[]> {
  return readCounts(db, COUNT_ON_TOPICS, topicIds);
}
