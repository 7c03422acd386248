import type { SqlParameters } from '../sql.ts';
import {
  basicConditions,
  type Combination,
  type Condition,
  countConditions,
  isCombination,
} from './condition.ts';
import { type SqlAlias, type SqlContext, STATEMENT } from './conditions/kind/sql.ts';
import { kindOf } from './conditions/kinds.ts';

/** Whether the SQL of a condition reads the statement itself, beside the row that has its dates and status. */
export function needsStatement(condition: Condition): boolean {
  return basicConditions(condition).some((basic) => kindOf(basic).needsStatement);
}

/** Whether PostgreSQL chooses how to read a list with this condition, for its values. */
function isPlannedByValues(condition: Condition): boolean {
  return basicConditions(condition).some((basic) => kindOf(basic).driving === 'planner');
}

/** More conditions than this are rare and have many shapes. */
const PLAIN_CONDITIONS_MAX = 6;

/**
 * When to plan. A few different conditions that must all be met have few shapes, each worth a cached plan. Trees of conditions
 * have any number of shapes. A search is planned for its words, because rare words are best looked up first.
 */
export function planned(condition: Condition): 'once' | 'each run' {
  const parts = condition.type === 'all' ? condition.conditions : [condition];
  if (parts.length > PLAIN_CONDITIONS_MAX || isPlannedByValues(condition)) return 'each run';
  const shapes = new Set<string>();
  for (const part of parts) {
    if (isCombination(part)) return 'each run';
    shapes.add(kindOf(part).variantOf?.(part) ?? part.type);
  }
  return shapes.size === parts.length ? 'once' : 'each run';
}

/**
 * Up to this many conditions, PostgreSQL evaluates each by itself, and may hold all statements that meet one in memory. With
 * more conditions, the lists of a statement are read once for all of them, so that their number takes no memory.
 */
const SEPARATE_CONDITIONS_MAX = 10;

/** The condition as SQL over the statement at `alias`, and over the statement `s` where it `needsStatement`. */
export function toSql(condition: Condition, parameters: SqlParameters, alias: SqlAlias = STATEMENT): string {
  const together = countConditions(condition) > SEPARATE_CONDITIONS_MAX;
  return sqlOf(condition, { parameters, alias, isRequired: true, together, own: null });
}

/** A tree of conditions that reads the lists of the statement once. */
function treeSql(condition: Combination, context: SqlContext): string {
  if (!context.together || context.own) return partsSql(condition, context);
  const own = new Map<string, string>();
  const sql = partsSql(condition, { ...context, own });
  // Without OFFSET 0, PostgreSQL would read the lists at each condition.
  return own.size === 0
    ? sql
    : `(SELECT ${sql} FROM (SELECT ${[...own.values()].join(', ')} OFFSET 0) AS own)`;
}

function sqlOf(condition: Condition, context: SqlContext): string {
  if (!isCombination(condition)) return kindOf(condition).sql(condition, context);
  return condition.type === 'all'
    ? partsSql(condition, context)
    : treeSql(condition, { ...context, isRequired: false });
}

/** A condition that combines others. */
function partsSql(condition: Combination, context: SqlContext): string {
  // IS NOT TRUE instead of NOT, which PostgreSQL turns into a join over the whole record before the first row of a page.
  if (condition.type === 'not') return `(${sqlOf(condition.condition, context)}) IS NOT TRUE`;
  if (condition.conditions.length === 0) return condition.type === 'all' ? 'true' : 'false';
  const parts = condition.conditions.map((inner) => sqlOf(inner, context));
  return `(${parts.join(condition.type === 'all' ? ' AND ' : ' OR ')})`;
}
