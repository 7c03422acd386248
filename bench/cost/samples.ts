import {
  type GraphQLInputField,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
} from 'graphql';
import { encodeCursor } from '../../src/read/page.ts';

/** Numbers of values in a list. */
export const COUNTS = [1, 10, 100];

/** The most that `offset` skips is 10,000. */
const OFFSETS = ['0', '10000'];

const listOf = (count: number, value: (i: number) => string): string =>
  `[${Array.from({ length: count }, (_, i) => value(i + 1)).join(', ')}]`;
const quoted = (noun: string, count: number): string => listOf(count, (i) => `"${noun}-${i}"`);
const globalIds = (count: number): string =>
  listOf(count, (i) => `"${Buffer.from(`Statement:${i}`).toString('base64')}"`);
const lists = (value: (count: number) => string): readonly string[] => ['[]', ...COUNTS.map(value)];
const actors = lists((count) => quoted('actor', count));
const anyOf = (count: number): string => listOf(count, (i) => `{ topics: ["topic-${1 + ((i - 1) % 100)}"] }`);

/** Values of arguments and conditions, by name; others are made from their types. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  search: ['"dialogue"', '"ceasefire -zzz"', '"renewed or further or progress"'],
  speakers: actors,
  addressees: actors,
  attributedTo: actors,
  givers: actors,
  sides: actors,
  offices: [
    '[]',
    '[{ role: "president" }]',
    ...COUNTS.map((count) => listOf(count, (i) => `{ role: "member", in: "actor-${i}" }`)),
  ],
  participants: actors,
  topics: lists((count) => quoted('topic', count)),
  sources: lists((count) => quoted('source', count)),
  events: lists((count) => quoted('event', count)),
  collections: lists((count) => quoted('collection', count)),
  coders: lists((count) => listOf(count, (i) => `"Coder ${i}"`)),
  positions: lists((count) => listOf(count, (i) => `{ topic: "topic-${i}", stance: SUPPORTS }`)),
  confidenceMin: ['0.5'],
  saidFrom: ['"2025-06-01"'],
  saidTo: ['"2025-06-01"'],
  ids: lists(globalIds),
  identifier: ['{ scheme: "wikidata", value: "Q7" }'],
  key: ['"statement-7"'],
  source: ['"source-7"'],
  url: ['"https://example.org/7"'],
  digest: [`"${'0'.repeat(64)}"`],
  offset: OFFSETS,
  last: ['20'],
  // The last one is used wherever the argument is required.
  by: ['[DAY]', '[SIDE]', '[TOPIC, STANCE]', '[SPEAKER, TOPIC]'],
  any: ['[]', '[{ speakers: ["actor-1"] }, { topics: ["topic-1"] }]', anyOf(10), anyOf(90)],
  not: ['{ speakers: ["actor-1"] }', '{ topics: [] }', `{ any: ${anyOf(90)} }`],
  // Each condition of a filter is measured by separate cases.
  filter: ['{ speakers: ["actor-1"] }'],
};

/** Searches for names: a frequent word, a rare one, misspelt ones, and unknown ones. */
const namesLike = (noun: string, misspelt: string): readonly string[] => [
  `"${noun} Number 77"`,
  `"${noun}"`,
  `"${misspelt} Numbr 77"`,
  '"Zqxwv"',
  '"aa bb cc dd ee ff gg hh"',
];

/** Values that differ from those of other fields, by field and argument. */
const SAMPLES_OF_FIELD: Readonly<Record<string, readonly string[]>> = {
  'Query.actors search': namesLike('Actor', 'Acter'),
  'Query.topics search': namesLike('Topic', 'Topik'),
  'Query.events search': namesLike('Event', 'Evemt'),
  'Query.sources search': namesLike('Source title', 'Sourse titel'),
  'Query.changes after': ['"100"'],
  // Comparisons refuse unknown slugs. The records of tests and benchmarks all have these topics; the sides of an event differ.
  'Event.comparison topics': COUNTS.slice(0, 2).map((count) => quoted('topic', count)),
  'Event.comparisonRowCount topics': COUNTS.slice(0, 2).map((count) => quoted('topic', count)),
  'Event.comparison sides': [],
  'Event.comparisonRowCount sides': [],
};

/** Cursors in the middle of each list, by its type. */
const CURSORS: Readonly<Record<string, string>> = {
  StatementConnection: encodeCursor('SAID_ON_DESC', ['2025-06-01', 100_000]),
  ActorConnection: encodeCursor('NAME', ['Actor Number 5', 5]),
  TopicConnection: encodeCursor('NAME', ['Topic Number 5', 5]),
  EventConnection: encodeCursor('DATE', ['2025-06-01', 100]),
  SourceConnection: encodeCursor('TITLE', ['Source title number 5', 5]),
  CollectionConnection: encodeCursor('TITLE', ['Collection Number 5', 5]),
};

/**
 * Values to try for an argument or a condition.
 * @param field that takes the argument: its type and name, and its own type.
 */
export function valuesOf(
  { name, type }: Pick<GraphQLInputField, 'name' | 'type'>,
  field?: { readonly path: string; readonly type: GraphQLOutputType },
): readonly string[] {
  const cursor = field && CURSORS[getNamedType(field.type).name];
  if (cursor !== undefined && (name === 'after' || name === 'before')) return [JSON.stringify(cursor)];
  const known = (field && SAMPLES_OF_FIELD[`${field.path} ${name}`]) ?? SAMPLES[name];
  if (known) return known;
  const named = getNamedType(type);
  if (isEnumType(named)) {
    const values = named.getValues().map((value) => value.name);
    const isList = isListType(getNullableType(type));
    return isList
      ? ['[]', `[${values[0]}]`, `[${values.join(', ')}]`]
      : values.filter((value) => value !== 'RELEVANCE');
  }
  return named.name === 'Boolean' ? ['true', 'false'] : [];
}

/** The value of an argument that must be given. */
export function requiredValue(
  { name, type }: Pick<GraphQLInputField, 'name' | 'type'>,
  field: { readonly type: GraphQLOutputType },
): string {
  if (name === 'slug') return `"${getNamedType(field.type).name.toLowerCase()}-7"`;
  if (name === 'speaker') return '"actor-1"';
  if (name === 'id') return JSON.stringify(Buffer.from('Statement:7').toString('base64'));
  return [...(SAMPLES[name] ?? [])].at(-1) ?? valuesOf({ name, type })[0] ?? 'null';
}
