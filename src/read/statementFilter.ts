import type { Stance, StatementAct, StatementMode } from '../db/generated/enums.ts';
import { parseDay } from '../domain/fuzzyDate.ts';
import { type InputPath, ReadoutError } from '../errors.ts';
import type { Parameters } from './sql.ts';

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

function parseConditions(filter: StatementFilterInput, path: InputPath, depth: number): Condition {
  if (depth > FILTER_DEPTH_MAX) {
    throw new ReadoutError('LIMIT_EXCEEDED', `Filters may be nested ${FILTER_DEPTH_MAX} deep at most.`, path);
  }
  refuseLong(filter, path);
  const conditions: Condition[] = [];
  const roles = { speakers: 'speaker', addressees: 'addressee', attributedTo: 'attributedTo' } as const;
  for (const [name, role] of Object.entries(roles)) {
    const slugs = filter[name as keyof typeof roles];
    if (slugs != null) conditions.push({ type: 'actors', role, slugs });
  }
  if (filter.topics != null) {
    conditions.push({ type: 'topics', slugs: filter.topics, subtopics: filter.includeSubtopics ?? true });
  }
  if (filter.sources != null) conditions.push({ type: 'sources', slugs: filter.sources });
  if (filter.events != null) conditions.push({ type: 'events', slugs: filter.events });
  if (filter.modes != null) conditions.push({ type: 'modes', values: filter.modes });
  if (filter.acts != null) conditions.push({ type: 'acts', values: filter.acts });
  if (filter.stances != null) conditions.push({ type: 'stances', values: filter.stances });
  if (filter.positions != null) {
    const positions = filter.positions.map(
      ({ topic, stance }) => ({ type: 'position', topic, stance }) as const,
    );
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

const SUBTREE = (slugs: string) => `
  WITH RECURSIVE subtree AS (
    SELECT id FROM topic WHERE slug = ANY (${slugs}::text[])
    UNION SELECT topic.id FROM topic JOIN subtree ON topic.parent_id = subtree.id)
  SELECT id FROM subtree`;
const JOINS = {
  speaker: 'statement_speaker',
  addressee: 'statement_addressee',
  attributedTo: 'attribution',
} as const;

/** SQL for the ids of the topics that a condition names, with those below them unless it says otherwise. */
export function topicIdsSql(
  condition: { readonly slugs: readonly string[]; readonly subtopics: boolean },
  parameters: Parameters,
): string {
  const slugs = parameters.add(condition.slugs);
  return condition.subtopics ? SUBTREE(slugs) : `SELECT id FROM topic WHERE slug = ANY (${slugs}::text[])`;
}

/** Where SQL finds a statement: its id, and the row that has its dates and status. */
export interface Place {
  readonly id: string;
  readonly row: string;
}

/** The statement itself; what no join table carries is looked up there under the same name. */
export const STATEMENT: Place = { id: 's.id', row: 's' };

/** Whether the condition asks for what only the statement itself has. */
export function needsStatement(condition: Condition): boolean {
  if ('condition' in condition) return needsStatement(condition.condition);
  if ('conditions' in condition) return condition.conditions.some(needsStatement);
  return ['sources', 'modes', 'acts', 'search'].includes(condition.type);
}

/** The condition as SQL over the statement at `place`, and over the statement `s` where it `needsStatement`. */
export function toSql(condition: Condition, parameters: Parameters, place: Place = STATEMENT): string {
  const add = (value: unknown) => parameters.add(value);
  const { id, row } = place;
  switch (condition.type) {
    case 'current':
      return `${row}.status = 'CURRENT'`;
    case 'actors':
      return `EXISTS (SELECT FROM ${JOINS[condition.role]} x WHERE x.statement_id = ${id}
        AND x.actor_id IN (SELECT id FROM actor WHERE slug = ANY (${add(condition.slugs)}::text[])))`;
    case 'topics':
      return `EXISTS (SELECT FROM statement_topic x WHERE x.statement_id = ${id}
        AND x.topic_id IN (${topicIdsSql(condition, parameters)}))`;
    case 'sources':
      return `s.source_id IN (SELECT id FROM source WHERE slug = ANY (${add(condition.slugs)}::text[]))`;
    case 'events':
      return `EXISTS (SELECT FROM statement_event x WHERE x.statement_id = ${id}
        AND x.event_id IN (SELECT id FROM event WHERE slug = ANY (${add(condition.slugs)}::text[])))`;
    case 'modes':
      return `s.mode = ANY (${add(condition.values)}::statement_mode[])`;
    case 'acts':
      return `s.act = ANY (${add(condition.values)}::statement_act[])`;
    case 'stances':
      return `EXISTS (SELECT FROM statement_topic x WHERE x.statement_id = ${id}
        AND x.stance = ANY (${add(condition.values)}::stance[]))`;
    case 'position':
      return `EXISTS (SELECT FROM statement_topic x WHERE x.statement_id = ${id} AND x.stance = ${add(condition.stance)}::stance
        AND x.topic_id = (SELECT id FROM topic WHERE slug = ${add(condition.topic)}))`;
    case 'saidFrom':
      return `${row}.said_latest >= ${add(condition.day)}::date`;
    case 'saidTo':
      return `${row}.said_earliest <= ${add(condition.day)}::date`;
    case 'search':
      return `s.search @@ websearch_to_tsquery('readout_english', ${add(condition.text)})`;
    case 'not':
      return `NOT (${toSql(condition.condition, parameters, place)})`;
    case 'all':
      return join(condition.conditions, ' AND ', 'true', parameters, place);
    case 'any':
      return join(condition.conditions, ' OR ', 'false', parameters, place);
  }
}

function join(
  conditions: readonly Condition[],
  operator: string,
  none: string,
  parameters: Parameters,
  place: Place,
): string {
  if (conditions.length === 0) return none;
  return `(${conditions.map((condition) => toSql(condition, parameters, place)).join(operator)})`;
}
