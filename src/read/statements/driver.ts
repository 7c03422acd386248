import type { SlugKind } from '../memory/slugs.ts';
import type { Parameters } from '../sql.ts';
import { needsStatement, type Place, STATEMENT, toSql } from './condition.ts';
import type { Condition } from './filter.ts';

/** What a list hangs on: an actor, a source, an event, a topic with everything below it, or a topic alone. */
export type Parent = 'actor' | 'topic' | 'topicAlone' | 'source' | 'event';

/**
 * Where the statements of a list are found in the order of their dates: a table with an index on (column, dates, id,
 * status), so that neither a page nor a count looks at others. Mostly a join table, which carries the dates and status
 * of its statement.
 */
export interface Driver {
  readonly table: string;
  readonly column: string;
  /** SQL type of the column. */
  readonly type: string;
}

/** What to look for in the column: the values themselves, or what slugs stand for. */
export type Wanted =
  | { readonly values: readonly string[] }
  | { readonly kind: SlugKind; readonly slugs: readonly string[] };

const ROLE_TABLES = {
  speaker: 'statement_speaker',
  addressee: 'statement_addressee',
  attributedTo: 'attribution',
} as const;

/** Where the statements of a parent are found. */
export const DRIVER_OF_PARENT: Readonly<Record<Parent, Driver>> = {
  actor: { table: 'statement_speaker', column: 'actor_id', type: 'int' },
  event: { table: 'statement_event', column: 'event_id', type: 'int' },
  source: { table: 'statement', column: 'source_id', type: 'int' },
  topicAlone: { table: 'statement_topic', column: 'topic_id', type: 'int' },
  topic: { table: 'statement_topic', column: 'topic_id', type: 'int' },
};

/** SQL for what to look for under a driver: one expression, or a relation `k (value)` of several. */
export type Values = { readonly one: string } | { readonly rows: string };

/** The values as parameters. */
export function valuesSql(
  { type }: Driver,
  values: readonly (string | number)[],
  parameters: Parameters,
): Values {
  const different = [...new Set(values)];
  if (different.length === 1) return { one: `${parameters.add(different[0])}::${type}` };
  return { rows: `unnest(${parameters.add(different)}::${type}[]) AS k (value)` };
}

/** SQL for: the statement `s` is one of the driver's. */
export function isDriven({ table, column }: Driver, values: Values): string {
  const wanted = 'one' in values ? values.one : `ANY (SELECT value FROM ${values.rows})`;
  if (table === 'statement') return `s.${column} = ${wanted}`;
  return `EXISTS (SELECT FROM ${table} x WHERE x.statement_id = s.id AND x.${column} = ${wanted})`;
}

/** Conditions that everything in the list must meet. */
function required(condition: Condition): Condition[] {
  return condition.type === 'all' ? condition.conditions.flatMap(required) : [condition];
}

/** How few statements a condition usually leaves: the smaller, the better it drives. */
const SELECTIVITY: Partial<Record<Condition['type'], number>> = {
  events: 1,
  sources: 2,
  actors: 3,
  topics: 4,
  stances: 5,
  acts: 6,
  modes: 7,
};

/** Which of its conditions drives a list best, if any does; and what that leaves to check. */
export function drivenBy(
  condition: Condition,
): { readonly driver: Driver; readonly wanted: Wanted; readonly rest: Condition } | null {
  const all = required(condition);
  // How rare its words are is not known here: PostgreSQL decides, and often they drive better than anything.
  if (all.some(({ type }) => type === 'search')) return null;
  const [best] = all
    .filter(({ type }) => SELECTIVITY[type] !== undefined)
    .sort((a, b) => (SELECTIVITY[a.type] as number) - (SELECTIVITY[b.type] as number));
  const found = best && driverOfCondition(best);
  return found ? { ...found, rest: without(condition, best) } : null;
}

function driverOfCondition(condition: Condition): { driver: Driver; wanted: Wanted } | null {
  switch (condition.type) {
    case 'events':
      return { driver: DRIVER_OF_PARENT.event, wanted: { kind: 'event', slugs: condition.slugs } };
    case 'sources':
      return { driver: DRIVER_OF_PARENT.source, wanted: { kind: 'source', slugs: condition.slugs } };
    case 'actors': {
      const driver = { table: ROLE_TABLES[condition.role], column: 'actor_id', type: 'int' };
      return { driver, wanted: { kind: 'actor', slugs: condition.slugs } };
    }
    case 'topics': {
      const kind = condition.subtopics ? 'subtree' : 'topic';
      return { driver: DRIVER_OF_PARENT.topic, wanted: { kind, slugs: condition.slugs } };
    }
    case 'stances': {
      const driver = { table: 'statement_topic', column: 'stance', type: 'stance' };
      return { driver, wanted: { values: condition.values } };
    }
    case 'acts': {
      const driver = { table: 'statement', column: 'act', type: 'statement_act' };
      return { driver, wanted: { values: condition.values } };
    }
    case 'modes': {
      const driver = { table: 'statement', column: 'mode', type: 'statement_mode' };
      return { driver, wanted: { values: condition.values } };
    }
    default:
      return null;
  }
}

