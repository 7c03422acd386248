import { countWork } from '../../db/cancellation.ts';
import type { Database } from '../../db/client.ts';
import { dateToDay } from '../../db/day.ts';
import type { ActorKind, LinkKind, Stance } from '../../db/generated/enums.ts';
import type { ComparisonBasis } from '../../domain/compare/comparison.ts';
import { query } from '../sql.ts';

/** Statements of an event that are compared; the newest count. @limit statements */
export const COMPARED_STATEMENTS_MAX = 2_000;

/** Number of statements of each event, counted up to the maximum, in the order of the ids. */
const COUNT_STATEMENTS = `
SELECT (SELECT count(*) FROM (
  SELECT FROM statement_event WHERE event_id = p.id LIMIT ${COMPARED_STATEMENTS_MAX + 1}) AS x)::int AS count
FROM unnest($1::int[]) WITH ORDINALITY AS p (id, n) ORDER BY p.n`;
/** As one value of JSON for each event: thousands of rows with lists in them take the process longer to read. */
const READ_STATEMENTS = `
SELECT p.id AS "eventId", coalesce((SELECT json_agg(json_build_array(s.id,
    ARRAY(SELECT actor_id FROM statement_speaker WHERE statement_id = s.id ORDER BY ordinal),
    ARRAY(SELECT actor_id FROM attribution WHERE statement_id = s.id ORDER BY ordinal),
    ARRAY(SELECT topic_id FROM statement_topic WHERE statement_id = s.id ORDER BY ordinal),
    ARRAY(SELECT stance FROM statement_topic WHERE statement_id = s.id ORDER BY ordinal)) ORDER BY s.said_earliest, s.id)
  FROM (
    SELECT s.id, s.said_earliest FROM statement_event x JOIN statement s ON s.id = x.statement_id AND s.status = 'CURRENT'
    WHERE x.event_id = p.id ORDER BY x.said_earliest DESC, x.statement_id DESC LIMIT ${COMPARED_STATEMENTS_MAX + 1}) AS s
  ), '[]') AS statements
FROM unnest($1::int[]) AS p (id)`;
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

/** A statement with the ids of its speakers, hops and topics, and its stance on each topic. */
type StatementItem = readonly [
  id: number,
  speakerIds: number[],
  hopIds: number[],
  topicIds: number[],
  stances: (Stance | null)[],
];
interface StatementsRow {
  eventId: number;
  statements: StatementItem[];
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

/** Points of one compared statement in the process: its row is read, its sides are found, and it is put into the rows. */
const STATEMENT_POINTS = 25;

/** The statements that the comparison of an event uses. */
export interface ReadComparison extends ComparisonBasis {
  /** False where the event has more statements than are compared. */
  readonly isComplete: boolean;
}

/**
 * The statements that each event is compared by, in the order of the ids. Events are read together, with six SQL statements, until
 * they have as many statements as one event can have. Further events are read after other operations have had a turn.
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
  const rows = await query<StatementsRow>(db, READ_STATEMENTS, [eventIds]);
  const items = rows.flatMap(({ statements }) => statements);
  const actorIds = new Set(events.flatMap((event) => event.participants.map(({ actorId }) => actorId)));
  const topicIds = new Set<number>();
  const ids = new Set<number>();
  for (const [id, speakerIds, hopIds, ofTopics] of items) {
    ids.add(id);
    for (const actorId of speakerIds) actorIds.add(actorId);
    for (const actorId of hopIds) actorIds.add(actorId);
    for (const topicId of ofTopics) topicIds.add(topicId);
  }
  const [links, actors, topics] = await Promise.all([
    query<{ fromId: number; toId: number; kind: LinkKind }>(db, READ_LINKS, [listOf(ids)]),
    query<ActorRow>(db, READ_ACTORS, [listOf(actorIds)]),
    query<TopicRow>(db, READ_TOPICS, [listOf(topicIds)]),
  ]);
  countWork(items.length * STATEMENT_POINTS);
  const found = new Map(rows.map(({ eventId, statements }) => [eventId, statements]));
  const actorsById = new Map(actors.map((actor) => [actor.id, actor]));
  const topicsById = new Map(topics.map((topic) => [topic.id, topic]));
  const eventsById = new Map(events.map((event) => [event.id, event]));
  return eventIds.map((id) => {
    const event = eventsById.get(id);
    if (!event) throw new Error(`event ${id} is not in the record`);
    const statements = found.get(id) ?? [];
    return {
      isComplete: statements.length <= COMPARED_STATEMENTS_MAX,
      eventDay: { earliest: dateToDay(event.earliest), latest: dateToDay(event.latest) },
      participantIds: event.participants.map(({ actorId }) => actorId),
      statements: statements
        .slice(-COMPARED_STATEMENTS_MAX)
        .map(([statementId, speakerIds, hopIds, ofTopics, stances]) => ({
          id: statementId,
          speakerIds,
          attribution: hopIds.map((actorId) => ({ actorId })),
          topics: ofTopics.map((topicId, i) => ({ topicId, stance: stances[i] ?? null })),
        })),
      links,
      actors: actorsById,
      topics: topicsById,
    };
  });
}

/** A list as PostgreSQL reads it, which is faster than the driver's way of writing one. */
function listOf(ids: Iterable<number>): string {
  return `{${[...ids].join()}}`;
}
