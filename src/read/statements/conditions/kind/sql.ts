import { onDays } from '../../../side.ts';
import type { SqlParameters } from '../../../sql.ts';

/**
 * A table with an index on (column, said_earliest, id of the statement, status), so that neither a page nor a count reads other
 * rows. Most are join tables, which repeat the dates and status of their statement.
 */
export interface DrivingTable {
  readonly table: string;
  readonly column: string;
  /** SQL type of the column. */
  readonly type: string;
  /** Whether it can have a statement twice under one value of the column. */
  readonly repeats: boolean;
}

/** How SQL refers to a statement: its id, and the alias of a row with its dates and status. */
export interface SqlAlias {
  readonly id: string;
  readonly row: string;
}

/** The statement itself, under the alias that it has in every query. */
export const STATEMENT: SqlAlias = { id: 's.id', row: 's' };

/** What the SQL of a condition is made with. */
export interface SqlContext {
  readonly parameters: SqlParameters;
  readonly alias: SqlAlias;
  /** Whether every statement of the list must meet the condition, so that PostgreSQL can find the statements by it. */
  readonly isRequired: boolean;
  /** Whether the lists of a statement are read once for all conditions of a tree. */
  readonly together: boolean;
  /** SQL of the lists of the statement by name, within such a tree. */
  readonly own: Map<string, string> | null;
}

/**
 * SQL condition: the statement has one of the values of an array in a column of a table of its parts.
 * @param id the column of the table with the id of the statement.
 */
export function hasOne(
  table: string,
  column: string,
  wanted: string,
  { alias, own }: SqlContext,
  id = 'statement_id',
): string {
  const from = `FROM ${table} x WHERE x.${id} = ${alias.id}`;
  if (!own) return `EXISTS (SELECT ${from} AND x.${column} = ANY (${wanted}))`;
  const name = `${table}_${id}_${column}`;
  own.set(name, `ARRAY(SELECT x.${column} ${from}) AS ${name}`);
  return `own.${name} && ${wanted}`;
}

/** SQL condition: the statement has one of the ids that a query selects in a column of a table of its parts. */
export function hasOneOf(table: string, column: string, ids: string, context: SqlContext): string {
  if (context.own) return hasOne(table, column, `ARRAY(${ids})`, context);
  return `EXISTS (SELECT FROM ${table} x WHERE x.statement_id = ${context.alias.id} AND x.${column} IN (${ids}))`;
}

/**
 * SQL condition: the query has a row. Where PostgreSQL can't find the statements by it, it checks each: OFFSET 0 keeps it from
 * evaluating the query for all statements of the record and holding those in memory.
 */
export const exists = (query: string, { isRequired, alias }: SqlContext): string =>
  `EXISTS (${query}${isRequired && alias === STATEMENT ? '' : ' OFFSET 0'})`;

/** SQL condition: the statement can have been said on a day between `from` and `to` of another row. */
export const onDaysOf = (row: string, statement: string): string =>
  onDays(row, `${statement}.said_earliest`, `${statement}.said_latest`);

/** SQL for the ids of slugs. */
export function idsSql(
  table: string,
  slugs: readonly string[],
  { parameters }: Pick<SqlContext, 'parameters'>,
): string {
  return `SELECT id FROM ${table} WHERE slug = ANY (${parameters.add(slugs)}::text[])`;
}
