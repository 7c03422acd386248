import { ALWAYS, type Condition, isCombination, NEVER } from './condition.ts';
import { ALL_KINDS, type BasicCondition, kindOf } from './conditions/kinds.ts';

/** The order of conditions in a combination, so that the SQL does not depend on the client's order. */
const ORDER: ReadonlyMap<string, number> = new Map(
  [...ALL_KINDS.map(({ type }) => type), 'not', 'all', 'any'].map((type, i) => [type, i]),
);
const orderOf = ({ type }: Condition): number => ORDER.get(type) as number;

/**
 * A shorter condition that the same statements meet. It flattens nested combinations of one type, merges alternatives of the
 * same field into one list, and removes conditions that are repeated, never met or always met. Example: `any` of
 * `{ speakers: [b] }` and `{ speakers: [a, b] }` becomes `{ speakers: [a, b] }`.
 */
export function simplify(condition: Condition): Condition {
  if (!isCombination(condition)) return simplifyBasic(condition);
  if (condition.type === 'not') return negate(simplify(condition.condition));
  return combine(condition.type, condition.conditions.map(simplify));
}

function simplifyBasic(condition: BasicCondition): Condition {
  const { list } = kindOf(condition);
  if (!list) return condition;
  const items = itemsOf(condition, list.name);
  return withItems(condition, list.name, list.isPossible ? items.filter(list.isPossible) : items);
}

function negate(condition: Condition): Condition {
  if (condition.type === 'not') return condition.condition;
  if (isEmpty(condition)) return condition.type === 'all' ? NEVER : ALWAYS;
  return { type: 'not', condition };
}

const isEmpty = (condition: Condition): boolean =>
  (condition.type === 'all' || condition.type === 'any') && condition.conditions.length === 0;

function combine(type: 'all' | 'any', given: readonly Condition[]): Condition {
  const flat = given.flatMap((inner) => (inner.type === type ? inner.conditions : [inner]));
  // An empty combination that is left has the other type: NEVER in `all`, ALWAYS in `any`.
  const decisive = flat.find(isEmpty);
  if (decisive) return decisive;
  const merged = type === 'any' ? mergeLists(flat) : flat;
  const types = new Set(merged.map((inner) => inner.type));
  const distinct = types.size === merged.length ? [...merged] : inOrder(merged);
  const conditions = distinct.sort((a, b) => orderOf(a) - orderOf(b));
  return conditions.length === 1 ? (conditions[0] as Condition) : { type, conditions };
}

/** Merges alternatives that differ only in their lists. */
function mergeLists(alternatives: readonly Condition[]): Condition[] {
  const alike = new Map<string, { list: string; conditions: BasicCondition[] }>();
  const others: Condition[] = [];
  for (const condition of alternatives) {
    const list = isCombination(condition) ? undefined : kindOf(condition).list?.name;
    if (isCombination(condition) || list === undefined) {
      others.push(condition);
      continue;
    }
    const key = JSON.stringify({ ...condition, [list]: [] });
    const known = alike.get(key);
    if (known) known.conditions.push(condition);
    else alike.set(key, { list, conditions: [condition] });
  }
  const merged = [...alike.values()].map(({ list, conditions }) =>
    withItems(
      conditions[0] as BasicCondition,
      list,
      conditions.flatMap((condition) => itemsOf(condition, list)),
    ),
  );
  return [...others, ...merged];
}

const itemsOf = (condition: BasicCondition, list: string): readonly never[] =>
  (condition as unknown as Readonly<Record<string, readonly never[]>>)[list] ?? [];

/** A condition with another list. An empty list is never met. */
function withItems(condition: BasicCondition, list: string, items: readonly unknown[]): Condition {
  if (items.length === 0) return NEVER;
  return { ...condition, [list]: inOrder(items) };
}

/** The distinct items, sorted, so that the client's order makes no difference. */
function inOrder<T>(items: readonly T[]): T[] {
  if (items.length < 2) return [...items];
  const byText = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...byText.keys()].sort().map((text) => byText.get(text) as T);
}
