import type { Database } from '../db/client.ts';
import { ReadoutError } from '../errors.ts';
import { groupBy } from './group.ts';
import {
  type Connection,
  encodeCursor,
  makeConnection,
  type Page,
  type PageArguments,
  parsePage,
} from './page.ts';
import { Parameters, query } from './sql.ts';
import { planned, STATEMENT, toSql } from './statementCondition.ts';
import {
  countSql,
  type Driver,
  drivenBy,
  driverOfParent,
  earliestBound,
  foundSql,
  isDriven,
  type Parent,
  placeOf,
} from './statementDriver.ts';
import { type Condition, parseFilter, type StatementFilterInput } from './statementFilter.ts';
import {
  beyond,
  KEY_TYPES,
  type Key,
  keysOf,
  type RankedRow,
  type StatementOrder,
} from './statementOrder.ts';
import { columns, OWN_FIELDS, type StatementField, type StatementRow } from './statementRow.ts';

/** A list of statements that was asked for, checked. */
export interface StatementListRequest {
  readonly condition: Condition;
  readonly order: StatementOrder;
  readonly page: Page;
  /** What RELEVANCE ranks by. */
  readonly search: string | null;
  /** What is asked of each statement. */
  readonly fields: readonly StatementField[];
}

export interface StatementListArguments extends PageArguments {
  readonly filter?: StatementFilterInput | null | undefined;
  readonly orderBy?: StatementOrder | null | undefined;
}

/** @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument. */
export function parseStatementList(
  args: StatementListArguments,
  fields: readonly StatementField[] = OWN_FIELDS,
): StatementListRequest {
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
  return { condition: parseFilter(args.filter), order, page, search, fields };
}

/** SQL for the page of a list that is ordered by date and hangs on what the driver names. */
function drivenSql(
  { page, order, fields }: StatementListRequest,
  driver: Driver,
  rest: Condition,
  parameters: Parameters,
): string {
  const direction = (order === 'SAID_ON_DESC') === page.fromEnd ? 'ASC' : 'DESC';
  const keys = keysOf(order, '', placeOf(driver));
  const limit = parameters.add(page.size + 1);
  const end = `ORDER BY ${keys.map((key) => `${key.sql} ${direction}`).join(', ')} LIMIT ${limit}`;
  const found = foundSql(driver, rest, bounds(page, keys, parameters), end, parameters);
  return `SELECT ${columns(fields)} FROM (
      SELECT DISTINCT found.said_earliest, found.statement_id FROM ${found}
      ORDER BY found.said_earliest ${direction}, found.statement_id ${direction} LIMIT ${limit}) AS page
    JOIN statement s ON s.id = page.statement_id
    ORDER BY s.said_earliest ${direction}, s.id ${direction}`;
}

/**
 * SQL for the page of any other list. PostgreSQL does not see how few rows are wanted: it would count on finding them
 * soon in the order of the list, and read on to the end where words are rarer than it thinks.
 */
function plainSql(request: StatementListRequest, parent: Parent | null, parameters: Parameters): string {
  const { page, condition, order, search, fields } = request;
  const rank =
    order === 'RELEVANCE'
      ? `ts_rank_cd(s.search, websearch_to_tsquery('readout_english', ${parameters.add(search)}))`
      : '';
  const keys = keysOf(order, rank);
  const conditions = [
    ...(parent ? [isDriven(driverOfParent(parent))] : []),
    ...earliestBound(condition, STATEMENT, parameters),
    toSql(condition, parameters),
    ...bounds(page, keys, parameters),
  ];
  const orderBy = keys.map((key) => `${key.sql} ${key.descending === page.fromEnd ? 'ASC' : 'DESC'}`);
  const rankColumn = order === 'RELEVANCE' ? `, ${rank} AS rank` : '';
  return `SELECT ${columns(fields)}${rankColumn} FROM statement s WHERE ${conditions.join(' AND ')}
    ORDER BY ${orderBy.join(', ')} LIMIT (SELECT ${parameters.add(page.size + 1)}::int)`;
}

function bounds(page: Page, keys: readonly Key[], parameters: Parameters): string[] {
  return [
    ...(page.after ? [beyond(keys, page.after, true, parameters)] : []),
    ...(page.before ? [beyond(keys, page.before, false, parameters)] : []),
  ];
}

/** Text and values of the SQL that reads a page, for each parent or for the whole record. */
function pageSql(
  request: StatementListRequest,
  parent: Parent | null,
  parentIds: readonly number[],
): [string, unknown[]] {
  const parameters = new Parameters();
  const ids = parent && parameters.add(parentIds);
  const { condition, order } = request;
  const byDate = order === 'SAID_ON_DESC' || order === 'SAID_ON_ASC';
  const driven = byDate ? drivenBy(condition, parent, parameters) : null;
  const list = driven
    ? drivenSql(request, driven.driver, driven.rest, parameters)
    : plainSql(request, parent, parameters);
  const text = parent
    ? `SELECT p.id AS "parentId", list.* FROM unnest(${ids}::int[]) AS p (id) CROSS JOIN LATERAL (${list}) AS list`
    : list;
  return [text, parameters.values];
}

function connectionOf(request: StatementListRequest, rows: readonly RankedRow[]): Connection<StatementRow> {
  const { order, page } = request;
  return makeConnection(page, rows, (row) =>
    encodeCursor(
      order,
      keysOf(order, '').map((key) => key.of(row)),
    ),
  );
}

/** A page of the record's statements, with one SQL statement. */
export async function readStatements(
  db: Database,
  request: StatementListRequest,
): Promise<Connection<StatementRow>> {
  const [text, values] = pageSql(request, null, []);
  return connectionOf(request, await query<RankedRow>(db, text, values, planned(request.condition)));
}

/** The same page of each parent's statements, with one SQL statement for all of them; in the order of the ids. */
export async function readStatementsOf(
  db: Database,
  request: StatementListRequest,
  parent: Parent,
  parentIds: readonly number[],
): Promise<Connection<StatementRow>[]> {
  const [text, values] = pageSql(request, parent, parentIds);
  const rows = await query<RankedRow>(db, text, values, planned(request.condition));
  const byParent = groupBy(rows, (row) => row.parentId);
  return parentIds.map((id) => connectionOf(request, byParent.get(id) ?? []));
}

/** How many statements match, wherever the page is. */
export async function countStatements(db: Database, condition: Condition): Promise<number> {
  const parameters = new Parameters();
  const driven = drivenBy(condition, null, parameters);
  const conditions = driven
    ? []
    : [...earliestBound(condition, STATEMENT, parameters), toSql(condition, parameters)];
  const text = driven
    ? countSql(driven.driver, driven.rest, parameters)
    : `SELECT count(*)::int AS count FROM statement s WHERE ${conditions.join(' AND ')}`;
  const rows = await query<{ count: number }>(db, text, parameters.values, planned(condition));
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
    CROSS JOIN LATERAL (${countSql(driverOfParent(parent), condition, parameters)}) AS list`;
  const rows = await query<{ id: number; count: number }>(db, text, parameters.values, planned(condition));
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
    `SELECT ${columns(OWN_FIELDS)} FROM statement s WHERE s.id = ANY ($1::int[])`,
    [ids],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** The statement of this slug, or null. */
export async function readStatementBySlug(
  db: Database,
  slug: string,
  fields: readonly StatementField[] = OWN_FIELDS,
): Promise<StatementRow | null> {
  const rows = await query<StatementRow>(db, `SELECT ${columns(fields)} FROM statement s WHERE s.slug = $1`, [
    slug,
  ]);
  return rows[0] ?? null;
}
