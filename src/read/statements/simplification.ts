import { isSlug } from '../../domain/input/slug.ts';
import type { Condition } from './filter.ts';

/** The condition that every statement meets. */
export const ALWAYS: Condition = { type: 'all', conditions: [] };
/** The condition that no statement meets. */
export const NEVER: Condition = { type: 'any', conditions: [] };

/** Whether no statement meets a simplified condition, so that there is nothing to read. */
export function isNever(condition: Condition): boolean {
  return condition.type === 'any' && condition.conditions.length === 0;
}

/** The order of conditions in a combination, so that the SQL does not depend on the client's order. */
const ORDER: Readonly<Record<Condition['type'], number>> = {
  current: 0,
  events: 1,
  sources: 2,
  actors: 3,
  topics: 4,
  stances: 5,
  acts: 6,
  modes: 7,
  positions: 8,
  saidFrom: 9,
  saidTo: 10,
  search: 11,
  not: 12,
  all: 13,
  any: 14,
};

/**
 * A shorter condition that the same statements meet. It flattens nested combinations of one type, merges alternatives of the
 * same field into one list, and removes conditions that are repeated, never met or always met.
 */
export function simplify(condition: Condition): Condition {
  switch (condition.type) {
    case 'actors':
    case 'topics':
    case 'sources':
    case 'events':
      return withItems(condition, condition.slugs.filter(isSlug));
    case 'positions':
      return withItems(
        condition,
        condition.positions.filter(({ topic }) => isSlug(topic)),
      );
    case 'modes':
    case 'acts':
    case 'stances':
      return withItems(condition, condition.values);
    case 'not':
      return negate(simplify(condition.condition));
    case 'all':
    case 'any':
      return combine(condition.type, condition.conditions.map(simplify));
    default:
      return condition;
  }
}

function negate(condition: Condition): Condition {
  if (condition.type === 'not') return condition.condition;
  if (isEmpty(condition)) return condition.type === 'all' ? NEVER : ALWAYS;
  return { type: 'not', condition };
}

const isEmpty = (condition: Condition): boolean =>
  'conditions' in condition && condition.conditions.length === 0;

function combine(type: 'all' | 'any', given: readonly Condition[]): Condition {
  const flat = given.flatMap((inner) => (inner.type === type ? inner.conditions : [inner]));
  // An empty combination that is left has the other type: NEVER in `all`, ALWAYS in `any`.
  const decisive = flat.find(isEmpty);
  if (decisive) return decisive;
  const merged = type === 'any' ? mergeLists(flat) : flat;
  const types = new Set(merged.map((inner) => inner.type));
  const distinct = types.size === merged.length ? [...merged] : inOrder(merged);
  const conditions = distinct.sort((a, b) => ORDER[a.type] - ORDER[b.type]);
  return conditions.length === 1 ? (conditions[0] as Condition) : { type, conditions };
}

/** Merges alternatives that are lists of the same field. */
function mergeLists(alternatives: readonly Condition[]): Condition[] {
  const lists = new Map<string, Condition[]>();
  const others: Condition[] = [];
  for (const condition of alternatives) {
    const name = listOf(condition);
    if (name === null) others.push(condition);
    else {
      const sameKind = JSON.stringify({ ...condition, [name]: [] });
      lists.set(sameKind, [...(lists.get(sameKind) ?? []), condition]);
    }
  }
  return [
    ...others,
    ...[...lists.values()].map((same) => withItems(same[0] as Condition, same.flatMap(itemsOf))),
  ];
}

/** The field with the list of a condition; null for a condition without a list. */
function listOf(condition: Condition): 'slugs' | 'values' | 'positions' | null {
  return (['slugs', 'values', 'positions'] as const).find((name) => name in condition) ?? null;
}

function itemsOf(condition: Condition): readonly unknown[] {
  const name = listOf(condition);
  return name === null ? [] : ((condition as unknown as Record<string, readonly unknown[]>)[name] ?? []);
}

/** A condition with another list. An empty list is never met. */
function withItems(condition: Condition, items: readonly unknown[]): Condition {
  const name = listOf(condition);
  if (items.length === 0 || name === null) return NEVER;
  return { ...condition, [name]: inOrder(items) } as Condition;
}

/** The distinct items, sorted, so that the client's order makes no difference. */
function inOrder<T>(items: readonly T[]): T[] {
  if (items.length < 2) return [...items];
  const byText = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...byText.keys()].sort().map((text) => byText.get(text) as T);
}

/** Number of conditions, nested ones included. It determines their memory and planning cost in PostgreSQL. */
export function countConditions(condition: Condition): number {
  if ('condition' in condition) return 1 + countConditions(condition.condition);
  if (!('conditions' in condition)) return 1;
  return condition.conditions.reduce((sum, inner) => sum + countConditions(inner), 1);
}
