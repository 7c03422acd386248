import type { Page } from '../page.ts';
import type { Parameters } from '../sql.ts';
import { STATEMENT, toSql } from './condition.ts';
import { type Driver, earliestBound, firstSql, placeOf, type Values } from './driver.ts';
import type { Condition } from './filter.ts';
import { beyond, type Key, keysOf } from './order.ts';
import type { StatementListRequest, StatementSelection } from './request.ts';
import { columns } from './row.ts';

/** Parents of lists, each with the values that its statements are found under. */
interface Parents {
  readonly sql: string;
  readonly values: Values;
}

/** Numbers as PostgreSQL reads a list of them. */
const list = (numbers: readonly number[]): string => `{${numbers.join(',')}}`;

/** SQL for the parents of lists, with what the statements of each are found under. */
export function parentsSql(
  ids: readonly number[],
  valuesOf: readonly (readonly number[])[],
  parameters: Parameters,
): Parents {
  const own = parameters.add(list(ids));
  if (valuesOf.every(({ length }) => length === 1)) {
    const values = parameters.add(list(valuesOf.flat()));
    return { sql: `unnest(${own}::int[], ${values}::int[]) AS p (id, value)`, values: { one: 'p.value' } };
  }
  const lists = parameters.add(valuesOf.map(list));
  return {
    sql: `unnest(${own}::int[], ${lists}::text[]) AS p (id, list)`,
    values: { rows: 'unnest(p.list::int[]) AS k (value)' },
  };
}

/** SQL for the page of a list that is ordered by date and hangs on what the driver finds. */
export function drivenSql(
  { page, order, selection }: StatementListRequest,
  driver: Driver,
  values: Values,
  rest: Condition,
  parameters: Parameters,
): string {
  const direction = (order === 'SAID_ON_DESC') === page.fromEnd ? 'ASC' : 'DESC';
  const more = bounds(page, keysOf(order, '', placeOf(driver)), parameters);
  const limit = parameters.add(lengthOf(page, selection));
  const found = firstSql(driver, values, { rest, more, direction, limit }, parameters);
  return `SELECT ${columns(selection.fields)} FROM ${found} JOIN statement s ON s.id = found.statement_id
    ORDER BY found.said_earliest ${direction}, found.statement_id ${direction}`;
}

/**
 * SQL for the page of any other list. PostgreSQL does not see how few rows are wanted: it would count on finding them
 * soon in the order of the list, and read on to the end where words are rarer than it thinks.
 */
export function plainSql(
  request: StatementListRequest,
  ofParent: string | null,
  parameters: Parameters,
): string {
  const { page, condition, order, search, selection } = request;
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
  const placed = {
    RELEVANCE: `, ${rank} AS rank`,
    RECORDED_DESC: `, s.added_position AS recorded`,
    SAID_ON_DESC: '',
    SAID_ON_ASC: '',
  }[order];
  return `SELECT ${columns(selection.fields)}${placed} FROM statement s WHERE ${conditions.join(' AND ')}
    ORDER BY ${orderBy.join(', ')} LIMIT (SELECT ${parameters.add(lengthOf(page, selection))}::int)`;
}

/** How many statements to read for a page: one more, to tell whether there are further ones. */
export function lengthOf({ size }: Page, { pageInfo }: StatementSelection): number {
  return pageInfo ? size + 1 : size;
}

function bounds(page: Page, keys: readonly Key[], parameters: Parameters): string[] {
  return [
    ...(page.after ? [beyond(keys, page.after, true, parameters)] : []),
    ...(page.before ? [beyond(keys, page.before, false, parameters)] : []),
  ];
}
