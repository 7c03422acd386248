import type { SqlParameters } from '../sql.ts';
import { type Condition, isCombination } from './condition.ts';
import { SPEAKER_TABLE } from './conditions/actors/actors.ts';
import { COLLECTION_TABLE } from './conditions/collections.ts';
import { EVENT_TABLE } from './conditions/events.ts';
import type { DrivingValues } from './conditions/kind/kind.ts';
import { type DrivingTable, type SqlAlias, STATEMENT } from './conditions/kind/sql.ts';
import { ALL_KINDS, type BasicCondition, kindOf } from './conditions/kinds.ts';
import { SOURCE_TABLE } from './conditions/sources.ts';
import { TOPIC_TABLE } from './conditions/topics.ts';
import { needsStatement, toSql } from './where.ts';

/*
 * The driving table of a list. A list in the order of dates is read from the table of its most selective condition, by an index on
 * (column, said_earliest, id of the statement, status). PostgreSQL reads the first rows of that index and stops when the page is full. It would
 * otherwise estimate how many statements meet all conditions, and often scan the whole record for ten of them. The filter
 * { speakers: ["anna"], acts: [WARN] } gives
 *
 *   SELECT s.id, … FROM (
 *     SELECT d.said_earliest, d.statement_id FROM statement_speaker d JOIN statement s ON s.id = d.statement_id
 *     WHERE d.actor_id = $1 AND (d.status = 'CURRENT') IS TRUE AND s.act = ANY ($2)
 *     ORDER BY d.said_earliest DESC, d.statement_id DESC LIMIT $3) AS found
 *   JOIN statement s ON s.id = found.statement_id ORDER BY …
 *
 * For several speakers, the subquery is joined by LATERAL: the first rows of each are read, and the first of these kept. The same
 * tables drive the lists of an actor, topic, source or event, for many of them in one SQL statement.
 */

/** What a list belongs to: an actor, a source, an event, a collection, a topic with everything below it, or a topic alone. */
export type Parent = 'actor' | 'topic' | 'topicAlone' | 'source' | 'event' | 'collection';

/** Where the statements of a parent are found. */
export const TABLE_OF_PARENT: Readonly<Record<Parent, DrivingTable>> = {
  actor: SPEAKER_TABLE,
  event: EVENT_TABLE,
  source: SOURCE_TABLE,
  collection: COLLECTION_TABLE,
  topicAlone: TOPIC_TABLE,
  topic: TOPIC_TABLE,
};

/**
 * SQL for the values to look for in a driving table: one expression, or a relation `k (value)` of several. If it is dated, it has the
 * columns `since` and `until`, too: the days on which a value counts.
 */
export type KeySql = { readonly one: string } | { readonly rows: string; readonly dated?: true };

/** The values as parameters. */
export function keySql(
  { type }: DrivingTable,
  values: readonly (string | number)[],
  parameters: SqlParameters,
): KeySql {
  const different = [...new Set(values)];
  if (different.length === 1) return { one: `${parameters.add(different[0])}::${type}` };
  return { rows: `unnest(${parameters.add(different)}::${type}[]) AS k (value)` };
}

/** SQL condition: the driving table has the statement `s` under one of the keys. */
export function hasKeySql({ table, column }: DrivingTable, key: KeySql): string {
  const wanted = 'one' in key ? key.one : `ANY (SELECT value FROM ${key.rows})`;
  if (table === 'statement') return `s.${column} = ${wanted}`;
  return `EXISTS (SELECT FROM ${table} x WHERE x.statement_id = s.id AND x.${column} = ${wanted})`;
}

/** Conditions that every statement of the list must meet. */
function required(condition: Condition): BasicCondition[] {
  if (!isCombination(condition)) return [condition];
  return condition.type === 'all' ? condition.conditions.flatMap(required) : [];
}

/** The condition that drives a list best; null where none does. */
export function chooseDriver(condition: Condition): {
  readonly table: DrivingTable;
  readonly wanted: DrivingValues;
  /** What is left to check of each statement. */
  readonly rest: Condition;
} | null {
  const all = required(condition);
  if (all.some((part) => kindOf(part).driving === 'planner')) return null;
  for (const { type, driving } of ALL_KINDS) {
    if (typeof driving !== 'function') continue;
    const best = all.find((candidate) => candidate.type === type);
    if (best) return { ...driving(best), rest: without(condition, best) };
  }
  return null;
}

/** The condition without one of its parts, which the driving table takes care of. */
function without(condition: Condition, part: Condition): Condition {
  if (condition.type !== 'all') return condition;
  const conditions = condition.conditions.filter((inner) => inner !== part);
  return { type: 'all', conditions: conditions.map((inner) => without(inner, part)) };
}

/**
 * A bound on the first day of a statement that the condition implies, so that an index scan can stop before the beginning of the
 * record: a statement that was possibly said on `from` or later begins on that day or later, or is one of the few that span it.
 */
