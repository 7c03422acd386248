import { type InputPath, ReadoutError } from '../../base/errors.ts';
import type { Stance, StatementAct, StatementMode } from '../../db/generated/enums.ts';
import { parseDay } from '../../domain/input/date.ts';
import { SLUG_LENGTH_MAX } from '../../domain/input/slug.ts';
import { countConditions, simplify } from './simplification.ts';

/** Filters in one another. @limit levels */
export const FILTER_DEPTH_MAX = 5;
/** A list in a filter. @limit items */
export const FILTER_LIST_MAX = 100;
/**
 * Conditions of a filter, all levels together. Conditions that simplification removes or merges do not count.
 * @limit conditions
 */
export const FILTER_CONDITIONS_MAX = 120;
/** `search` of a filter. @limit characters */
export const SEARCH_LENGTH_MAX = 200;

/** `StatementFilter` of the schema, as a client sends it. */
export interface StatementFilterInput {
  readonly speakers?: readonly string[] | null;
  readonly addressees?: readonly string[] | null;
  readonly attributedTo?: readonly string[] | null;
  readonly topics?: readonly string[] | null;
  readonly sources?: readonly string[] | null;
  readonly events?: readonly string[] | null;
  readonly modes?: readonly StatementMode[] | null;
  readonly acts?: readonly StatementAct[] | null;
  readonly stances?: readonly Stance[] | null;
  readonly positions?: readonly { readonly topic: string; readonly stance: Stance }[] | null;
  readonly saidFrom?: string | null;
  readonly saidTo?: string | null;
  readonly search?: string | null;
  readonly includeSubtopics?: boolean | null;
  readonly includeRetracted?: boolean | null;
  readonly not?: StatementFilterInput | null;
  readonly any?: readonly StatementFilterInput[] | null;
}

/** A checked filter: a tree of conditions, simplified by `simplify`. */
export type Condition =
  | { readonly type: 'current' }
  | {
      readonly type: 'actors';
      readonly role: 'speaker' | 'addressee' | 'attributedTo';
      readonly slugs: readonly string[];
    }
  | { readonly type: 'topics'; readonly slugs: readonly string[]; readonly subtopics: boolean }
  | { readonly type: 'sources'; readonly slugs: readonly string[] }
  | { readonly type: 'events'; readonly slugs: readonly string[] }
  | { readonly type: 'modes'; readonly values: readonly StatementMode[] }
  | { readonly type: 'acts'; readonly values: readonly StatementAct[] }
  | { readonly type: 'stances'; readonly values: readonly Stance[] }
  | {
      readonly type: 'positions';
      readonly positions: readonly { readonly topic: string; readonly stance: Stance }[];
    }
  | { readonly type: 'saidFrom'; readonly day: string }
  | { readonly type: 'saidTo'; readonly day: string }
  | { readonly type: 'search'; readonly text: string }
  | { readonly type: 'not'; readonly condition: Condition }
  | { readonly type: 'all'; readonly conditions: readonly Condition[] }
  | { readonly type: 'any'; readonly conditions: readonly Condition[] };

function refuseLong(filter: StatementFilterInput, path: InputPath): void {
  for (const [name, value] of Object.entries(filter)) {
    if (Array.isArray(value) && value.length > FILTER_LIST_MAX) {
      throw new ReadoutError(
        'LIMIT_EXCEEDED',
        `“${name}” may have at most ${FILTER_LIST_MAX} items, and has ${value.length}.`,
        [...path, name],
        { limit: FILTER_LIST_MAX },
      );
    }
  }
}

function parseRange(filter: StatementFilterInput, path: InputPath): Condition[] {
  const from = filter.saidFrom == null ? null : parseDay(filter.saidFrom, [...path, 'saidFrom']);
  const to = filter.saidTo == null ? null : parseDay(filter.saidTo, [...path, 'saidTo']);
  if (from !== null && to !== null && to < from) {
    throw new ReadoutError(
      'INVALID_INPUT',
      `“saidTo” (${to}) lies before “saidFrom” (${from}). Exchange them.`,
      [...path, 'saidTo'],
    );
  }
  return [
    ...(from === null ? [] : [{ type: 'saidFrom', day: from } as const]),
    ...(to === null ? [] : [{ type: 'saidTo', day: to } as const]),
  ];
}