/** The condition without one of its parts, which the driver takes care of. */
function without(condition: Condition, part: Condition): Condition {
  if (condition.type !== 'all') return condition;
  const conditions = condition.conditions.filter((inner) => inner !== part);
  return { type: 'all', conditions: conditions.map((inner) => without(inner, part)) };
}

/**
 * A bound on the first day of a statement that the condition implies, so that an index scan need not go on to the
 * beginning of the record: a statement that can have been said on `from` or later begins on it, or is one of the few
 * that span it.
 */
export function earliestBound(condition: Condition, { row }: Place, parameters: Parameters): string[] {
  return required(condition).flatMap((part) => {
    if (part.type !== 'saidFrom') return [];
    const from = `${parameters.add(part.day)}::date`;
    // OFFSET 0, since min() alone would be read off the index on said_earliest, from the beginning of the record.
    return [
      `${row}.said_earliest >= least(${from}, (SELECT min(said_earliest) FROM (
        SELECT said_earliest FROM statement WHERE said_latest > said_earliest
          AND daterange(said_earliest, said_latest, '[]') @> ${from} OFFSET 0) AS spanning))`,
    ];
  });
}

/** Where a driver finds its statements. */
export function placeOf({ table }: Driver): Place {
  return table === 'statement' ? STATEMENT : { id: 'd.statement_id', row: 'd' };
}

/** Whether the driver can find a statement twice: under one of the values, or under several. */
function repeats({ table, column }: Driver, values: Values): boolean {
  const underOne = table === 'attribution' || column === 'stance';
  return underOne || ('rows' in values && table !== 'statement');
}

/**
 * SQL for the driver's statements that meet the rest of the conditions, as (said_earliest, statement_id). LATERAL and its
 * LIMIT, where only OFFSET 0, keep PostgreSQL to the index of each value, whatever it expects of the others.
 * @param end order and limit under each value.
 */
function foundSql(
  driver: Driver,
  values: Values,
  rest: Condition,
  more: readonly string[],
  end: string,
  parameters: Parameters,
): string {
  const place = placeOf(driver);
  const statement = needsStatement(rest) ? `JOIN statement s ON s.id = ${place.id}` : '';
  const from = place === STATEMENT ? 'statement s' : `${driver.table} d ${statement}`;
  const conditions = [
    `${place.row}.${driver.column} = ${'one' in values ? values.one : 'k.value'}`,
    ...earliestBound(rest, place, parameters),
    ...more,
    toSql(rest, parameters, place),
  ];
  const underOne = repeats(driver, { one: '' }) ? 'DISTINCT' : '';
  const found = `SELECT ${underOne} ${place.row}.said_earliest, ${place.id} AS statement_id
    FROM ${from} WHERE ${conditions.join(' AND ')} ${end}`;
  if ('one' in values) return `(${found}) AS found`;
  return `${values.rows} CROSS JOIN LATERAL (${found}) AS found`;
}

/**
 * SQL for the driver's first statements, each once, as (said_earliest, statement_id).
 * @param more conditions beside the rest.
 * @param limit SQL for how many.
 */
export function firstSql(
  driver: Driver,
  values: Values,
  { rest, more, direction, limit }: FirstOptions,
  parameters: Parameters,
): string {
  const { row, id } = placeOf(driver);
  const end = `ORDER BY ${row}.said_earliest ${direction}, ${id} ${direction} LIMIT ${limit}`;
  const found = foundSql(driver, values, rest, more, end, parameters);
  if ('one' in values) return found;
  return `(SELECT ${repeats(driver, values) ? 'DISTINCT' : ''} found.said_earliest, found.statement_id FROM ${found}
    ORDER BY found.said_earliest ${direction}, found.statement_id ${direction} LIMIT ${limit}) AS found`;
}

export interface FirstOptions {
  readonly rest: Condition;
  readonly more: readonly string[];
  readonly direction: 'ASC' | 'DESC';
  readonly limit: string;
}

/** SQL for how many statements the driver finds, as `count`. */
export function countSql(driver: Driver, values: Values, rest: Condition, parameters: Parameters): string {
  const found = foundSql(driver, values, rest, [], 'OFFSET 0', parameters);
  const once = !repeats(driver, values) || 'one' in values;
  return once
    ? `SELECT count(*)::int AS count FROM ${found}`
    : `SELECT count(*)::int AS count FROM (SELECT DISTINCT found.statement_id FROM ${found}) AS counted`;
}