export function earliestBound(condition: Condition, { row }: SqlAlias, parameters: SqlParameters): string[] {
  return required(condition).flatMap((part) => {
    const { firstDay } = kindOf(part);
    if (!firstDay) return [];
    const from = `${parameters.add(firstDay(part))}::date`;
    // OFFSET 0, since min() alone would be read off the index on said_earliest, from the beginning of the record.
    return [
      `${row}.said_earliest >= least(${from}, (SELECT min(said_earliest) FROM (
        SELECT said_earliest FROM statement WHERE said_latest > said_earliest
          AND daterange(said_earliest, said_latest, '[]') @> ${from} OFFSET 0) AS spanning))`,
    ];
  });
}

/** The alias of a driving table in SQL. */
export function aliasOf({ table }: DrivingTable): SqlAlias {
  return table === 'statement' ? STATEMENT : { id: 'd.statement_id', row: 'd' };
}

/** Whether the table can have a statement twice: under one key, or under several. */
function isRepeated({ table, repeats }: DrivingTable, key: KeySql): boolean {
  return repeats || ('rows' in key && table !== 'statement');
}

/**
 * SQL for the statements under the keys that meet the rest of the conditions, as (said_earliest, statement_id). LATERAL and its
 * LIMIT, or OFFSET 0 without a limit, keep PostgreSQL to the index of each key, whatever it estimates for the others.
 * @param end order and limit under each key.
 * @param keepsDuplicates whether statements that the table has twice may be there twice: the caller removes them.
 */
function rowsSql(
  table: DrivingTable,
  key: KeySql,
  rest: Condition,
  more: readonly string[],
  end: string,
  parameters: SqlParameters,
  keepsDuplicates = false,
): string {
  const alias = aliasOf(table);
  const statement = needsStatement(rest) ? `JOIN statement s ON s.id = ${alias.id}` : '';
  const from = alias === STATEMENT ? 'statement s' : `${table.table} d ${statement}`;
  const conditions = [
    `${alias.row}.${table.column} = ${'one' in key ? key.one : 'k.value'}`,
    ...('rows' in key && key.dated
      ? [`${alias.row}.said_earliest <= k.until`, `${alias.row}.said_latest >= k.since`]
      : []),
    ...earliestBound(rest, alias, parameters),
    ...more,
    toSql(rest, parameters, alias),
  ];
  const found = `SELECT ${table.repeats && !keepsDuplicates ? 'DISTINCT' : ''} ${alias.row}.said_earliest, ${alias.id} AS statement_id
    FROM ${from} WHERE ${conditions.join(' AND ')} ${end}`;
  if ('one' in key) return `(${found}) AS found`;
  return `${key.rows} CROSS JOIN LATERAL (${found}) AS found`;
}

interface FirstRowsOptions {
  readonly rest: Condition;
  /** Conditions beside the rest. */
  readonly more: readonly string[];
  readonly direction: 'ASC' | 'DESC';
  /** SQL for the number of rows. */
  readonly limit: string;
}

/** SQL for the first statements under the keys, each once, as (said_earliest, statement_id). */
export function firstRowsSql(
  table: DrivingTable,
  key: KeySql,
  { rest, more, direction, limit }: FirstRowsOptions,
  parameters: SqlParameters,
): string {
  const { row, id } = aliasOf(table);
  const under = (bounds: readonly string[], count: string): string => {
    const end = `ORDER BY ${row}.said_earliest ${direction}, ${id} ${direction} LIMIT ${count}`;
    return rowsSql(table, key, rest, bounds, end, parameters);
  };
  if ('one' in key) return under(more, limit);
  const first = (found: string): string =>
    `(SELECT ${isRepeated(table, key) ? 'DISTINCT' : ''} found.said_earliest, found.statement_id FROM ${found}
    ORDER BY found.said_earliest ${direction}, found.statement_id ${direction} LIMIT ${limit})`;
  if (!key.dated) return `${first(under(more, limit))} AS found`;
  // There can be a thousand keys. The first statement of each bounds the page, so that few others are read.
  const [least, beyond, open] = direction === 'DESC' ? ['min', '>=', '-infinity'] : ['max', '<=', 'infinity'];
  const bound = `(SELECT CASE WHEN count(*) = ${limit} THEN ${least}(said_earliest) ELSE '${open}' END
    FROM ${first(under(more, '1'))} AS firsts)`;
  return `${first(under([...more, `${row}.said_earliest ${beyond} ${bound}`], limit))} AS found`;
}

/** SQL for the number of statements under the keys that meet the rest, as `count`. */
export function countSql(
  table: DrivingTable,
  key: KeySql,
  rest: Condition,
  parameters: SqlParameters,
): string {
  const once = !isRepeated(table, key) || 'one' in key;
  const found = rowsSql(table, key, rest, [], 'OFFSET 0', parameters, !once);
  return once
    ? `SELECT count(*)::int AS count FROM ${found}`
    : `SELECT count(*)::int AS count FROM (SELECT DISTINCT found.statement_id FROM ${found}) AS counted`;
}