function parseSearch(search: string | null | undefined, path: InputPath): Condition[] {
  const text = search?.trim() ?? '';
  if (text.length > SEARCH_LENGTH_MAX) {
    throw new ReadoutError('LIMIT_EXCEEDED', `“search” may have at most ${SEARCH_LENGTH_MAX} characters.`, [
      ...path,
      'search',
    ]);
  }
  return text === '' ? [] : [{ type: 'search', text }];
}

/** Valid slugs. Others match nothing, and would take memory as long as the filter is kept. */
function possible(slugs: readonly string[]): readonly string[] {
  return slugs.some(({ length }) => length > SLUG_LENGTH_MAX)
    ? slugs.filter(({ length }) => length <= SLUG_LENGTH_MAX)
    : slugs;
}

function parseConditions(filter: StatementFilterInput, path: InputPath, depth: number): Condition {
  if (depth > FILTER_DEPTH_MAX) {
    throw new ReadoutError('LIMIT_EXCEEDED', `Filters may be nested ${FILTER_DEPTH_MAX} deep at most.`, path);
  }
  refuseLong(filter, path);
  const conditions: Condition[] = [];
  const roles = { speakers: 'speaker', addressees: 'addressee', attributedTo: 'attributedTo' } as const;
  for (const [name, role] of Object.entries(roles)) {
    const slugs = filter[name as keyof typeof roles];
    if (slugs != null) conditions.push({ type: 'actors', role, slugs: possible(slugs) });
  }
  if (filter.topics != null) {
    const slugs = possible(filter.topics);
    conditions.push({ type: 'topics', slugs, subtopics: filter.includeSubtopics ?? true });
  }
  if (filter.sources != null) conditions.push({ type: 'sources', slugs: possible(filter.sources) });
  if (filter.events != null) conditions.push({ type: 'events', slugs: possible(filter.events) });
  if (filter.modes != null) conditions.push({ type: 'modes', values: filter.modes });
  if (filter.acts != null) conditions.push({ type: 'acts', values: filter.acts });
  if (filter.stances != null) conditions.push({ type: 'stances', values: filter.stances });
  if (filter.positions != null) {
    const positions = filter.positions.filter(({ topic }) => topic.length <= SLUG_LENGTH_MAX);
    conditions.push({ type: 'positions', positions });
  }
  conditions.push(...parseRange(filter, path), ...parseSearch(filter.search, path));
  if (filter.not != null) {
    conditions.push({ type: 'not', condition: parseConditions(filter.not, [...path, 'not'], depth + 1) });
  }
  if (filter.any != null) {
    const any = filter.any.map((inner, i) => parseConditions(inner, [...path, 'any', i], depth + 1));
    conditions.push({ type: 'any', conditions: any });
  }
  return { type: 'all', conditions };
}

/**
 * Checks a filter and simplifies it. `includeRetracted` counts only on the outermost filter.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the field.
 */
export function parseFilter(
  filter: StatementFilterInput | null | undefined,
  path: InputPath = ['filter'],
): Condition {
  const given = filter ?? {};
  const parsed = parseConditions(given, path, 1);
  const condition = simplify(
    given.includeRetracted ? parsed : { type: 'all', conditions: [{ type: 'current' }, parsed] },
  );
  const conditions = countConditions(condition);
  if (conditions > FILTER_CONDITIONS_MAX) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `A filter may have at most ${FILTER_CONDITIONS_MAX} conditions, nested ones included, and has ${conditions}. Merge similar conditions into one list, or send several operations.`,
      path,
      { limit: FILTER_CONDITIONS_MAX },
    );
  }
  return condition;
}
