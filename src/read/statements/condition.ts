import type { BasicCondition } from './conditions/kinds.ts';

/** A checked filter: a tree of conditions. `not`, `all` and `any` combine those of the kinds in `conditions/`. */
export type Condition = BasicCondition | Combination;
export type Combination =
  | { readonly type: 'not'; readonly condition: Condition }
  | { readonly type: 'all'; readonly conditions: readonly Condition[] }
  | { readonly type: 'any'; readonly conditions: readonly Condition[] };

/** The condition that every statement meets. */
export const ALWAYS: Condition = { type: 'all', conditions: [] };
/** The condition that no statement meets. */
export const NEVER: Condition = { type: 'any', conditions: [] };

/** Whether no statement meets a simplified condition, so that there is nothing to read. */
export function isNever(condition: Condition): boolean {
  return condition.type === 'any' && condition.conditions.length === 0;
}

export function isCombination(condition: Condition): condition is Combination {
  return condition.type === 'all' || condition.type === 'any' || condition.type === 'not';
}

/** The conditions of kinds in a tree, however deep. */
export function basicConditions(condition: Condition): readonly BasicCondition[] {
  if (!isCombination(condition)) return [condition];
  if (condition.type === 'not') return basicConditions(condition.condition);
  return condition.conditions.flatMap(basicConditions);
}

/** Number of conditions, nested ones included. It determines their memory and planning cost in PostgreSQL. */
export function countConditions(condition: Condition): number {
  if (!isCombination(condition)) return 1;
  if (condition.type === 'not') return 1 + countConditions(condition.condition);
  return condition.conditions.reduce((sum, inner) => sum + countConditions(inner), 1);
}
