import type { Parameters } from './sql.ts';
import { needsStatement, type Place, STATEMENT, topicIdsSql, toSql } from './statementCondition.ts';
import type { Condition } from './statementFilter.ts';

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
  /** SQL for the values to look under. */
  readonly values: string;
  /** Whether they are one value at most, as a parent is. */
  readonly single: boolean;
}

const ROLE_TABLES = {
  speaker: 'statement_speaker',
  addressee: 'statement_addressee',
  attributedTo: 'attribution',
} as const;

const SUBTREE_OF_PARENT = `WITH RECURSIVE subtree AS (
    SELECT p.id UNION SELECT topic.id FROM topic JOIN subtree ON topic.parent_id = subtree.id)
  SELECT id FROM subtree`;

/** The parent `p` as a driver. */
export function driverOfParent(parent: Parent): Driver {
  const alone = { values: 'SELECT p.id', single: true };
  switch (parent) {
    case 'actor':
      return { table: 'statement_speaker', column: 'actor_id', ...alone };
    case 'event':
      return { table: 'statement_event', column: 'event_id', ...alone };
    case 'source':
      return { table: 'statement', column: 'source_id', ...alone };
    case 'topicAlone':
      return { table: 'statement_topic', column: 'topic_id', ...alone };
    case 'topic':
      return { table: 'statement_topic', column: 'topic_id', values: SUBTREE_OF_PARENT, single: false };
  }
}

/** SQL for: the statement `s` is one of the driver's. */
export function isDriven({ table, column, values }: Driver): string {
  if (table === 'statement') return `s.${column} IN (${values})`;
  return `EXISTS (SELECT FROM ${table} x WHERE x.statement_id = s.id AND x.${column} IN (${values}))`;
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

/** What drives a list, if anything does: its parent `p`, or else the best of its conditions; and what it leaves to check. */
export function drivenBy(
  condition: Condition,
  parent: Parent | null,
  parameters: Parameters,
): { driver: Driver; rest: Condition } | null {
  if (parent) return { driver: driverOfParent(parent), rest: condition };
  const all = required(condition);
  // How rare its words are is not known here: PostgreSQL decides, and often they drive better than anything.
  if (all.some(({ type }) => type === 'search')) return null;
  const [best] = all
    .filter(({ type }) => SELECTIVITY[type] !== undefined)
    .sort((a, b) => (SELECTIVITY[a.type] as number) - (SELECTIVITY[b.type] as number));
  const driver = best && driverOfCondition(best, parameters);
  return driver ? { driver, rest: without(condition, best) } : null;
}

function driverOfCondition(condition: Condition, parameters: Parameters): Driver | null {
  const idsOf = (noun: string, slugs: readonly string[]) => ({
    values: `SELECT id FROM ${noun} WHERE slug = ANY (${parameters.add(slugs)}::text[])`,
    single: slugs.length === 1,
  });
  const valuesOf = (type: string, values: readonly string[]) => ({
    values: `SELECT DISTINCT unnest(${parameters.add(values)}::${type}[])`,
    single: values.length === 1,
  });
  switch (condition.type) {
    case 'events':
      return { table: 'statement_event', column: 'event_id', ...idsOf('event', condition.slugs) };
    case 'sources':
      return { table: 'statement', column: 'source_id', ...idsOf('source', condition.slugs) };
    case 'actors':
      return { table: ROLE_TABLES[condition.role], column: 'actor_id', ...idsOf('actor', condition.slugs) };
    case 'topics': {
      const single = condition.slugs.length === 1 && !condition.subtopics;
      return {
        table: 'statement_topic',
        column: 'topic_id',
        values: topicIdsSql(condition, parameters),
        single,
      };
    }
    case 'stances':
      return { table: 'statement_topic', column: 'stance', ...valuesOf('stance', condition.values) };
    case 'acts':
      return { table: 'statement', column: 'act', ...valuesOf('statement_act', condition.values) };
    case 'modes':
      return { table: 'statement', column: 'mode', ...valuesOf('statement_mode', condition.values) };
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

/** Whether the driver can find a statement twice under one value. */
function repeats({ table, column }: Driver): boolean {
  return table === 'attribution' || column === 'stance';
}

/**
 * SQL for the driver's statements that meet the rest of the conditions, as (said_earliest, statement_id), value by
 * value: a statement can come under several of them. LATERAL and its LIMIT, where only OFFSET 0, keep PostgreSQL to
 * the index of each value, whatever it expects of the others.
 * @param end order and limit under each value.
 */
export function foundSql(
  driver: Driver,
  rest: Condition,
  more: readonly string[],
  end: string,
  parameters: Parameters,
): string {
  const { table, column, values } = driver;
  const place = placeOf(driver);
  const statement = needsStatement(rest) ? `JOIN statement s ON s.id = ${place.id}` : '';
  const from = place === STATEMENT ? 'statement s' : `${table} d ${statement}`;
  const conditions = [
    `${place.row}.${column} = k.value`,
    ...earliestBound(rest, place, parameters),
    ...more,
    toSql(rest, parameters, place),
  ];
  return `(${values}) AS k (value) CROSS JOIN LATERAL (
    SELECT ${repeats(driver) ? 'DISTINCT' : ''} ${place.row}.said_earliest, ${place.id} AS statement_id
    FROM ${from} WHERE ${conditions.join(' AND ')} ${end}) AS found`;
}

/** SQL for how many statements the driver finds, as `count`. */
export function countSql(driver: Driver, rest: Condition, parameters: Parameters): string {
  const found = foundSql(driver, rest, [], 'OFFSET 0', parameters);
  const once = driver.table === 'statement' || driver.single;
  return once
    ? `SELECT count(*)::int AS count FROM ${found}`
    : `SELECT count(*)::int AS count FROM (SELECT DISTINCT found.statement_id FROM ${found}) AS counted`;
}
