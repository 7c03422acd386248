import type { Parameters } from './sql.ts';
import { type Condition, topicIdsSql } from './statementFilter.ts';

/** What a list hangs on: an actor, a source, an event, a topic with everything below it, or a topic alone. */
export type Parent = 'actor' | 'topic' | 'topicAlone' | 'source' | 'event';

/**
 * Where a list ordered by date is read from: a join table that carries the date, so that its index gives the newest
 * statements of an actor or topic without a look at the others. `ids` is SQL for the ids to look under.
 */
export interface Driver {
  readonly table: string;
  readonly column: string;
  readonly ids: string;
}

const ROLE_TABLES = {
  speaker: 'statement_speaker',
  addressee: 'statement_addressee',
  attributedTo: 'attribution',
} as const;

const SUBTREE_OF_PARENT = `WITH RECURSIVE subtree AS (
    SELECT p.id UNION SELECT topic.id FROM topic JOIN subtree ON topic.parent_id = subtree.id)
  SELECT id FROM subtree`;

/** The parent `p` as a driver; null for a source, which the statement itself refers to. */
export function driverOfParent(parent: Parent): Driver | null {
  switch (parent) {
    case 'actor':
      return { table: 'statement_speaker', column: 'actor_id', ids: 'SELECT p.id' };
    case 'event':
      return { table: 'statement_event', column: 'event_id', ids: 'SELECT p.id' };
    case 'topicAlone':
      return { table: 'statement_topic', column: 'topic_id', ids: 'SELECT p.id' };
    case 'topic':
      return { table: 'statement_topic', column: 'topic_id', ids: SUBTREE_OF_PARENT };
    case 'source':
      return null;
  }
}

/** Conditions that everything in the list must meet. */
function required(condition: Condition): Condition[] {
  return condition.type === 'all' ? condition.conditions.flatMap(required) : [condition];
}

/** How few statements a condition usually leaves: the smaller, the better it drives. */
const SELECTIVITY: Partial<Record<Condition['type'], number>> = { events: 1, actors: 2, topics: 3 };

/** The condition that drives best, if any does, and its driver. */
export function driverOf(
  condition: Condition,
  parameters: Parameters,
): { condition: Condition; driver: Driver } | null {
  const [best] = required(condition)
    .filter(({ type }) => SELECTIVITY[type] !== undefined)
    .sort((a, b) => (SELECTIVITY[a.type] as number) - (SELECTIVITY[b.type] as number));
  switch (best?.type) {
    case 'events': {
      const ids = `SELECT id FROM event WHERE slug = ANY (${parameters.add(best.slugs)}::text[])`;
      return { condition: best, driver: { table: 'statement_event', column: 'event_id', ids } };
    }
    case 'actors': {
      const ids = `SELECT id FROM actor WHERE slug = ANY (${parameters.add(best.slugs)}::text[])`;
      return { condition: best, driver: { table: ROLE_TABLES[best.role], column: 'actor_id', ids } };
    }
    case 'topics': {
      const ids = topicIdsSql(best, parameters);
      return { condition: best, driver: { table: 'statement_topic', column: 'topic_id', ids } };
    }
    default:
      return null;
  }
}

/** The condition without one of its parts, which the driver takes care of. */
export function without(condition: Condition, part: Condition): Condition {
  if (condition.type !== 'all') return condition;
  const conditions = condition.conditions.filter((inner) => inner !== part);
  return { type: 'all', conditions: conditions.map((inner) => without(inner, part)) };
}

/**
 * A bound on the first day of a statement that the condition implies, so that an index scan need not go on to the
 * beginning of the record: a statement that can have been said on `from` or later begins on it, or is one of the few
 * that span it.
 */
export function earliestBound(condition: Condition, column: string, parameters: Parameters): string[] {
  return required(condition).flatMap((part) => {
    if (part.type === 'saidTo') return [`${column} <= ${parameters.add(part.day)}::date`];
    if (part.type !== 'saidFrom') return [];
    const from = `${parameters.add(part.day)}::date`;
    return [
      `${column} >= coalesce((SELECT min(said_earliest) FROM statement WHERE said_latest > said_earliest
        AND daterange(said_earliest, said_latest, '[]') @> ${from}), ${from})`,
    ];
  });
}
