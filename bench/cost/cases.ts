import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { schema } from '../../src/schema/schema.ts';
import { COUNTS, requiredValue, valuesOf } from './samples.ts';

/** An operation that is measured. */
export interface Case {
  readonly name: string;
  readonly query: string;
}

type Field = GraphQLField<unknown, unknown>;
/** A selection of a type inside an operation, for this many parents. */
type Reach = (inner: string, count: number) => string;

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

/** An event of the record, and at least two of its sides. */
export interface ComparedEvent {
  readonly slug: string;
  readonly sides: readonly string[];
}

/** Finds an event with at least two sides among the first hundred. @param ask answers the data of a query. */
export async function comparedEvent(ask: (query: string) => Promise<unknown>): Promise<ComparedEvent> {
  const query = '{ events(first: 100) { nodes { slug accounts(first: 2) { side { slug } } } } }';
  const { events } = (await ask(query)) as {
    events: { nodes: { slug: string; accounts: { side: { slug: string } }[] }[] };
  };
  const found = events.nodes.find(({ accounts }) => accounts.length === 2);
  if (!found) throw new Error('no event of the record has two sides');
  return { slug: found.slug, sides: found.accounts.map(({ side }) => side.slug) };
}

/** Every field of every type that can be queried, for 1, 10 and 100 parents; each of its arguments; each condition of its filter. */
export function fieldCases(compared: ComparedEvent): Case[] {
  const cases = [...reaches()].flatMap(([typeName, reach]) => {
    const type = schema.getType(typeName) as GraphQLObjectType;
    return Object.values(type.getFields()).flatMap((field) => casesOfField(type, field, reach));
  });
  return [...cases, ...comparisonCases(compared)];
}

/** Comparisons of chosen sides. Those of other events differ. */
function comparisonCases({ slug, sides }: ComparedEvent): Case[] {
  const chosen = `sides: ${JSON.stringify(sides)}`;
  return [`comparison(first: 20, ${chosen}) { verdict }`, `comparisonRowCount(${chosen})`].map((field) => ({
    name: `Event.${field.replace(/:.*/, '')}(sides)`,
    query: `{ event(slug: "${slug}") { ${field} } }`,
  }));
}

/** Arguments that other cases of a field have. */
const MEASURED_APART: ReadonlySet<string> = new Set(['first', 'slug', 'speaker', 'id']);

/** The filters below other fields differ only in their parents. Topics have the most statements each. */
const hasConditionCases = (type: GraphQLObjectType): boolean =>
  type.name === 'Query' || type.name === 'Topic';

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
    const { name } = argument;
    if (MEASURED_APART.has(name) || (name === 'filter' && hasConditionCases(type))) return [];
    return valuesOf(argument, { path, type: field.type }).flatMap((value) =>
      (type.name === 'Query' ? [1] : [1, 10]).map((count) => ({
        name: `${path}(${name}: ${short(value)}) × ${count}`,
        query: reach(select({ ...(name === 'last' ? {} : sized(20)), [name]: value }), count),
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
  if (!input || !isInputObjectType(input) || !hasConditionCases(type)) return [];
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
