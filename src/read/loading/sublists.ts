import type { Database } from '../../db/client.ts';
import { dayToDate } from '../../db/day.ts';
import type { Affiliation, Revision, Topic } from '../../db/generated/client.ts';
import type { LinkKind } from '../../db/generated/enums.ts';
import type { EntryNoun } from '../../log/append.ts';
import { readCounts } from '../counts.ts';
import { groupBy } from '../group.ts';
import type { Slice } from '../slice.ts';
import { query } from '../sql.ts';

/*
 * Nested lists of actors, topics, events, sources and statements that can be long. Only the requested page of each is read, by an index in
 * the order of the list, with one SQL statement for all parents. IN_TEXT_ORDER alone sorts the whole list.
 */
const sublistSql = (list: string): string => `
SELECT p.id AS "parentId", list.* FROM unnest($1::int[]) AS p (id)
CROSS JOIN LATERAL (${list} LIMIT $2::int OFFSET $3::int) AS list`;

/** SQL condition: the actor of an affiliation is current. */
const IS_MEMBER = `EXISTS (SELECT FROM actor WHERE actor.id = actor_id AND withdrawal_reason IS NULL)`;
const MEMBERS = sublistSql(`
  SELECT actor_id AS "actorId", ordinal, in_id AS "inId", role, "from"::text, "to"::text, from_edtf AS "fromEdtf", to_edtf AS "toEdtf"
  FROM affiliation WHERE in_id = p.id AND ${IS_MEMBER} ORDER BY actor_id, ordinal`);
const CHILDREN = sublistSql(`
  SELECT id, slug, name, description, proposition, position, withdrawal_reason AS "withdrawalReason", collection_id AS "collectionId"
  FROM topic WHERE parent_id = p.id AND withdrawal_reason IS NULL ORDER BY name, id`);
const PARTICIPANTS = sublistSql(`
  SELECT actor_id AS "actorId" FROM event_participant WHERE event_id = p.id ORDER BY ordinal`);
const LINKED_FROM = sublistSql(`
  SELECT kind, from_id AS "statementId" FROM statement_link WHERE to_id = p.id ORDER BY kind, from_id`);
/** Sorts all current statements of each source, by the first of their anchors, or else by their `order`. */
const IN_TEXT_ORDER = sublistSql(`
  SELECT s.id AS "statementId" FROM statement s
  LEFT JOIN LATERAL (
    SELECT coalesce(min(start) FILTER (WHERE role = 'CONTENT'), min(start)) AS start FROM anchor WHERE statement_id = s.id) AS place ON true
  WHERE s.source_id = p.id AND s.status = 'CURRENT' ORDER BY place.start NULLS LAST, s."order" NULLS LAST, s.id`);
const REVISIONS = sublistSql(`
  SELECT statement_id AS "statementId", number, content, position, at, by
  FROM revision WHERE statement_id = p.id ORDER BY number DESC`);

/** The contents of one list are read up to this size together. A source can be a megabyte. @limit bytes */
export const REVISIONS_BYTES_MAX = 16_000_000;

const revisionsSql = (noun: EntryNoun): string => `
SELECT "parentId", number, position, at, by,
  CASE WHEN sum(octet_length(content)) OVER (ORDER BY n, number DESC) <= ${REVISIONS_BYTES_MAX} THEN content END AS content
FROM (
  SELECT p.id AS "parentId", p.n, list.* FROM unnest($1::int[]) WITH ORDINALITY AS p (id, n)
  CROSS JOIN LATERAL (
    SELECT number, content::text, position::text, at, by FROM ${noun}_revision WHERE ${noun}_id = p.id
    ORDER BY number DESC LIMIT $2::int OFFSET $3::int) AS list) AS listed
ORDER BY n, number DESC`;
const ENTRY_REVISIONS: Readonly<Record<EntryNoun, string>> = {
  actor: revisionsSql('actor'),
  topic: revisionsSql('topic'),
  source: revisionsSql('source'),
  event: revisionsSql('event'),
  collection: revisionsSql('collection'),
};

const countSql = (from: string): string => `
SELECT p.id AS parent, (SELECT count(*)::int FROM ${from} = p.id) AS count FROM unnest($1::int[]) AS p (id)`;

const MEMBER_COUNT = countSql(`affiliation WHERE ${IS_MEMBER} AND in_id`);
const CHILD_COUNT = countSql('topic WHERE withdrawal_reason IS NULL AND parent_id');
const PARTICIPANT_COUNT = countSql('event_participant WHERE event_id');
const LINKED_FROM_COUNT = countSql('statement_link WHERE to_id');
const REVISION_COUNT = countSql('revision WHERE statement_id');

const ENTRY_REVISION_COUNTS: Readonly<Record<EntryNoun, string>> = {
  actor: countSql('actor_revision WHERE actor_id'),
  topic: countSql('topic_revision WHERE topic_id'),
  source: countSql('source_revision WHERE source_id'),
  event: countSql('event_revision WHERE event_id'),
  collection: countSql('collection_revision WHERE collection_id'),
};

/** A former version of an actor, topic, source, event or collection. */
export interface EntryRevisionRow {
  readonly number: number;
  /** JSON; null where the list has more than `REVISIONS_BYTES_MAX` before and with it. */
  readonly content: string | null;
  readonly position: string;
  readonly at: Date;
  readonly by: string;
}

