import type { Stance, StatementAct, StatementMode } from '../db/generated/enums.ts';
import { parseDay } from '../domain/fuzzyDate.ts';
import { SLUG_LENGTH_MAX } from '../domain/slug.ts';
import { type InputPath, ReadoutError } from '../errors.ts';

export const FILTER_DEPTH_MAX = 5;
export const FILTER_LIST_MAX = 100;
/** Conditions of a filter and of those in it, together: what one SQL statement is made of. */
export const FILTER_CONDITIONS_MAX = 500;
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

/** A filter that was checked: a tree of conditions, slugs as given. */
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
  | { readonly type: 'position'; readonly topic: string; readonly stance: Stance }
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

/** Slugs that something can have. Others would only take memory for as long as the filter is kept. */
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
    const positions = filter.positions
      .filter(({ topic }) => topic.length <= SLUG_LENGTH_MAX)
      .map(({ topic, stance }) => ({ type: 'position', topic, stance }) as const);
    conditions.push({ type: 'any', conditions: positions });
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

function countConditions(condition: Condition): number {
  if ('condition' in condition) return 1 + countConditions(condition.condition);
  if (!('conditions' in condition)) return 1;
  return condition.conditions.reduce((count, inner) => count + countConditions(inner), 1);
}

/**
 * Checks a filter. `includeRetracted` counts only on the outermost filter.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the field.
 */
export function parseFilter(
  filter: StatementFilterInput | null | undefined,
  path: InputPath = ['filter'],
): Condition {
  const given = filter ?? {};
  const condition = parseConditions(given, path, 1);
  if (countConditions(condition) > FILTER_CONDITIONS_MAX) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `A filter may have at most ${FILTER_CONDITIONS_MAX} conditions, those nested in it included. Ask in several operations.`,
      path,
      { limit: FILTER_CONDITIONS_MAX },
    );
  }
  return given.includeRetracted ? condition : { type: 'all', conditions: [{ type: 'current' }, condition] };
}
