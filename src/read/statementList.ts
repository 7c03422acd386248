import type { Database } from '../db/client.ts';
import type { StatementAct, StatementMode, StatementStatus } from '../db/generated/enums.ts';
import { ReadoutError } from '../errors.ts';
import { groupBy } from './group.ts';
import {
  type Connection,
  encodeCursor,
  type Keys,
  type KeyType,
  makeConnection,
  type Page,
  type PageArguments,
  parsePage,
} from './page.ts';
import { Parameters, query } from './sql.ts';
import { type Condition, parseFilter, type StatementFilterInput, toSql } from './statementFilter.ts';

/** A statement's own columns; days as `YYYY-MM-DD`, positions as decimal text. */
export interface StatementRow {
  readonly id: number;
  readonly slug: string;
  readonly text: string;
  readonly quote: string | null;
  readonly language: string | null;
  readonly mode: StatementMode;
  readonly act: StatementAct;
  readonly saidEdtf: string;
  readonly saidEarliest: string;
  readonly saidLatest: string;
  readonly sourceId: number;
  readonly status: StatementStatus;
  readonly retractionReason: string | null;
  readonly recordedAt: Date;
  readonly addedPosition: string;
  readonly position: string;
}

const COLUMNS = `s.id, s.slug, s.text, s.quote, s.language, s.mode, s.act, s.said_edtf AS "saidEdtf",
  s.said_earliest::text AS "saidEarliest", s.said_latest::text AS "saidLatest", s.source_id AS "sourceId", s.status,
  s.retraction_reason AS "retractionReason", s.recorded_at AS "recordedAt", s.added_position::text AS "addedPosition",
  s.position::text AS position`;

export type StatementOrder = 'SAID_ON_DESC' | 'SAID_ON_ASC' | 'RECORDED_DESC' | 'RELEVANCE';

/** What a list hangs on: an actor, a source, an event, a topic with everything below it, or a topic alone. */
export type Parent = 'actor' | 'topic' | 'topicAlone' | 'source' | 'event';

const PARENT_CONDITIONS: Record<Parent, string> = {
  actor: 'EXISTS (SELECT FROM statement_speaker x WHERE x.statement_id = s.id AND x.actor_id = p.id)',
  topic: `EXISTS (SELECT FROM statement_topic x WHERE x.statement_id = s.id AND x.topic_id IN (
    WITH RECURSIVE subtree AS (SELECT p.id UNION SELECT topic.id FROM topic JOIN subtree ON topic.parent_id = subtree.id)
    SELECT id FROM subtree))`,
  topicAlone: 'EXISTS (SELECT FROM statement_topic x WHERE x.statement_id = s.id AND x.topic_id = p.id)',
  source: 's.source_id = p.id',
  event: 'EXISTS (SELECT FROM statement_event x WHERE x.statement_id = s.id AND x.event_id = p.id)',
};

interface Key {
  readonly sql: string;
  readonly cast: string;
  readonly descending: boolean;
  readonly of: (row: RankedRow) => string | number;
}

type RankedRow = StatementRow & { readonly rank?: number; readonly parentId?: number };

const ID_KEY = { sql: 's.id', cast: 'int', of: (row: RankedRow) => row.id };
const SAID_KEY = { sql: 's.said_earliest', cast: 'date', of: (row: RankedRow) => row.saidEarliest };

/** The sort keys of an order, the last one unique. */
function keysOf(order: StatementOrder, rank: string): readonly Key[] {
  switch (order) {
    case 'SAID_ON_DESC':
      return [
        { ...SAID_KEY, descending: true },
        { ...ID_KEY, descending: true },
      ];
    case 'SAID_ON_ASC':
      return [
        { ...SAID_KEY, descending: false },
        { ...ID_KEY, descending: false },
      ];
    case 'RECORDED_DESC':
      return [
        { sql: 's.added_position', cast: 'bigint', descending: true, of: (row) => Number(row.addedPosition) },
      ];
    case 'RELEVANCE':
      return [
        { sql: rank, cast: 'float4', descending: true, of: (row) => row.rank ?? 0 },
        { ...SAID_KEY, descending: true },
        { ...ID_KEY, descending: true },
      ];
  }
}

const KEY_TYPES: Record<StatementOrder, readonly KeyType[]> = {
  SAID_ON_DESC: ['day', 'id'],
  SAID_ON_ASC: ['day', 'id'],
  RECORDED_DESC: ['position'],
  RELEVANCE: ['rank', 'day', 'id'],
};

/** A list of statements that was asked for, checked. */
export interface StatementListRequest {
  readonly condition: Condition;
  readonly order: StatementOrder;
  readonly page: Page;
  /** What RELEVANCE ranks by. */
  readonly search: string | null;
}

export interface StatementListArguments extends PageArguments {
  readonly filter?: StatementFilterInput | null | undefined;
  readonly orderBy?: StatementOrder | null | undefined;
}

/** @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument. */
export function parseStatementList(args: StatementListArguments): StatementListRequest {
  const order = args.orderBy ?? 'SAID_ON_DESC';
  const search = args.filter?.search?.trim() || null;
  if (order === 'RELEVANCE' && search === null) {
    throw new ReadoutError(
      'INVALID_INPUT',
      'The order RELEVANCE needs “search” in the filter: what to be relevant to.',
      ['orderBy'],
    );
  }
  const page = parsePage(args, order, KEY_TYPES[order]);
  return { condition: parseFilter(args.filter), order, page, search };
}

