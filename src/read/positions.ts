import type { Database } from '../db/client.ts';
import type { Stance } from '../db/generated/enums.ts';
import { groupBy } from './group.ts';
import { query } from './sql.ts';

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

/*
 * In each (actor, topic), statements newest first: `breaks` counts those with another stance than the newest one, so
 * the run of the present stance is where it is still 0.
 */
const READ_POSITIONS = (column: 'actor_id' | 'topic_id') => `
WITH taken AS (
    SELECT speaker.actor_id, topic.topic_id, topic.stance, s.id, s.said_edtf, s.said_earliest, s.said_latest,
      first_value(topic.stance) OVER newest AS present
    FROM statement_speaker speaker
    JOIN statement_topic topic ON topic.statement_id = speaker.statement_id AND topic.stance IS NOT NULL
    JOIN statement s ON s.id = speaker.statement_id AND s.status = 'CURRENT'
    WHERE ${column === 'actor_id' ? 'speaker' : 'topic'}.${column} = ANY ($1::int[])
    WINDOW newest AS (PARTITION BY speaker.actor_id, topic.topic_id ORDER BY s.said_earliest DESC, s.id DESC)),
  counted AS (
    SELECT *, count(*) FILTER (WHERE stance <> present) OVER (
      PARTITION BY actor_id, topic_id ORDER BY said_earliest DESC, id DESC) AS breaks
    FROM taken),
  run AS (
    SELECT actor_id, topic_id, present AS stance,
      array_agg(id ORDER BY said_earliest DESC, id DESC) AS ids,
      max(said_earliest) AS newest
    FROM counted WHERE breaks = 0 GROUP BY actor_id, topic_id, present)
SELECT run.actor_id AS "actorId", run.topic_id AS "topicId", run.stance, run.ids[1] AS "statementId",
  first.said_edtf AS "sinceEdtf", first.said_earliest::text AS "sinceEarliest", first.said_latest::text AS "sinceLatest",
  (SELECT link.to_id FROM statement_link link JOIN statement s ON s.id = link.to_id AND s.status = 'CURRENT'
   JOIN statement_speaker by ON by.statement_id = s.id AND by.actor_id = run.actor_id
   WHERE link.from_id = ANY (run.ids) AND link.kind = 'SHIFTS_FROM'
   ORDER BY s.said_earliest DESC, s.id DESC LIMIT 1) AS "shiftedFromId",
  (SELECT link.from_id FROM statement_link link JOIN statement s ON s.id = link.from_id AND s.status = 'CURRENT'
   JOIN statement_speaker by ON by.statement_id = s.id AND by.actor_id = run.actor_id
   WHERE link.to_id = ANY (run.ids) AND link.kind = 'SHIFTS_FROM'
   ORDER BY s.said_earliest DESC, s.id DESC LIMIT 1) AS "shiftedToId"
FROM run JOIN statement first ON first.id = run.ids[array_length(run.ids, 1)]
ORDER BY run.newest DESC, run.ids[1] DESC, run.topic_id, run.actor_id`;

/** Positions of each actor, newest first, with one SQL statement; in the order of the ids. */
export async function readPositionsOfActors(
  db: Database,
  actorIds: readonly number[],
): Promise<PositionRow[][]> {
  const rows = await query<PositionRow>(db, READ_POSITIONS('actor_id'), [actorIds]);
  const byActor = groupBy(rows, (row) => row.actorId);
  return actorIds.map((id) => byActor.get(id) ?? []);
}

/** Positions on each topic's own proposition, newest first, with one SQL statement; in the order of the ids. */
export async function readPositionsOnTopics(
  db: Database,
  topicIds: readonly number[],
): Promise<PositionRow[][]> {
  const rows = await query<PositionRow>(db, READ_POSITIONS('topic_id'), [topicIds]);
  const byTopic = groupBy(rows, (row) => row.topicId);
  return topicIds.map((id) => byTopic.get(id) ?? []);
}
