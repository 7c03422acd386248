import { type InputPath, ReadoutError } from '../../base/errors.ts';
import type { SlugNoun } from '../memory/unknownSlugs.ts';
import { type Condition, countConditions } from './condition.ts';
import { FILTER_LIST_MAX, type FieldPoints, type FilterField } from './conditions/kind/field.ts';
import { ALL_KINDS, type BasicInput, CONDITION_FIELDS } from './conditions/kinds.ts';
import { simplify } from './simplification.ts';

/** Filters in one another. @limit levels */
export const FILTER_DEPTH_MAX = 5;
/**
 * Conditions of a filter, all levels together. Conditions that simplification removes or merges do not count.
 * @limit conditions
 */
export const FILTER_CONDITIONS_MAX = 120;

/** `StatementFilter` of the schema, as a client sends it. */
export interface StatementFilterInput extends BasicInput {
  readonly not?: StatementFilterInput | null;
  readonly any?: readonly StatementFilterInput[] | null;
}

/** The fields that hold filters. */
export const NESTED_FIELDS: Readonly<
  Record<'not' | 'any', { readonly description: string; readonly points: FieldPoints }>
> = {
  not: { description: 'Does not match this filter.', points: { own: 20, each: 0 } },
  any: { description: 'Matches at least one of these filters.', points: { own: 20, each: 0 } },
};

function refuseLong(filter: StatementFilterInput, path: InputPath): void {
  for (const [name, value] of Object.entries(filter)) {
    if (Array.isArray(value) && value.length > FILTER_LIST_MAX) {
      throw new ReadoutError(
        'LIMIT_EXCEEDED',
        `“${name}” may have at most ${FILTER_LIST_MAX} items, and has ${value.length}.`,
        [...path, name],
        { limit: 'FILTER_LIST_MAX', max: FILTER_LIST_MAX },
      );
    }
  }
}

function parseConditions(filter: StatementFilterInput, path: InputPath, depth: number): Condition {
  if (depth > FILTER_DEPTH_MAX) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `Filters can be nested at most ${FILTER_DEPTH_MAX} levels deep.`,
      path,
      { limit: 'FILTER_DEPTH_MAX', max: FILTER_DEPTH_MAX },
    );
  }
  refuseLong(filter, path);
  const conditions: Condition[] = [];
  const position = { path, isOutermost: depth === 1 };
  for (const { parse } of ALL_KINDS) {
    for (const condition of parse(filter, position)) conditions.push(condition);
  }
  if (filter.not != null) {
    conditions.push({ type: 'not', condition: parseConditions(filter.not, [...path, 'not'], depth + 1) });
  }
  if (filter.any != null) {
    const any = filter.any.map((inner, i) => parseConditions(inner, [...path, 'any', i], depth + 1));
    conditions.push({ type: 'any', conditions: any });
  }
  return { type: 'all', conditions };
}

/** Receives a slug of a filter. */
type TakeSlug = (noun: SlugNoun, slug: string, path: InputPath) => void;

/** Passes each slug of a checked filter on, with its place. */
export function takeSlugs(filter: StatementFilterInput, path: InputPath, take: TakeSlug): void {
  for (const [name, value] of Object.entries(filter)) {
    if (value == null) continue;
    if (name === 'not') takeSlugs(value, [...path, name], take);
    else if (name === 'any') {
      (value as StatementFilterInput[]).forEach((inner, i) => {
        takeSlugs(inner, [...path, name, i], take);
      });
    } else takeSlugsOf(CONDITION_FIELDS[name], value, [...path, name], take);
  }
}

function takeSlugsOf(field: FilterField | undefined, values: unknown, path: InputPath, take: TakeSlug): void {
  if (!field || !Array.isArray(values)) return;
  const { slugsOf, type } = field;
  const parts = typeof type === 'object' ? Object.entries(type.fields) : [];
  for (const [i, value] of values.entries()) {
    if (slugsOf) take(slugsOf, value, [...path, i]);
    for (const [name, part] of parts)
      if (part.slugsOf && value[name] != null) take(part.slugsOf, value[name], [...path, i, name]);
  }
}

/**
 * Checks a filter and simplifies it.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the field.
 */
export function parseFilter(
  filter: StatementFilterInput | null | undefined,
  path: InputPath = ['filter'],
): Condition {
  const condition = simplify(parseConditions(filter ?? {}, path, 1));
  const conditions = countConditions(condition);
  if (conditions > FILTER_CONDITIONS_MAX) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `A filter may have at most ${FILTER_CONDITIONS_MAX} conditions, nested ones included, and has ${conditions}. Merge similar conditions into one list, or send several operations.`,
      path,
      { limit: 'FILTER_CONDITIONS_MAX', max: FILTER_CONDITIONS_MAX },
    );
  }
  return condition;
}
