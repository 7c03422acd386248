import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { schema } from '../../src/schema/schema.ts';

/** An operation that is measured. */
export interface Case {
  readonly name: string;
  readonly query: string;
}

type Field = GraphQLField<unknown, unknown>;
/** A selection of a type inside an operation, for this many parents. */
type Reach = (inner: string, count: number) => string;

const COUNTS = [1, 10, 100];
/** Items of a page below a parent. */
const NESTED_SIZE = 10;
const LEAVES_MAX = 3;
const PAGED: Readonly<Record<string, string>> = {
  Statement: 'statements',
  Actor: 'actors',
  Topic: 'topics',
  Event: 'events',
  Source: 'sources',
};

const quoted = (noun: string, count: number, first = 1): string =>
  `[${Array.from({ length: count }, (_, i) => `"${noun}-${first + i}"`).join(', ')}]`;
const globalIds = (count: number): string =>
  `[${Array.from({ length: count }, (_, i) => `"${Buffer.from(`Statement:${i + 1}`).toString('base64')}"`).join(', ')}]`;

/** Values to try for an argument or a condition, by its name; others are made from its type. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  search: ['"dialogue"', '"ceasefire -zzz"', '"renewed or further or progress"'],
  speakers: ['[]', ...COUNTS.map((count) => quoted('actor', count))],
  addressees: ['[]', ...COUNTS.map((count) => quoted('actor', count))],
  attributedTo: ['[]', ...COUNTS.map((count) => quoted('actor', count))],
  givers: ['[]', ...COUNTS.map((count) => quoted('actor', count))],
  sides: ['[]', ...COUNTS.map((count) => quoted('actor', count))],
  offices: [
    '[]',
    '[{ role: "president" }]',
    ...COUNTS.map(
      (count) =>
        `[${Array.from({ length: count }, (_, i) => `{ role: "member", in: "actor-${i + 1}" }`).join(', ')}]`,
    ),
  ],
  participants: ['[]', ...COUNTS.map((count) => quoted('actor', count))],
  topics: ['[]', ...COUNTS.map((count) => quoted('topic', count))],
  sources: ['[]', ...COUNTS.map((count) => quoted('source', count))],
  events: ['[]', ...COUNTS.map((count) => quoted('event', count))],
  positions: [
    '[]',
    ...COUNTS.map(
      (count) =>
        `[${Array.from({ length: count }, (_, i) => `{ topic: "topic-${i + 1}", stance: SUPPORTS }`).join(', ')}]`,
    ),
  ],
  saidFrom: ['"2025-06-01"'],
  saidTo: ['"2025-06-01"'],
  ids: ['[]', ...COUNTS.map(globalIds)],
  identifier: ['{ scheme: "wikidata", value: "Q7" }'],
  key: ['"statement-7"'],
  url: ['"https://example.org/7"'],
  digest: [`"${'0'.repeat(64)}"`],
  // The last one is used wherever the argument is required.
  by: ['[DAY]', '[SIDE]', '[TOPIC, STANCE]', '[SPEAKER, TOPIC]'],
  any: ['[]', '[{ speakers: ["actor-1"] }, { topics: ["topic-1"] }]', anyOf(10), anyOf(90)],
  not: ['{ speakers: ["actor-1"] }', '{ topics: [] }', `{ any: ${anyOf(90)} }`],
};
/** Searches for names, by the field that takes them. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'Query.actors': [
    '"Actor Number 77"',
    '"Actor"',
    '"Acter Numbr 77"',
    '"Zqxwv"',
    '"aa bb cc dd ee ff gg hh"',
  ],
  'Query.topics': [
    '"Topic Number 77"',
    '"Topic"',
    '"Topik Numbr 77"',
    '"Zqxwv"',
    '"aa bb cc dd ee ff gg hh"',
  ],
};

/** Comparisons refuse unknown slugs. The records of tests and benchmarks all have these topics; the sides of an event differ. */
const KNOWN_TOPICS: readonly string[] = [quoted('topic', 1), quoted('topic', 10)];

function anyOf(count: number): string {
  return `[${Array.from({ length: count }, (_, i) => `{ topics: ["topic-${1 + (i % 100)}"] }`).join(', ')}]`;
}

