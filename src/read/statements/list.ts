import type { Database } from '../../db/client.ts';
import { groupBy } from '../group.ts';
import type { SearchLanguages } from '../memory/searchLanguages.ts';
import type { SlugLoader } from '../memory/slugs.ts';
import { type Connection, encodeCursor, makeConnection } from '../page.ts';
import { query, SqlParameters } from '../sql.ts';
import { type Condition, isNever } from './condition.ts';
import { type DrivingTable, STATEMENT } from './conditions/kind/sql.ts';
import {
  chooseDriver,
  countSql,
  earliestBound,
  hasKeySql,
  type KeySql,
  keySql,
  type Parent,
  TABLE_OF_PARENT,
} from './drivingTable.ts';
import { searchesOf } from './match.ts';
import { keysOf, type RankedRow } from './order.ts';
import { drivenSql, lengthOf, parentsSql, plainSql } from './page.ts';
import type { StatementListRequest } from './request.ts';
import { columns, OWN_FIELDS, type StatementField, type StatementRow } from './row.ts';
import { planned, toSql } from './where.ts';

/** A page of the record's statements. */
interface CountedConnection extends Connection<StatementRow> {
  /** Length of the whole list, if the same SQL statement has counted it. */
  readonly total: number | null;
}

/** What the process keeps for reading lists. */
export interface ListMemory {
  readonly slugs: SlugLoader;
  readonly languages: SearchLanguages;
}

/** The parameters of SQL with this condition. */
export async function parametersFor(
  db: Database,
  languages: SearchLanguages,
  condition: Condition,
): Promise<SqlParameters> {
  return new SqlParameters(searchesOf(condition).length > 0 ? await languages.load(db) : []);
}

const isByDate = ({ order }: StatementListRequest): boolean =>
  order === 'SAID_ON_DESC' || order === 'SAID_ON_ASC';

/** The table that drives a list, with what is left to check. */
interface Driver {
  readonly table: DrivingTable;
  readonly key: KeySql;
  readonly rest: Condition;
}

/** The table that drives a list, with the values to look for; null where none does. */
export async function findDriver(
  slugs: SlugLoader,
  condition: Condition,
  parameters: SqlParameters,
): Promise<Driver | null> {
  const driver = chooseDriver(condition);
  if (!driver) return null;
  const { table, wanted, rest } = driver;
  if ('actorsSql' in wanted) {
    return { table, rest, key: { rows: `(${wanted.actorsSql(parameters)}) AS k`, dated: true } };
  }
  const values = 'values' in wanted ? wanted.values : (await slugs.ids(wanted.kind, wanted.slugs)).flat();
  return { table, rest, key: keySql(table, values, parameters) };
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

/** Whether the page is empty whatever the record contains. */
function isEmpty({ condition, page, selection }: StatementListRequest): boolean {
  return isNever(condition) || lengthOf(page, selection) === 0;
}

/** A page of the record's statements, with the length of the whole list if it is counted: one SQL statement. */
export async function readStatements(
  db: Database,
  { slugs, languages }: ListMemory,
  request: StatementListRequest,
): Promise<CountedConnection> {
  const { condition, selection } = request;
  if (isEmpty(request)) return { ...connectionOf(request, []), total: isNever(condition) ? 0 : null };
  const parameters = await parametersFor(db, languages, condition);
  const driver =
    isByDate(request) || selection.counted ? await findDriver(slugs, condition, parameters) : null;
  const page =
    driver && isByDate(request)
      ? drivenSql(request, driver.table, driver.key, driver.rest, parameters)
      : plainSql(request, null, parameters);
  const text = selection.counted
    ? `SELECT page.*, (${countOf(condition, driver, parameters)}) AS total FROM (${page}) AS page`
    : page;
  const rows = await query<RankedRow>(db, text, parameters.values, planned(condition));
  return { ...connectionOf(request, rows), total: rows[0]?.total ?? null };
}

/** SQL for the number of statements that match, as `count`. */
function countOf(condition: Condition, driver: Driver | null, parameters: SqlParameters): string {
  if (driver) return countSql(driver.table, driver.key, driver.rest, parameters);
  const conditions = [...earliestBound(condition, STATEMENT, parameters), toSql(condition, parameters)];
  return `SELECT count(*)::int AS count FROM statement s WHERE ${conditions.join(' AND ')}`;
}

/**
 * The same page of each parent's statements, with one SQL statement for all of them; in the order of the ids.
 * @param valuesOf of each parent: [its id], or [the id of a topic and those of all topics below it].
 */
export async function readStatementsOf(
  db: Database,
  languages: SearchLanguages,
  request: StatementListRequest,
  parent: Parent,
  parentIds: readonly number[],
  valuesOf: readonly (readonly number[])[],
): Promise<Connection<StatementRow>[]> {
  if (isEmpty(request)) return parentIds.map(() => connectionOf(request, []));
  const parameters = await parametersFor(db, languages, request.condition);
  const table = TABLE_OF_PARENT[parent];
  const { sql, key } = parentsSql(parentIds, valuesOf, parameters);
  const list = isByDate(request)
    ? drivenSql(request, table, key, request.condition, parameters)
    : plainSql(request, hasKeySql(table, key), parameters);
  const text = `SELECT p.id AS "parentId", list.* FROM ${sql} CROSS JOIN LATERAL (${list}) AS list`;
  const rows = await query<RankedRow>(db, text, parameters.values, planned(request.condition));
  const byParent = groupBy(rows, (row) => row.parentId);
  return parentIds.map((id) => connectionOf(request, byParent.get(id) ?? []));
}

/** Number of statements that match, regardless of the page. */
export async function countStatements(
  db: Database,
  { slugs, languages }: ListMemory,
  condition: Condition,
): Promise<number> {
  if (isNever(condition)) return 0;
  const parameters = await parametersFor(db, languages, condition);
  const driver = await findDriver(slugs, condition, parameters);
  const text = countOf(condition, driver, parameters);
  const rows = await query<{ count: number }>(db, text, parameters.values, planned(condition));
  return rows[0]?.count ?? 0;
}

/** Number of statements of each parent that match, with one SQL statement, in the order of the ids. */
export async function countStatementsOf(
  db: Database,
  languages: SearchLanguages,
  condition: Condition,
  parent: Parent,
  parentIds: readonly number[],
  valuesOf: readonly (readonly number[])[],
): Promise<number[]> {
  if (isNever(condition)) return parentIds.map(() => 0);
  const parameters = await parametersFor(db, languages, condition);
  const { sql, key } = parentsSql(parentIds, valuesOf, parameters);
  const list = countSql(TABLE_OF_PARENT[parent], key, condition, parameters);
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

/** The statement with this slug or key, or null. */
export async function readStatementBy(
  db: Database,
  column: 'slug' | 'key',
  value: string,
  fields: readonly StatementField[] = OWN_FIELDS,
): Promise<StatementRow | null> {
  const text = `SELECT ${columns(fields)} FROM statement s WHERE s.${column} = $1`;
  const rows = await query<StatementRow>(db, text, [value]);
  return rows[0] ?? null;
}
