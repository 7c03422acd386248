import { SEARCH_WORDS_MAX } from '../../read/names.ts';
import { LIST_OFFSET_MAX } from '../../read/slice.ts';
import type { StatementFilterInput } from '../../read/statements/filter.ts';

/** Points of a condition, even with an empty list, and of each of its values. */
interface ConditionCost {
  readonly own: number;
  readonly each: number;
}

const LIST: ConditionCost = { own: 100, each: 6 };
/** Each value needs its own look-up. */
const LOOKUPS: ConditionCost = { own: 100, each: 60 };

/** The price of each condition of a filter, for each list that it is applied to. Conditions in `not` and `any` count like others. */
export const CONDITION_COSTS: Readonly<Record<keyof StatementFilterInput, ConditionCost>> = {
  speakers: LIST,
  addressees: LIST,
  attributedTo: LIST,
  topics: LIST,
  sources: LIST,
  events: LIST,
  modes: LIST,
  acts: LIST,
  stances: LIST,
  positions: LOOKUPS,
  saidFrom: { own: 100, each: 0 },
  saidTo: { own: 50, each: 0 },
  search: { own: 200, each: 0 },
  includeSubtopics: { own: 1, each: 0 },
  includeRetracted: { own: 1, each: 0 },
  not: { own: 20, each: 0 },
  any: { own: 20, each: 0 },
};

/** Ordering by relevance ranks everything that matches. */
const RELEVANCE_POINTS = 500;
/** Searching for a name, and for each of its words where it is misspelt. */
const NAME_SEARCH_POINTS = 1_000;
const NAME_WORD_POINTS = 500;
const NAME_SEARCHES: ReadonlySet<string> = new Set(['Query.actors', 'Query.topics']);
/** Checking a statement of `recordStatements`. */
const RECORDED_POINTS = 60;
/** Items that `offset` skips, for a point: PostgreSQL reads 9,900 links in 2.7 ms. */
const SKIPPED_PER_POINT = 4;
/** A value in any other list. */
const VALUE_POINTS = 5;

type Arguments = Readonly<Record<string, unknown>>;

/**
 * Points of the arguments of a field, for each parent that it is read for.
 * @param path type and field.
 */
export function argumentPoints(path: string, given: Arguments): number {
  return Object.entries(given).reduce((points, [name, value]) => points + pointsOf(path, name, value), 0);
}

function pointsOf(path: string, name: string, value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (name === 'filter') return filterPoints(value);
  if (name === 'offset')
    return Math.ceil(Math.max(0, Math.min(Number(value) || 0, LIST_OFFSET_MAX)) / SKIPPED_PER_POINT);
  if (name === 'orderBy') return value === 'RELEVANCE' ? RELEVANCE_POINTS : 0;
  if (name === 'search' && NAME_SEARCHES.has(path)) return nameSearchPoints(String(value));
  if (!Array.isArray(value)) return 0;
  return value.length * (path === 'Mutation.recordStatements' ? RECORDED_POINTS : VALUE_POINTS);
}

function nameSearchPoints(text: string): number {
  const words = text
    .trim()
    .split(/[\s\p{P}]+/u)
    .filter(Boolean).length;
  return NAME_SEARCH_POINTS + Math.min(words, SEARCH_WORDS_MAX) * NAME_WORD_POINTS;
}

/** Points of a filter and of the filters in it. A value that is no filter is refused later. */
function filterPoints(filter: unknown): number {
  if (typeof filter !== 'object' || filter === null) return 0;
  let points = 0;
  for (const [name, value] of Object.entries(filter)) {
    if (value === null || value === undefined || !Object.hasOwn(CONDITION_COSTS, name)) continue;
    const cost = CONDITION_COSTS[name as keyof StatementFilterInput];
    const values = Array.isArray(value) ? value : [value];
    points += cost.own + values.length * cost.each;
    if (name === 'not' || name === 'any') for (const inner of values) points += filterPoints(inner);
  }
  return points;
}
