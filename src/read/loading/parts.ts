import type { Database } from '../../db/client.ts';
import { dayToDate } from '../../db/day.ts';
import type { Affiliation, Alias, Anchor, Change } from '../../db/generated/client.ts';
import type { AttributionForm, Stance } from '../../db/generated/enums.ts';
import { listsOf } from '../memory/loader.ts';
import { onDays, sideSql } from '../side.ts';
import { query } from '../sql.ts';
import type { LinkRow } from './sublists.ts';

/*
 * The short lists of actors, events and statements, each in its own order, and single values. Each function reads those of many ids with
 * one SQL statement and returns them in the order of the ids.
 */

export interface StatementTopicRow {
  readonly topicId: number;
  readonly stance: Stance | null;
}
/** A speaker as the source writes it; `actorId` is null while it is not known who is meant. */
export interface MentionRow {
  readonly as: string;
  readonly actorId: number | null;
}
export interface HopRow {
  readonly actorId: number;
  readonly form: AttributionForm;
}

type Ids = readonly number[];
const ordered = { orderBy: { ordinal: 'asc' } } as const;
const ofActors = (ids: Ids) => ({ where: { actorId: { in: [...ids] } }, ...ordered });
const ofStatements = (ids: Ids) => ({ where: { statementId: { in: [...ids] } }, ...ordered });
const statementOf = ({ statementId }: { readonly statementId: number }): number => statementId;

const OFFICES = `
  SELECT x.statement_id AS "statementId", f.actor_id AS "actorId", f.ordinal, f.in_id AS "inId", f.role, f."from"::text, f."to"::text,
    f.from_edtf AS "fromEdtf", f.to_edtf AS "toEdtf"
  FROM statement_speaker x JOIN affiliation f ON f.actor_id = x.actor_id
    AND ${onDays('f', 'x.said_earliest', 'x.said_latest')}
  WHERE x.statement_id = ANY ($1::int[]) ORDER BY x.statement_id, x.ordinal, f.ordinal`;

const SIDES = `
  SELECT DISTINCT g.statement_id AS "statementId", side.side_id AS "sideId"
  FROM statement_giver g CROSS JOIN LATERAL (${sideSql('g.for_id', 'g.said_earliest', 'g.said_latest')}) AS side
  WHERE g.statement_id = ANY ($1::int[]) ORDER BY 1, 2`;

export async function readAliases({ prisma }: Database, ids: Ids): Promise<Alias[][]> {
  const rows = await prisma.alias.findMany(ofActors(ids));
  return listsOf(
    ids,
    rows,
    ({ actorId }) => actorId,
    (alias) => alias,
  );
}

/** $1 ids of actors. The slugs of those that were merged into each, through any number of merges. */
const FORMER_SLUGS = `WITH RECURSIVE merged AS (
    SELECT merged_into_id AS owner, id, slug FROM actor WHERE merged_into_id = ANY ($1::int[])
    UNION SELECT merged.owner, actor.id, actor.slug FROM merged JOIN actor ON actor.merged_into_id = merged.id)
  SELECT owner, slug FROM merged ORDER BY id`;

export async function readFormerSlugs(db: Database, ids: Ids): Promise<string[][]> {
  const rows = await query<{ owner: number; slug: string }>(db, FORMER_SLUGS, [ids]);
  return listsOf(
    ids,
    rows,
    ({ owner }) => owner,
    ({ slug }) => slug,
  );
}

export async function readAffiliations({ prisma }: Database, ids: Ids): Promise<Affiliation[][]> {
  const rows = await prisma.affiliation.findMany(ofActors(ids));
  return listsOf(
    ids,
    rows,
    ({ actorId }) => actorId,
    (affiliation) => affiliation,
  );
}

export interface IdentifierRow {
  readonly scheme: string;
  readonly value: string;
}

/** The identifiers of each entry of a noun, in their order. */
export async function readIdentifiers(
  db: Database,
  ids: Ids,
  { noun }: { readonly noun: 'actor' | 'topic' | 'source' },
): Promise<IdentifierRow[][]> {
  const rows = await query<IdentifierRow & { readonly id: number }>(
    db,
    `SELECT ${noun}_id AS id, scheme, value FROM ${noun}_identifier WHERE ${noun}_id = ANY ($1::int[]) ORDER BY 1, ordinal`,
    [ids],
  );
  return listsOf(
    ids,
    rows,
    ({ id }) => id,
    ({ scheme, value }) => ({ scheme, value }),
  );
}

export async function readSpeakerIds({ prisma }: Database, ids: Ids): Promise<number[][]> {
  const rows = await prisma.statementSpeaker.findMany(ofStatements(ids));
  return listsOf(ids, rows, statementOf, ({ actorId }) => actorId);
}

export async function readMentions({ prisma }: Database, ids: Ids): Promise<MentionRow[][]> {
  const rows = await prisma.statementMention.findMany(ofStatements(ids));
  return listsOf(ids, rows, statementOf, ({ as, actorId }) => ({ as, actorId }));
}

export async function readAddresseeIds({ prisma }: Database, ids: Ids): Promise<number[][]> {
  const rows = await prisma.statementAddressee.findMany(ofStatements(ids));
  return listsOf(ids, rows, statementOf, ({ actorId }) => actorId);
}

export async function readBehalfIds({ prisma }: Database, ids: Ids): Promise<number[][]> {
  const rows = await prisma.statementBehalf.findMany(ofStatements(ids));
  return listsOf(ids, rows, statementOf, ({ actorId }) => actorId);
}

