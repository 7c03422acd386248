import { SEARCH_WORDS_MAX } from '../../read/names.ts';
import type { FieldPoints } from '../../read/statements/conditions/kind/field.ts';
import { CONDITION_FIELDS } from '../../read/statements/conditions/kinds.ts';
import { NESTED_FIELDS } from '../../read/statements/filter.ts';
import { CHECKED_ENTRY_POINTS } from './prices.ts';

/** Points of each field of a filter. Fields in `not` and `any` count like others. */
const FILTER_POINTS: ReadonlyMap<string, FieldPoints> = new Map(
  Object.entries({ ...CONDITION_FIELDS, ...NESTED_FIELDS }).map(([name, { points }]) => [name, points]),
);

/** Ordering by relevance ranks everything that matches. */
const RELEVANCE_POINTS = 500;
/** Searching for a name, and for each of its words where it is misspelt. */
const NAME_SEARCH_POINTS = 1_000;
const NAME_WORD_POINTS = 500;
const NAME_SEARCHES: ReadonlySet<string> = new Set([
  'Query.actors',
  'Query.topics',
  'Query.events',
  'Query.sources',
]);
const WRITTEN_LISTS: ReadonlySet<string> = new Set([
  'Mutation.recordStatements',
  'Mutation.saveActors',
  'Mutation.saveTopics',
  'Mutation.saveSources',
  'Mutation.saveEvents',
]);
/** Looking up an entry by another argument than its slug, which is usually cached. */
const LOOKUP_POINTS = 300;
const LOOKUPS: ReadonlySet<string> = new Set([
  'Query.source url',
  'Query.source digest',
  'Query.actor identifier',
  'Query.topic identifier',
  'Query.source identifier',
]);
/** A value in any other list. */
const VALUE_POINTS = 5;

type Arguments = Readonly<Record<string, unknown>>;

/**
 * Points of the arguments of a field, which one SQL statement reads for all parents. What it takes longer for many parents is charged by
 * its time at settlement.
 * @param path type and field.
 */
export function argumentPoints(path: string, given: Arguments): number {
  return Object.entries(given).reduce((points, [name, value]) => points + pointsOf(path, name, value), 0);
}

function pointsOf(path: string, name: string, value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (name === 'filter') return filterPoints(value);
  if (name === 'orderBy') return value === 'RELEVANCE' ? RELEVANCE_POINTS : 0;
  if (name === 'search' && NAME_SEARCHES.has(path)) return nameSearchPoints(String(value));
  if (LOOKUPS.has(`${path} ${name}`)) return LOOKUP_POINTS;
  if (!Array.isArray(value)) return 0;
  return value.length * (WRITTEN_LISTS.has(path) ? CHECKED_ENTRY_POINTS : VALUE_POINTS);
}

function nameSearchPoints(text: string): number {
  const words = text
    .trim()
    .split(/[\s\p{P}]+/u)
    .filter(Boolean).length;
  return NAME_SEARCH_POINTS + Math.min(words, SEARCH_WORDS_MAX) * NAME_WORD_POINTS;
}

/** Points of a filter and of the filters in it. A value that is not a filter is refused later. */
function filterPoints(filter: unknown): number {
  if (typeof filter !== 'object' || filter === null) return 0;
  let points = 0;
  for (const [name, value] of Object.entries(filter)) {
    const price = FILTER_POINTS.get(name);
    if (value === null || value === undefined || !price) continue;
    const values = Array.isArray(value) ? value : [value];
    points += price.own + values.length * price.each;
    if (name in NESTED_FIELDS) for (const inner of values) points += filterPoints(inner);
  }
  return points;
}