/** A link from the point of view of one statement; `statementId` is the other one. */
export interface LinkRow {
  readonly kind: LinkKind;
  readonly statementId: number;
}

type OfParent<Row> = Row & { readonly parentId: number };

/** A page of the list of each parent, in the order of the ids. */
async function read<Row extends object>(
  db: Database,
  text: string,
  parentIds: readonly number[],
  { first, offset }: Slice,
): Promise<OfParent<Row>[][]> {
  const rows = await query<OfParent<Row>>(db, text, [parentIds, first, offset]);
  const byParent = groupBy(rows, (row) => row.parentId);
  return parentIds.map((id) => byParent.get(id) ?? []);
}

/** The roles that other actors have in each actor, by actor. */
export async function readMembers(
  db: Database,
  actorIds: readonly number[],
  slice: Slice,
): Promise<Affiliation[][]> {
  type Row = Omit<Affiliation, 'from' | 'to'> & { readonly from: string | null; readonly to: string | null };
  const lists = await read<Row>(db, MEMBERS, actorIds, slice);
  return lists.map((rows) =>
    rows.map((row) => ({ ...row, from: dayToDate(row.from), to: dayToDate(row.to) })),
  );
}

/** The direct subtopics of each topic, by name. */
export async function readChildren(
  db: Database,
  topicIds: readonly number[],
  slice: Slice,
): Promise<Topic[][]> {
  type Row = Omit<Topic, 'position'> & { readonly position: string };
  const lists = await read<Row>(db, CHILDREN, topicIds, slice);
  return lists.map((rows) => rows.map((row) => ({ ...row, position: BigInt(row.position) })));
}

/** The actors that took part in each event, as ids, in their order. */
export async function readParticipants(
  db: Database,
  eventIds: readonly number[],
  slice: Slice,
): Promise<number[][]> {
  const lists = await read<{ readonly actorId: number }>(db, PARTICIPANTS, eventIds, slice);
  return lists.map((rows) => rows.map(({ actorId }) => actorId));
}

/** The current statements of each source, as ids, in the order of its text. Those without a start are last, by their `order`. */
export async function readInTextOrder(
  db: Database,
  sourceIds: readonly number[],
  slice: Slice,
): Promise<number[][]> {
  const lists = await read<{ readonly statementId: number }>(db, IN_TEXT_ORDER, sourceIds, slice);
  return lists.map((rows) => rows.map(({ statementId }) => statementId));
}

/** The links to each statement, by kind, then in the order the statements were recorded. */
export function readLinkedFrom(
  db: Database,
  statementIds: readonly number[],
  slice: Slice,
): Promise<LinkRow[][]> {
  return read<LinkRow>(db, LINKED_FROM, statementIds, slice);
}

/** The revisions of each statement, newest first. */
export async function readRevisions(
  db: Database,
  statementIds: readonly number[],
  slice: Slice,
): Promise<Revision[][]> {
  type Row = Omit<Revision, 'position'> & { readonly position: string };
  const lists = await read<Row>(db, REVISIONS, statementIds, slice);
  return lists.map((rows) => rows.map((row) => ({ ...row, position: BigInt(row.position) })));
}

/** The revisions of each entry of a noun, newest first. */
export function readEntryRevisions(
  db: Database,
  ids: readonly number[],
  { noun, first, offset }: Slice & { readonly noun: EntryNoun },
): Promise<EntryRevisionRow[][]> {
  return read<EntryRevisionRow>(db, ENTRY_REVISIONS[noun], ids, { first, offset });
}

export const countEntryRevisions = (
  db: Database,
  ids: readonly number[],
  { noun }: { readonly noun: EntryNoun },
): Promise<number[]> => readCounts(db, ENTRY_REVISION_COUNTS[noun], ids);

/** What a collection can have added. */
export type CollectedNoun = 'statement' | Exclude<EntryNoun, 'collection'>;

const isCurrent = (noun: CollectedNoun): string =>
  noun === 'statement' ? `status = 'CURRENT'` : 'withdrawal_reason IS NULL';

/** The current entries of a noun that each collection has added. */
export const countCollected = (
  db: Database,
  collectionIds: readonly number[],
  { noun }: { readonly noun: CollectedNoun },
): Promise<number[]> =>
  readCounts(db, countSql(`${noun} WHERE ${isCurrent(noun)} AND collection_id`), collectionIds);

export const countMembers = (db: Database, actorIds: readonly number[]): Promise<number[]> =>
  readCounts(db, MEMBER_COUNT, actorIds);

export const countChildren = (db: Database, topicIds: readonly number[]): Promise<number[]> =>
  readCounts(db, CHILD_COUNT, topicIds);

export const countParticipants = (db: Database, eventIds: readonly number[]): Promise<number[]> =>
  readCounts(db, PARTICIPANT_COUNT, eventIds);

export const countLinkedFrom = (db: Database, statementIds: readonly number[]): Promise<number[]> =>
  readCounts(db, LINKED_FROM_COUNT, statementIds);

export const countRevisions = (db: Database, statementIds: readonly number[]): Promise<number[]> =>
  readCounts(db, REVISION_COUNT, statementIds);
