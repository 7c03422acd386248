import { isSlug } from '../domain/slug.ts';
import type { Condition } from './statementFilter.ts';

/** The condition that every statement meets. */
export const ALWAYS: Condition = { type: 'all', conditions: [] };
/** The condition that no statement meets. */
export const NEVER: Condition = { type: 'any', conditions: [] };

/** Whether a simplified condition is met by no statement, so that there is nothing to read. */
export function isNever(condition: Condition): boolean {
  return condition.type === 'any' && condition.conditions.length === 0;
}

/** The order of conditions in a combination, so that the order in which a client names them makes no other SQL. */
const ORDER: Readonly<Record<Condition['type'], number>> = {
  current: 0,
  events: 1,
  sources: 2,
  actors: 3,
  topics: 4,
  stances: 5,
  acts: 6,
  modes: 7,
  position: 8,
  saidFrom: 9,
  saidTo: 10,
  search: 11,
  not: 12,
  all: 13,
  any: 14,
};

/**
 * The shortest condition that the same statements meet. Nested combinations of one type are one, alternatives that ask
 * for the same in lists are one list, and what is repeated, can't be met or is always met is gone.
 */
export function simplify(condition: Condition): Condition {
  switch (condition.type) {
    case 'actors':
    case 'topics':
    case 'sources':
    case 'events': {
      const slugs = inOrder(condition.slugs.filter(isSlug));
      return slugs.length === 0 ? NEVER : { ...condition, slugs };
    }
    case 'modes':
    case 'acts':
    case 'stances':
      return condition.values.length === 0 ? NEVER : withItems(condition, condition.values);
    case 'position':
      return isSlug(condition.topic) ? condition : NEVER;
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
  if ('conditions' in condition && condition.conditions.length === 0)
    return condition.type === 'all' ? NEVER : ALWAYS;
  return { type: 'not', condition };
}

function combine(type: 'all' | 'any', given: readonly Condition[]): Condition {
  const flat = given.flatMap((inner) => (inner.type === type ? inner.conditions : [inner]));
  // What is left of empty combinations is of the other type: NEVER among `all`, ALWAYS among `any`.
  const decisive = flat.find((inner) => 'conditions' in inner && inner.conditions.length === 0);
  if (decisive) return decisive;
  const merged = type === 'any' ? mergeLists(flat) : flat;
  const byText = new Map(
    merged.map((inner) => [`${ORDER[inner.type] + 10} ${JSON.stringify(inner)}`, inner]),
  );
  const conditions = inOrder([...byText.keys()]).map((text) => byText.get(text) as Condition);
  return conditions.length === 1 ? (conditions[0] as Condition) : { type, conditions };
}

/** Alternatives, those that ask for one of a list in the same way as one condition. */
function mergeLists(alternatives: readonly Condition[]): Condition[] {
  const lists = new Map<string, Condition>();
  const others: Condition[] = [];
  for (const condition of alternatives) {
    const items = itemsOf(condition);
    if (items === null) others.push(condition);
    else {
      const sameKind = JSON.stringify(withItems(condition, []));
      const known = lists.get(sameKind);
      lists.set(sameKind, known ? withItems(condition, [...(itemsOf(known) ?? []), ...items]) : condition);
    }
  }
  return [...others, ...lists.values()];
}

/** Of which a statement must have one; null for a condition that is no list. */
function itemsOf(condition: Condition): readonly string[] | null {
  if ('slugs' in condition) return condition.slugs;
  return 'values' in condition ? condition.values : null;
}

function withItems(condition: Condition, items: readonly string[]): Condition {
  const name = 'slugs' in condition ? 'slugs' : 'values';
  return { ...condition, [name]: inOrder(items) } as Condition;
}

const inOrder = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** What a condition is made of: what keeping it costs, and what its SQL costs to plan. */
export interface ConditionSize {
  /** Conditions, those in it included. */
  readonly conditions: number;
  /** Characters of all its slugs, values, days and words. */
  readonly characters: number;
}

export function sizeOf(condition: Condition): ConditionSize {
  const inner = 'conditions' in condition ? condition.conditions : [];
  const sizes = ('condition' in condition ? [condition.condition] : inner).map(sizeOf);
  const own = [
    ...(itemsOf(condition) ?? []),
    ...('topic' in condition ? [condition.topic, condition.stance] : []),
    ...('day' in condition ? [condition.day] : []),
    ...('text' in condition ? [condition.text] : []),
  ];
  return {
    conditions: sizes.reduce((sum, { conditions }) => sum + conditions, 1),
    characters: sizes.reduce(
      (sum, { characters }) => sum + characters,
      own.reduce((sum, text) => sum + text.length, 0),
    ),
  };
}