const isConnection = (type: GraphQLObjectType): boolean => type.name.endsWith('Connection');
const objectTypeOf = (field: Field): GraphQLObjectType | null => {
  const type = getNamedType(field.type);
  return isObjectType(type) ? type : null;
};

/** Fields of a type that are single values and need no argument. */
function leavesOf(type: GraphQLObjectType): string {
  const leaves = Object.values(type.getFields()).filter(
    (field) =>
      isLeafType(getNullableType(field.type)) && field.args.length === 0 && !COSTLY_LEAVES.has(field.name),
  );
  return leaves.length === 0
    ? '__typename'
    : leaves
        .slice(0, LEAVES_MAX)
        .map(({ name }) => name)
        .join(' ');
}
/** Leaves that are measured by themselves, and not along with others. */
const COSTLY_LEAVES = new Set(['totalCount', 'text', 'recordedBy', 'digest']);

/** What is selected of a field: a few values of what it leads to. */
function selectionOf(field: Field): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return '';
  if (!isObjectType(type)) return '{ __typename id }';
  if (isConnection(type)) {
    const node = objectTypeOf(type.getFields().nodes as Field);
    return `{ nodes { ${node ? leavesOf(node) : 'id'} } }`;
  }
  return `{ ${leavesOf(type)} }`;
}

/** A value for an argument that must be given. */
function requiredValue({ name, type }: GraphQLArgument, field: Field): string {
  if (name === 'slug') return `"${getNamedType(field.type).name.toLowerCase()}-7"`;
  if (name === 'speaker') return '"actor-1"';
  if (name === 'id') return JSON.stringify(Buffer.from('Statement:7').toString('base64'));
  const [sample] = [...(SAMPLES[name] ?? [])].reverse();
  return sample ?? valuesOf({ name, type })[0] ?? 'null';
}

/** Values to try for an argument or a condition. */
function valuesOf(
  { name, type }: Pick<GraphQLInputField, 'name' | 'type'>,
  field?: string,
): readonly string[] {
  if (field?.startsWith('Event.comparison') && (name === 'topics' || name === 'sides')) {
    return name === 'topics' ? KNOWN_TOPICS : [];
  }
  const known = (field !== undefined && name === 'search' ? NAMES[field] : undefined) ?? SAMPLES[name];
  if (known) return known;
  const named = getNamedType(type);
  const isList = isListType(getNullableType(type));
  if (isEnumType(named)) {
    const values = named.getValues().map(({ name }) => name);
    return isList ? ['[]', `[${values[0]}]`, `[${values.join(', ')}]`] : [values[0] as string];
  }
  return named.name === 'Boolean' ? ['true', 'false'] : [];
}

/** Arguments of a field: those that must be given, and others. */
function callOf(field: Field, given: Readonly<Record<string, string>>): string {
  const required = field.args
    .filter(
      ({ type, defaultValue, name }) => isNonNullType(type) && defaultValue === undefined && !(name in given),
    )
    .map((argument) => [argument.name, requiredValue(argument, field)]);
  const isLookUp =
    takes(field, 'slug') && field.args.every(({ name, type }) => !(name in given) && !isNonNullType(type));
  if (isLookUp) {
    const slug = field.args.find(({ name }) => name === 'slug') as GraphQLArgument;
    required.push(['slug', requiredValue(slug, field)]);
  }
  const all = [...required, ...Object.entries(given)].map(([name, value]) => `${name}: ${value}`);
  return all.length === 0 ? field.name : `${field.name}(${all.join(', ')})`;
}

const takes = (field: Field, name: string): boolean => field.args.some((argument) => argument.name === name);

/** How to reach each type: the five things by their lists, all else by the shortest way from these. */
function reaches(): Map<string, Reach> {
  const found = new Map<string, Reach>([['Query', (inner) => `{ ${inner} }`]]);
  for (const [type, list] of Object.entries(PAGED)) {
    found.set(type, (inner, count) => `{ ${list}(first: ${count}) { nodes { ${inner} } } }`);
  }
  const waiting = [...found.keys()];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const reach = found.get(name) as Reach;
    for (const field of Object.values((schema.getType(name) as GraphQLObjectType).getFields())) {
      const type = objectTypeOf(field);
      if (!type || found.has(type.name)) continue;
      found.set(type.name, (inner, count) => {
        const size: Record<string, string> = takes(field, 'first')
          ? { first: String(name === 'Query' ? count : NESTED_SIZE) }
          : {};
        return reach(`${callOf(field, size)} { ${inner} }`, count);
      });
      waiting.push(type.name);
    }
  }
  return found;
}

