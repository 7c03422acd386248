import type { Parameters } from '../sql.ts';
import type { Condition } from './filter.ts';
import { countConditions } from './simplification.ts';

const SUBTREE = (slugs: string) => `
  WITH RECURSIVE subtree AS (
    SELECT id FROM topic WHERE slug = ANY (${slugs}::text[])
    UNION SELECT topic.id FROM topic JOIN subtree ON topic.parent_id = subtree.id)
  SELECT id FROM subtree`;
const JOINS = {
  speaker: 'statement_speaker',
  addressee: 'statement_addressee',
  attributedTo: 'attribution',
} as const;

/** SQL for the ids of the topics that a condition names, with those below them unless it says otherwise. */
export function topicIdsSql(
  condition: { readonly slugs: readonly string[]; readonly subtopics: boolean },
  parameters: Parameters,
): string {
  const slugs = parameters.add(condition.slugs);
  return condition.subtopics ? SUBTREE(slugs) : `SELECT id FROM topic WHERE slug = ANY (${slugs}::text[])`;
}

/** Where SQL finds a statement: its id, and the row that has its dates and status. */
export interface Place {
  readonly id: string;
  readonly row: string;
}

/** The statement itself; what no join table carries is looked up there under the same name. */
export const STATEMENT: Place = { id: 's.id', row: 's' };

function mentions(condition: Condition, types: readonly Condition['type'][]): boolean {
  if ('condition' in condition) return mentions(condition.condition, types);
  if ('conditions' in condition) return condition.conditions.some((inner) => mentions(inner, types));
  return types.includes(condition.type);
}

/** Whether the condition asks for what only the statement itself has. */
export function needsStatement(condition: Condition): boolean {
  return mentions(condition, ['sources', 'modes', 'acts', 'search']);
}

/** More conditions than this are rare and have many shapes. */
const PLAIN_CONDITIONS_MAX = 6;

/**
 * When to plan. A few different conditions that must all be met have few shapes, each worth a cached plan. Trees of conditions
 * have any number of shapes. A search is planned for its words, because rare words are best looked up first.
 */
export function planned(condition: Condition): 'once' | 'each run' {
  const parts = condition.type === 'all' ? condition.conditions : [condition];
  const kinds = new Set(parts.map((part) => ('role' in part ? part.role : part.type)));
  const isPlain =
    parts.length <= PLAIN_CONDITIONS_MAX &&
    kinds.size === parts.length &&
    !mentions(condition, ['search']) &&
    !parts.some((part) => 'condition' in part || 'conditions' in part);
  return isPlain ? 'once' : 'each run';
}

/**
 * Up to this many conditions, PostgreSQL evaluates each by itself, and may hold all statements that meet one in memory. With
 * more conditions, the lists of a statement are read once for all of them, so that their number takes no memory.
 */
const SEPARATE_CONDITIONS_MAX = 10;

/** The condition as SQL over the statement at `place`, and over the statement `s` where it `needsStatement`. */
export function toSql(condition: Condition, parameters: Parameters, place: Place = STATEMENT): string {
  const together = countConditions(condition) > SEPARATE_CONDITIONS_MAX;
  return sqlOf(condition, { parameters, place, together, own: null });
}

interface Context {
  readonly parameters: Parameters;
  readonly place: Place;
  /** Whether the lists of a statement are read once for all conditions of a tree. */
  readonly together: boolean;
  /** SQL of the lists of the statement by name, within such a tree. */
  readonly own: Map<string, string> | null;
}

/** SQL for: the statement has one of the ids (or values) in a column of a table of its parts. */
function hasOne(table: string, column: string, wanted: string, { place, own }: Context): string {
  const from = `FROM ${table} x WHERE x.statement_id = ${place.id}`;
  if (!own) return `EXISTS (SELECT ${from} AND x.${column} = ANY (${wanted}))`;
  const name = `${table}_${column}`;
  own.set(name, `ARRAY(SELECT x.${column} ${from}) AS ${name}`);
  return `own.${name} && ${wanted}`;
}

/** A tree of conditions that reads the lists of the statement once. */
function treeSql(condition: Condition, context: Context): string {
  if (!context.together || context.own) return partsSql(condition, context);
  const own = new Map<string, string>();
  const sql = partsSql(condition, { ...context, own });
  // Without OFFSET 0, PostgreSQL would read the lists at each condition.
  return own.size === 0
    ? sql
    : `(SELECT ${sql} FROM (SELECT ${[...own.values()].join(', ')} OFFSET 0) AS own)`;
}

function sqlOf(condition: Condition, context: Context): string {
  const { id, row } = context.place;
  const add = (value: unknown): string => context.parameters.add(value);
  const hasOneOf = (table: string, column: string, ids: string): string =>
    context.own
      ? hasOne(table, column, `ARRAY(${ids})`, context)
      : `EXISTS (SELECT FROM ${table} x WHERE x.statement_id = ${id} AND x.${column} IN (${ids}))`;
  const named = (table: string, slugs: readonly string[]): string =>
    `SELECT id FROM ${table} WHERE slug = ANY (${add(slugs)}::text[])`;
  switch (condition.type) {
    case 'current':
      // IS TRUE, or PostgreSQL looks for the status by skipping through an index that ends with it: nearly all are current.
      return `(${row}.status = 'CURRENT') IS TRUE`;
    case 'actors':
      return hasOneOf(JOINS[condition.role], 'actor_id', named('actor', condition.slugs));
    case 'topics':
      return hasOneOf('statement_topic', 'topic_id', topicIdsSql(condition, context.parameters));
    case 'sources':
      return `s.source_id IN (${named('source', condition.slugs)})`;
    case 'events':
      return hasOneOf('statement_event', 'event_id', named('event', condition.slugs));
    case 'modes':
      return `s.mode = ANY (${add(condition.values)}::statement_mode[])`;
    case 'acts':
      return `s.act = ANY (${add(condition.values)}::statement_act[])`;
    case 'stances':
      return hasOne('statement_topic', 'stance', `${add(condition.values)}::stance[]`, context);
    case 'positions': {
      const topics = add(condition.positions.map(({ topic }) => topic));
      const stances = add(condition.positions.map(({ stance }) => stance));
      return `EXISTS (SELECT FROM statement_topic x WHERE x.statement_id = ${id} AND (x.topic_id, x.stance) IN (
        SELECT topic.id, wanted.stance FROM unnest(${topics}::text[], ${stances}::stance[]) AS wanted (slug, stance)
        JOIN topic USING (slug)))`;
    }
    case 'saidFrom':
      return `${row}.said_latest >= ${add(condition.day)}::date`;
    case 'saidTo':
      return `${row}.said_earliest <= ${add(condition.day)}::date`;
    case 'search':
      return `s.search @@ websearch_to_tsquery('readout_english', ${add(condition.text)})`;
    case 'not':
    case 'any':
      return treeSql(condition, context);
    case 'all':
      return partsSql(condition, context);
  }
}

/** A condition that combines others. */
function partsSql(condition: Condition, context: Context): string {
  // Not NOT, which PostgreSQL turns into a join over the whole record before the first row of a page.
  if (condition.type === 'not') return `(${sqlOf(condition.condition, context)}) IS NOT TRUE`;
  if (condition.type !== 'all' && condition.type !== 'any') return sqlOf(condition, context);
  if (condition.conditions.length === 0) return condition.type === 'all' ? 'true' : 'false';
  const parts = condition.conditions.map((inner) => sqlOf(inner, context));
  return `(${parts.join(condition.type === 'all' ? ' AND ' : ' OR ')})`;
}
