import type { Database } from '../db/client.ts';
import { ReadoutError } from '../errors.ts';
import type { Soon } from './batch.ts';
import { groupBy } from './group.ts';
import {
  type Connection,
  encodeCursor,
  makeConnection,
  type Page,
  type PageArguments,
  parsePage,
} from './page.ts';
import type { SlugKind } from './slugs.ts';
import { Parameters, query } from './sql.ts';
import { planned, STATEMENT, toSql } from './statementCondition.ts';
import {
  countSql,
  type Driver,
  drivenBy,
  driverOfParent,
  earliestBound,
  firstSql,
  isDriven,
  type Parent,
  placeOf,
  type Values,
  valuesSql,
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

/** Finds what each slug stands for. */
export interface IdsOfSlugs {
  ids(kind: SlugKind, slugs: readonly string[]): Soon<readonly (readonly number[])[]>;
}

/** Parents of lists, each with the values that its statements are found under. */
interface Parents {
  readonly sql: string;
  readonly values: Values;
}

function parentsSql(
  ids: readonly number[],
  valuesOf: readonly (readonly number[])[],
  parameters: Parameters,
): Parents {
  const own = parameters.add(ids);
  if (valuesOf.every(({ length }) => length === 1)) {
    const values = parameters.add(valuesOf.flat());
    return { sql: `unnest(${own}::int[], ${values}::int[]) AS p (id, value)`, values: { one: 'p.value' } };
  }
  const lists = parameters.add(valuesOf.map((values) => `{${values.join(',')}}`));
  return {
    sql: `unnest(${own}::int[], ${lists}::text[]) AS p (id, list)`,
    values: { rows: 'unnest(p.list::int[]) AS k (value)' },
  };
}

/** SQL for the page of a list that is ordered by date and hangs on what the driver finds. */
function drivenSql(
  { page, order, fields }: StatementListRequest,
  driver: Driver,
  values: Values,
  rest: Condition,
  parameters: Parameters,
): string {
  const direction = (order === 'SAID_ON_DESC') === page.fromEnd ? 'ASC' : 'DESC';
  const more = bounds(page, keysOf(order, '', placeOf(driver)), parameters);
  const limit = parameters.add(page.size + 1);
  const found = firstSql(driver, values, { rest, more, direction, limit }, parameters);
  return `SELECT ${columns(fields)} FROM ${found} JOIN statement s ON s.id = found.statement_id
    ORDER BY found.said_earliest ${direction}, found.statement_id ${direction}`;
}

/**
 * SQL for the page of any other list. PostgreSQL does not see how few rows are wanted: it would count on finding them
 * soon in the order of the list, and read on to the end where words are rarer than it thinks.
 */
function plainSql(request: StatementListRequest, ofParent: string | null, parameters: Parameters): string {
  const { page, condition, order, search, fields } = request;
  const rank =
    order === 'RELEVANCE'
      ? `ts_rank_cd(s.search, websearch_to_tsquery('readout_english', ${parameters.add(search)}))`
      : '';
  const keys = keysOf(order, rank);
  const conditions = [
    ...(ofParent === null ? [] : [ofParent]),
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

const isByDate = ({ order }: StatementListRequest): boolean =>
  order === 'SAID_ON_DESC' || order === 'SAID_ON_ASC';

/** The condition that drives a list, with the values to look for; null where none does. */
async function findDriver(slugs: IdsOfSlugs, condition: Condition) {
  const driven = drivenBy(condition);
  if (!driven) return null;
  const { wanted } = driven;
  return {
    ...driven,
    values: 'values' in wanted ? wanted.values : (await slugs.ids(wanted.kind, wanted.slugs)).flat(),
  };
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
  slugs: IdsOfSlugs,
  request: StatementListRequest,
): Promise<Connection<StatementRow>> {
  const parameters = new Parameters();
  const driven = isByDate(request) ? await findDriver(slugs, request.condition) : null;
  const values = driven && valuesSql(driven.driver, driven.values, parameters);
  const text = values
    ? drivenSql(request, driven.driver, values, driven.rest, parameters)
    : plainSql(request, null, parameters);
  return connectionOf(
    request,
    await query<RankedRow>(db, text, parameters.values, planned(request.condition)),
  );
}

/**
 * The same page of each parent's statements, with one SQL statement for all of them; in the order of the ids.
 * @param valuesOf each parent: its id, or that of a topic with those of the topics below it.
 */
export async function readStatementsOf(
  db: Database,
  request: StatementListRequest,
  parent: Parent,
  parentIds: readonly number[],
  valuesOf: readonly (readonly number[])[],
): Promise<Connection<StatementRow>[]> {
  const parameters = new Parameters();
  const driver = driverOfParent(parent);
  const { sql, values } = parentsSql(parentIds, valuesOf, parameters);
  const list = isByDate(request)
    ? drivenSql(request, driver, values, request.condition, parameters)
    : plainSql(request, isDriven(driver, values), parameters);
  const text = `SELECT p.id AS "parentId", list.* FROM ${sql} CROSS JOIN LATERAL (${list}) AS list`;
  const rows = await query<RankedRow>(db, text, parameters.values, planned(request.condition));
  const byParent = groupBy(rows, (row) => row.parentId);
  return parentIds.map((id) => connectionOf(request, byParent.get(id) ?? []));
}

/** How many statements match, wherever the page is. */
export async function countStatements(
  db: Database,
  slugs: IdsOfSlugs,
  condition: Condition,
): Promise<number> {
  const parameters = new Parameters();
  const driven = await findDriver(slugs, condition);
  const values = driven && valuesSql(driven.driver, driven.values, parameters);
  const text = values
    ? countSql(driven.driver, values, driven.rest, parameters)
    : `SELECT count(*)::int AS count FROM statement s
       WHERE ${[...earliestBound(condition, STATEMENT, parameters), toSql(condition, parameters)].join(' AND ')}`;
  const rows = await query<{ count: number }>(db, text, parameters.values, planned(condition));
  return rows[0]?.count ?? 0;
}

/** How many statements of each parent match, with one SQL statement; in the order of the ids, as `readStatementsOf`. */
export async function countStatementsOf(
  db: Database,
  condition: Condition,
  parent: Parent,
  parentIds: readonly number[],
  valuesOf: readonly (readonly number[])[],
): Promise<number[]> {
  const parameters = new Parameters();
  const { sql, values } = parentsSql(parentIds, valuesOf, parameters);
  const list = countSql(driverOfParent(parent), values, condition, parameters);
  const text = `SELECT p.id, list.count FROM ${sql} CROSS JOIN LATERAL (${list}) AS list`;
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
