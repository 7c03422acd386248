import type { Page } from '../page.ts';
import type { SqlParameters } from '../sql.ts';
import type { Condition } from './condition.ts';
import { type DrivingTable, STATEMENT } from './conditions/kind/sql.ts';
import { aliasOf, earliestBound, firstRowsSql, type KeySql } from './drivingTable.ts';
import { beyond, type Key, keysOf } from './order.ts';
import type { StatementListRequest, StatementSelection } from './request.ts';
import { columns } from './row.ts';
import { toSql } from './where.ts';

/** SQL for the parents of lists, and for the keys of each in the driving table. */
interface ParentsSql {
  readonly sql: string;
  readonly key: KeySql;
}

/** A list of numbers as PostgreSQL reads it. */
const list = (numbers: readonly number[]): string => `{${numbers.join(',')}}`;

/** SQL for the parents of lists, each with its id and the values under which its statements are found. */
export function parentsSql(
  ids: readonly number[],
  valuesOf: readonly (readonly number[])[],
  parameters: SqlParameters,
): ParentsSql {
  const own = parameters.add(list(ids));
  if (valuesOf.every(({ length }) => length === 1)) {
    const values = parameters.add(list(valuesOf.flat()));
    return { sql: `unnest(${own}::int[], ${values}::int[]) AS p (id, value)`, key: { one: 'p.value' } };
  }
  const lists = parameters.add(valuesOf.map(list));
  return {
    sql: `unnest(${own}::int[], ${lists}::text[]) AS p (id, list)`,
    key: { rows: 'unnest(p.list::int[]) AS k (value)' },
  };
}

/** SQL for the page of a list in the order of dates, by its driving table. */
export function drivenSql(
  { page, order, selection }: StatementListRequest,
  table: DrivingTable,
  key: KeySql,
  rest: Condition,
  parameters: SqlParameters,
): string {
  const direction = (order === 'SAID_ON_DESC') === page.fromEnd ? 'ASC' : 'DESC';
  const more = bounds(page, keysOf(order, '', aliasOf(table)), parameters);
  const limit = parameters.add(lengthOf(page, selection));
  const found = firstRowsSql(table, key, { rest, more, direction, limit }, parameters);
  return `SELECT ${columns(selection.fields)} FROM ${found} JOIN statement s ON s.id = found.statement_id
    ORDER BY found.said_earliest ${direction}, found.statement_id ${direction}`;
}

/**
 * SQL for the page of any other list. The limit is a subquery, so that PostgreSQL does not plan for few rows. It would read in the order of
 * the list, and read to the end where the words are rarer than it estimates.
 */
export function plainSql(
  request: StatementListRequest,
  ofParent: string | null,
  parameters: SqlParameters,
): string {
  const { page, condition, order, search, selection } = request;
  const rank =
    order === 'RELEVANCE' ? `ts_rank_cd(s.search, ${ownQuery(parameters.add(search), parameters)})` : '';
  const keys = keysOf(order, rank);
  const conditions = [
    ...(ofParent === null ? [] : [ofParent]),
    ...earliestBound(condition, STATEMENT, parameters),
    toSql(condition, parameters),
    ...bounds(page, keys, parameters),
  ];
  // By the column `rank`, so that PostgreSQL parses the search once for both.
  const orderBy = keysOf(order, 'rank').map(
    (key) => `${key.sql} ${key.descending === page.fromEnd ? 'ASC' : 'DESC'}`,
  );
  const placed = {
    RELEVANCE: `, ${rank} AS rank`,
    RECORDED_DESC: `, s.added_position AS recorded`,
    SAID_ON_DESC: '',
    SAID_ON_ASC: '',
  }[order];
  return `SELECT ${columns(selection.fields)}${placed} FROM statement s WHERE ${conditions.join(' AND ')}
    ORDER BY ${orderBy.join(', ')} LIMIT (SELECT ${parameters.add(lengthOf(page, selection))}::int)`;
}

/** SQL for a search in the language of each statement. The values are constants, so PostgreSQL parses each search once. */
function ownQuery(search: string, parameters: SqlParameters): string {
  const english = `search_query_in(${search}, NULL)`;
  if (parameters.languages.length === 0) return english;
  const cases = parameters.languages.map((language) => {
    const name = `${parameters.add(language)}::text`;
    return `WHEN ${name} THEN search_query_in(${search}, ${name})`;
  });
  return `CASE coalesce(search_language(s.span_language), search_language(s.language)) ${cases.join(' ')} ELSE ${english} END`;
}

/** Number of statements to read for a page: none if only the count is selected, and for `pageInfo` one more than its size. */
export function lengthOf({ size }: Page, { listed, pageInfo }: StatementSelection): number {
  if (pageInfo) return size + 1;
  return listed ? size : 0;
}

function bounds(page: Page, keys: readonly Key[], parameters: SqlParameters): string[] {
  return [
    ...(page.after ? [beyond(keys, page.after, true, parameters)] : []),
    ...(page.before ? [beyond(keys, page.before, false, parameters)] : []),
  ];
}