/** The affiliations of the speakers of each statement that were in force on a day on which it can have been said. */
export async function readOffices(db: Database, ids: Ids): Promise<Affiliation[][]> {
  type Row = Omit<Affiliation, 'from' | 'to'> & {
    readonly statementId: number;
    readonly from: string | null;
    readonly to: string | null;
  };
  const rows = await query<Row>(db, OFFICES, [ids]);
  return listsOf(ids, rows, statementOf, ({ statementId, from, to, ...office }) => ({
    ...office,
    from: dayToDate(from),
    to: dayToDate(to),
  }));
}

/** The sides that the givers of each statement spoke for on that day: of each actor that was spoken for, the first in force. */
export async function readSideIds(db: Database, ids: Ids): Promise<number[][]> {
  const rows = await query<{ statementId: number; sideId: number }>(db, SIDES, [ids]);
  return listsOf(ids, rows, statementOf, ({ sideId }) => sideId);
}

export async function readEventIds({ prisma }: Database, ids: Ids): Promise<number[][]> {
  const rows = await prisma.statementEvent.findMany(ofStatements(ids));
  return listsOf(ids, rows, statementOf, ({ eventId }) => eventId);
}

export async function readTopics({ prisma }: Database, ids: Ids): Promise<StatementTopicRow[][]> {
  const rows = await prisma.statementTopic.findMany(ofStatements(ids));
  return listsOf(ids, rows, statementOf, ({ topicId, stance }) => ({ topicId, stance }));
}

export async function readAttribution({ prisma }: Database, ids: Ids): Promise<HopRow[][]> {
  const rows = await prisma.attribution.findMany(ofStatements(ids));
  return listsOf(ids, rows, statementOf, ({ actorId, form }) => ({ actorId, form }));
}

export async function readAnchors({ prisma }: Database, ids: Ids): Promise<Anchor[][]> {
  const rows = await prisma.anchor.findMany(ofStatements(ids));
  return listsOf(ids, rows, statementOf, (anchor) => anchor);
}

/** A span whose words are to be read. */
interface SpanOfSource {
  readonly sourceId: number;
  readonly start: number;
  readonly end: number;
  readonly digest: string;
}

/** $1 JSON list of spans. Positions of `substring` are code points. */
const WORDS = `SELECT n, words FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS span (j, n)
  JOIN source ON source.id = (j ->> 'sourceId')::int
  CROSS JOIN LATERAL (SELECT substring(source.text FROM (j ->> 'start')::int + 1 FOR (j ->> 'end')::int - (j ->> 'start')::int) AS words) AS found
  WHERE encode(sha256(convert_to(words, 'UTF8')), 'hex') = j ->> 'digest'`;

/** The words of each span in the text of its source; null where the record has no text, or other words there. */
export async function readWords(db: Database, spans: readonly SpanOfSource[]): Promise<(string | null)[]> {
  const rows = await query<{ n: bigint; words: string }>(db, WORDS, [JSON.stringify(spans)]);
  const words = new Map(rows.map((row) => [Number(row.n), row.words]));
  return spans.map((_, i) => words.get(i + 1) ?? null);
}

/** The links from each statement, by kind, then in the order the statements were recorded. */
export async function readLinks({ prisma }: Database, ids: Ids): Promise<LinkRow[][]> {
  const rows = await prisma.statementLink.findMany({
    where: { fromId: { in: [...ids] } },
    orderBy: [{ kind: 'asc' }, { toId: 'asc' }],
  });
  return listsOf(
    ids,
    rows,
    ({ fromId }) => fromId,
    ({ kind, toId }) => ({ kind, statementId: toId }),
  );
}

/** The text of each source; null for a source without one. */
export async function readSourceTexts({ prisma }: Database, ids: Ids): Promise<(string | null)[]> {
  const rows = await prisma.source.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, text: true },
  });
  const texts = new Map(rows.map(({ id, text }) => [id, text]));
  return ids.map((id) => texts.get(id) ?? null);
}

/** The change that added each collection. */
export async function readCollectionsAdded({ prisma }: Database, ids: Ids): Promise<(Change | Error)[]> {
  const rows = await prisma.change.findMany({
    where: { collectionId: { in: [...ids] }, kind: 'COLLECTION_ADDED' },
  });
  const byCollection = new Map(rows.map((row) => [row.collectionId, row]));
  return ids.map((id) => byCollection.get(id) ?? new Error(`the log has no addition of collection ${id}`));
}

/** Why each collection is being retracted; null if it is not. Not kept with the rows in memory, because the log has no change of it. */
export async function readRetracting({ prisma }: Database, ids: Ids): Promise<(string | null)[]> {
  const rows = await prisma.collection.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, retractingReason: true },
  });
  const reasons = new Map(rows.map(({ id, retractingReason }) => [id, retractingReason]));
  return ids.map((id) => reasons.get(id) ?? null);
}

/** The change at each position, which is decimal text. */
export async function readChanges(
  { prisma }: Database,
  positions: readonly string[],
): Promise<(Change | Error)[]> {
  const rows = await prisma.change.findMany({ where: { position: { in: positions.map(BigInt) } } });
  const byPosition = new Map(rows.map((row) => [String(row.position), row]));
  return positions.map(
    (position) => byPosition.get(position) ?? new Error(`the log has no change ${position}`),
  );
}