/** `s` stands after (or before) the item with these keys; written out, since their directions may differ. */
function beyond(keys: readonly Key[], values: Keys, forward: boolean, parameters: Parameters): string {
  const placed = keys.map((key, i) => `${parameters.add(values[i])}::${key.cast}`);
  const descending = keys[0]?.descending === forward;
  const left = keys.map((key) => key.sql).join(', ');
  return `(${left}) ${descending ? '<' : '>'} (${placed.join(', ')})`;
}

/** Text and values of the SQL that reads a page, for each parent or for the whole record. */
function pageSql(
  request: StatementListRequest,
  parent: Parent | null,
  parentIds: readonly number[],
): [string, unknown[]] {
  const { page, condition, order, search } = request;
  const parameters = new Parameters();
  const ids = parent && parameters.add(parentIds);
  const rank =
    search === null
      ? ''
      : `ts_rank_cd(s.search, websearch_to_tsquery('readout_english', ${parameters.add(search)}))`;
  const keys = keysOf(order, rank);
  const conditions = [toSql(condition, parameters)];
  if (parent) conditions.push(PARENT_CONDITIONS[parent]);
  if (page.after) conditions.push(beyond(keys, page.after, true, parameters));
  if (page.before) conditions.push(beyond(keys, page.before, false, parameters));
  const orderBy = keys
    .map((key) => `${key.sql} ${key.descending === page.fromEnd ? 'ASC' : 'DESC'}`)
    .join(', ');
  const rankColumn = order === 'RELEVANCE' ? `, ${rank} AS rank` : '';
  const list = `SELECT ${COLUMNS}${rankColumn} FROM statement s WHERE ${conditions.join(' AND ')}
    ORDER BY ${orderBy} LIMIT ${parameters.add(page.size + 1)}`;
  const text = parent
    ? `SELECT p.id AS "parentId", list.* FROM unnest(${ids}::int[]) AS p (id) CROSS JOIN LATERAL (${list}) AS list`
    : list;
  return [text, parameters.values];
}

function connectionOf(request: StatementListRequest, rows: readonly RankedRow[]): Connection<StatementRow> {
  const keys = keysOf(request.order, '');
  return makeConnection(request.page, rows, (row) =>
    encodeCursor(
      request.order,
      keys.map((key) => key.of(row)),
    ),
  );
}

/** A page of the record's statements, with one SQL statement. */
export async function readStatements(
  db: Database,
  request: StatementListRequest,
): Promise<Connection<StatementRow>> {
  const [text, values] = pageSql(request, null, []);
  return connectionOf(request, await query<RankedRow>(db, text, values));
}

/** The same page of each parent's statements, with one SQL statement for all of them; in the order of the ids. */
export async function readStatementsOf(
  db: Database,
  request: StatementListRequest,
  parent: Parent,
  parentIds: readonly number[],
): Promise<Connection<StatementRow>[]> {
  const [text, values] = pageSql(request, parent, parentIds);
  const rows = await query<RankedRow>(db, text, values);
  const byParent = groupBy(rows, (row) => row.parentId);
  return parentIds.map((id) => connectionOf(request, byParent.get(id) ?? []));
}

/** How many statements match, wherever the page is. */
export async function countStatements(db: Database, condition: Condition): Promise<number> {
  const parameters = new Parameters();
  const text = `SELECT count(*)::int AS count FROM statement s WHERE ${toSql(condition, parameters)}`;
  const rows = await query<{ count: number }>(db, text, parameters.values);
  return rows[0]?.count ?? 0;
}

/** How many statements of each parent match, with one SQL statement; in the order of the ids. */
export async function countStatementsOf(
  db: Database,
  condition: Condition,
  parent: Parent,
  parentIds: readonly number[],
): Promise<number[]> {
  const parameters = new Parameters();
  const text = `SELECT p.id, list.count FROM unnest(${parameters.add(parentIds)}::int[]) AS p (id)
    CROSS JOIN LATERAL (SELECT count(*)::int AS count FROM statement s
      WHERE ${PARENT_CONDITIONS[parent]} AND ${toSql(condition, parameters)}) AS list`;
  const rows = await query<{ id: number; count: number }>(db, text, parameters.values);
  const counts = new Map(rows.map((row) => [row.id, row.count]));
  return parentIds.map((id) => counts.get(id) ?? 0);
}

/** Statements by id, with one SQL statement; in the order of the ids. */
export async function readStatementsById(
  db: Database,
  ids: readonly number[],
): Promise<(StatementRow | null)[]> {
  const rows = await query<StatementRow>(
    db,
    `SELECT ${COLUMNS} FROM statement s WHERE s.id = ANY ($1::int[])`,
    [ids],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** The statement of this slug, or null. */
export async function readStatementBySlug(db: Database, slug: string): Promise<StatementRow | null> {
  const rows = await query<StatementRow>(db, `SELECT ${COLUMNS} FROM statement s WHERE s.slug = $1`, [slug]);
  return rows[0] ?? null;
}
