import type { Parameters } from './sql.ts';
import type { Condition } from './statementFilter.ts';

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

/** More conditions than this are hardly ever asked for together, and have many shapes. */
const PLAIN_CONDITIONS_MAX = 6;

/**
 * When to plan. A few different conditions that must all be met have few shapes, each worth a plan that is kept. Trees of
 * conditions have as many as clients invent. A search is planned for its words: rare ones are best looked up first.
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

/** The condition as SQL over the statement at `place`, and over the statement `s` where it `needsStatement`. */
export function toSql(condition: Condition, parameters: Parameters, place: Place = STATEMENT): string {
  const add = (value: unknown) => parameters.add(value);
  const { id, row } = place;
  switch (condition.type) {
    case 'current':
      // IS TRUE, or PostgreSQL looks for the status by skipping through an index that ends with it: nearly all are current.
      return `(${row}.status = 'CURRENT') IS TRUE`;
    case 'actors':
      return `EXISTS (SELECT FROM ${JOINS[condition.role]} x WHERE x.statement_id = ${id}
        AND x.actor_id IN (SELECT id FROM actor WHERE slug = ANY (${add(condition.slugs)}::text[])))`;
    case 'topics':
      return `EXISTS (SELECT FROM statement_topic x WHERE x.statement_id = ${id}
        AND x.topic_id IN (${topicIdsSql(condition, parameters)}))`;
    case 'sources':
      return `s.source_id IN (SELECT id FROM source WHERE slug = ANY (${add(condition.slugs)}::text[]))`;
    case 'events':
      return `EXISTS (SELECT FROM statement_event x WHERE x.statement_id = ${id}
        AND x.event_id IN (SELECT id FROM event WHERE slug = ANY (${add(condition.slugs)}::text[])))`;
    case 'modes':
      return `s.mode = ANY (${add(condition.values)}::statement_mode[])`;
    case 'acts':
      return `s.act = ANY (${add(condition.values)}::statement_act[])`;
    case 'stances':
      return `EXISTS (SELECT FROM statement_topic x WHERE x.statement_id = ${id}
        AND x.stance = ANY (${add(condition.values)}::stance[]))`;
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
      // Not NOT: as a join, it would be made for the whole record before the first row of a page.
      return `(${toSql(condition.condition, parameters, place)}) IS NOT TRUE`;
    case 'all':
      return join(condition.conditions, ' AND ', 'true', parameters, place);
    case 'any':
      return join(condition.conditions, ' OR ', 'false', parameters, place);
  }
}

function join(
  conditions: readonly Condition[],
  operator: string,
  none: string,
  parameters: Parameters,
  place: Place,
): string {
  if (conditions.length === 0) return none;
  return `(${conditions.map((condition) => toSql(condition, parameters, place)).join(operator)})`;
}