/** Every field of every type that can be queried, for 1, 10 and 100 parents; each of its arguments; each condition of its filter. */
export function fieldCases(): Case[] {
  return [...reaches()].flatMap(([typeName, reach]) => {
    const type = schema.getType(typeName) as GraphQLObjectType;
    return Object.values(type.getFields()).flatMap((field) => casesOfField(type, field, reach));
  });
}

function casesOfField(type: GraphQLObjectType, field: Field, reach: Reach): Case[] {
  const path = `${type.name}.${field.name}`;
  const counts = type.name === 'Query' && !takes(field, 'first') ? [1] : COUNTS;
  const select = (given: Readonly<Record<string, string>>, below = selectionOf(field)): string =>
    `${callOf(field, given)} ${below}`;
  const sized = (count: number): Record<string, string> =>
    takes(field, 'first') ? { first: String(type.name === 'Query' ? count : NESTED_SIZE) } : {};
  const plain = counts.map((count) => ({
    name: `${path} × ${count}`,
    query: reach(select(sized(count)), count),
  }));
  const aliased = {
    name: `${path}, 10 aliases`,
    query: reach(Array.from({ length: 10 }, (_, i) => `a${i}: ${select(sized(1))}`).join(' '), 1),
  };
  const empty = takes(field, 'first')
    ? [1, 10].map((count) => ({
        name: `${path}(first: 0) × ${count}`,
        query: reach(select({ first: '0' }), count),
      }))
    : [];
  const byArgument = field.args.flatMap((argument) => {
    if (
      ['first', 'last', 'after', 'before', 'offset', 'slug', 'speaker', 'id', 'filter', 'orderBy'].includes(
        argument.name,
      )
    )
      return [];
    return valuesOf(argument, path).flatMap((value) =>
      (type.name === 'Query' ? [1] : [1, 10]).map((count) => ({
        name: `${path}(${argument.name}: ${short(value)}) × ${count}`,
        query: reach(select({ ...sized(20), [argument.name]: value }), count),
      })),
    );
  });
  return [...plain, aliased, ...empty, ...byArgument, ...conditionCases(type, field, reach)];
}

const short = (value: string): string => (value.length > 60 ? `${value.slice(0, 57)}…` : value);

/** Each condition of a filter: alone, in `not`, counted, and below several parents. */
function conditionCases(type: GraphQLObjectType, field: Field, reach: Reach): Case[] {
  const filter = field.args.find(({ name }) => name === 'filter');
  const input = filter && getNamedType(filter.type);
  // Below others, filters differ only in what they hang on: those of topics have the most under each.
  const isMeasured = type.name === 'Query' || type.name === 'Topic';
  if (!input || !isInputObjectType(input) || !isMeasured) return [];
  const path = `${type.name}.${field.name}`;
  const isList = isConnection(getNamedType(field.type) as GraphQLObjectType);
  const counts = type.name === 'Query' ? [1] : [10];
  return Object.values(input.getFields()).flatMap((condition) =>
    valuesOf(condition).flatMap((value) => {
      const one = `{ ${condition.name}: ${value} }`;
      const both = (
        kind: string,
        size: number,
        below: string,
      ): [string, Record<string, string>, string][] => [
        [kind, { first: String(size), filter: one }, below],
        [`${kind}not `, { first: String(size), filter: `{ not: ${one} }` }, below],
      ];
      const variants = isList
        ? [...both('', 10, '{ nodes { id } }'), ...both('count ', 0, '{ totalCount }')]
        : both('', 10, selectionOf(field));
      if (isList && condition.name === 'search') {
        variants.push([
          'by relevance ',
          { first: '10', filter: one, orderBy: 'RELEVANCE' },
          '{ nodes { id } }',
        ]);
      }
      return variants.flatMap(([kind, given, below]) =>
        counts.map((count) => ({
          name: `${path} ${kind}${short(one)} × ${count}`,
          query: reach(`${callOf(field, given)} ${below}`, count),
        })),
      );
    }),
  );
}
