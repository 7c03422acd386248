import { countWork } from '../../db/cancellation.ts';
import type { Database } from '../../db/client.ts';
import { dateToDay } from '../../db/day.ts';
import type { ActorKind, LinkKind, Stance } from '../../db/generated/enums.ts';
import type { ComparisonBasis } from '../../domain/compare/comparison.ts';
import { groupBy } from '../group.ts';
import { query } from '../sql.ts';

/** Of an event with more statements than this, the newest are compared. */
export const COMPARED_STATEMENTS_MAX = 2_000;

/** How many statements each event has, as far as they are read; in the order of the ids. */
const COUNT_STATEMENTS = `
SELECT (SELECT count(*) FROM (
  SELECT FROM statement_event WHERE event_id = p.id LIMIT ${COMPARED_STATEMENTS_MAX + 1}) AS x)::int AS count
FROM unnest($1::int[]) WITH ORDINALITY AS p (id, n) ORDER BY p.n`;
const READ_STATEMENTS = `
SELECT p.id AS "eventId", s.id,
  ARRAY(SELECT actor_id FROM statement_speaker WHERE statement_id = s.id ORDER BY ordinal) AS "speakerIds",
  ARRAY(SELECT actor_id FROM attribution WHERE statement_id = s.id ORDER BY ordinal) AS "hopIds",
  ARRAY(SELECT topic_id FROM statement_topic WHERE statement_id = s.id ORDER BY ordinal) AS "topicIds",
  ARRAY(SELECT stance::text FROM statement_topic WHERE statement_id = s.id ORDER BY ordinal) AS stances
FROM unnest($1::int[]) AS p (id) CROSS JOIN LATERAL (
  SELECT s.id, s.said_earliest FROM statement_event x JOIN statement s ON s.id = x.statement_id AND s.status = 'CURRENT'
  WHERE x.event_id = p.id ORDER BY x.said_earliest DESC, x.statement_id DESC LIMIT ${COMPARED_STATEMENTS_MAX + 1}) AS s
ORDER BY s.said_earliest, s.id`;
const READ_LINKS = `
SELECT from_id AS "fromId", to_id AS "toId", kind FROM statement_link
WHERE from_id = ANY ($1::int[]) AND to_id = ANY ($1::int[]) AND kind IN ('DISPUTES', 'AGREES_WITH')`;
const READ_ACTORS = `
WITH RECURSIVE involved AS (
  SELECT unnest($1::int[]) AS id
  UNION SELECT affiliation.in_id FROM affiliation JOIN involved ON affiliation.actor_id = involved.id)
SELECT actor.id, actor.kind, coalesce((
    SELECT json_agg(json_build_object('inId', in_id, 'from', "from", 'to', "to") ORDER BY ordinal)
    FROM affiliation WHERE actor_id = actor.id), '[]') AS affiliations
FROM involved JOIN actor ON actor.id = involved.id`;
const READ_TOPICS = `
WITH RECURSIVE above AS (
  SELECT id, parent_id, name FROM topic WHERE id = ANY ($1::int[])
  UNION SELECT topic.id, topic.parent_id, topic.name FROM topic JOIN above ON topic.id = above.parent_id)
SELECT id, parent_id AS "parentId", name FROM above`;

interface StatementRow {
  eventId: number;
  id: number;
  speakerIds: number[];
  hopIds: number[];
  topicIds: number[];
  stances: (Stance | null)[];
}
interface ActorRow {
  id: number;
  kind: ActorKind;
  affiliations: { inId: number; from: string | null; to: string | null }[];
}
interface TopicRow {
  id: number;
  parentId: number | null;
  name: string;
}

/** What the process does for one compared statement: reading its row, finding its sides, placing it in the rows. */
const STATEMENT_POINTS = 25;

/** The statements that the comparison of an event uses. */
export interface ReadComparison extends ComparisonBasis {
  /** False where the event has more statements than are compared. */
  readonly isComplete: boolean;
}

/**
 * What the comparison of each event rests on, in the order of the ids. Events are read together, with six SQL statements, until
 * they have as many statements as one event can: beyond that others have a turn in between.
 */
export async function readComparisonInputs(
  db: Database,
  eventIds: readonly number[],
): Promise<ReadComparison[]> {
  const inputs: ReadComparison[] = [];
  for (const ids of await readTogether(db, eventIds)) inputs.push(...(await readInputs(db, ids)));
  return inputs;
}

/** The events, divided into those that are read together. */
async function readTogether(db: Database, eventIds: readonly number[]): Promise<number[][]> {
  if (eventIds.length === 1) return [[...eventIds]];
  const counts = await query<{ count: number }>(db, COUNT_STATEMENTS, [eventIds]);
  const groups: number[][] = [];
  let statements = Number.POSITIVE_INFINITY;
  for (const [i, id] of eventIds.entries()) {
    const { count } = counts[i] as { count: number };
    statements += count;
    if (statements > COMPARED_STATEMENTS_MAX) {
      groups.push([]);
      statements = count;
    }
    groups.at(-1)?.push(id);
  }
  return groups;
}

async function readInputs(db: Database, eventIds: readonly number[]): Promise<ReadComparison[]> {
  const events = await db.prisma.event.findMany({
    where: { id: { in: [...eventIds] } },
    select: { id: true, earliest: true, latest: true, participants: { orderBy: { ordinal: 'asc' } } },
  });
  const rows = await query<StatementRow>(db, READ_STATEMENTS, [eventIds]);
  const actorIds = new Set([
    ...events.flatMap((event) => event.participants.map(({ actorId }) => actorId)),
    ...rows.flatMap((row) => [...row.speakerIds, ...row.hopIds]),
  ]);
  const [links, actors, topics] = await Promise.all([
    query<{ fromId: number; toId: number; kind: LinkKind }>(db, READ_LINKS, [
      [...new Set(rows.map(({ id }) => id))],
    ]),
    query<ActorRow>(db, READ_ACTORS, [[...actorIds]]),
    query<TopicRow>(db, READ_TOPICS, [[...new Set(rows.flatMap(({ topicIds }) => topicIds))]]),
  ]);
  countWork(rows.length * STATEMENT_POINTS);
  const rowsByEvent = groupBy(rows, (row) => row.eventId);
  const actorsById = new Map(actors.map((actor) => [actor.id, actor]));
  const topicsById = new Map(topics.map((topic) => [topic.id, topic]));
  const eventsById = new Map(events.map((event) => [event.id, event]));
  return eventIds.map((id) => {
    const event = eventsById.get(id);
    if (!event) throw new Error(`event ${id} is not in the record`);
    const found = rowsByEvent.get(id) ?? [];
    return {
      isComplete: found.length <= COMPARED_STATEMENTS_MAX,
      eventDay: { earliest: dateToDay(event.earliest), latest: dateToDay(event.latest) },
      participantIds: event.participants.map(({ actorId }) => actorId),
      statements: found.slice(-COMPARED_STATEMENTS_MAX).map((row) => ({
        id: row.id,
        speakerIds: row.speakerIds,
        attribution: row.hopIds.map((actorId) => ({ actorId })),
        topics: row.topicIds.map((topicId, i) => ({ topicId, stance: row.stances[i] ?? null })),
      })),
      links,
      actors: actorsById,
      topics: topicsById,
    };
  });
}
