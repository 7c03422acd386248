import {
  type GraphQLArgument,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/config/limits.ts';
import { argumentPoints } from '../../../src/http/cost/arguments.ts';
import { costOf } from '../../../src/http/cost/cost.ts';
import { COST_TABLE } from '../../../src/http/cost/table.ts';
import { PAGE_SIZE_MAX } from '../../../src/read/page.ts';
import { LIST_POINTS } from '../../../src/read/statements/conditions/kind/field.ts';
import { COUNT_GROUPS_MAX } from '../../../src/read/statements/counts/counts.ts';
import { NESTED_FIELDS } from '../../../src/read/statements/filter.ts';
import { schema } from '../../../src/schema/schema.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { examples } from '../../support/examples.ts';
import { TestSocket, TestStream } from '../../support/follow.ts';
import { startTestService, type TestService } from '../../support/service.ts';

function cost(query: string, variables: Record<string, unknown> = {}): number {
  return costs(query, variables)[0] as number;
}

function costs(query: string, variables: Record<string, unknown> = {}): number[] {
  const document = parse(query);
  return document.definitions
    .filter((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION)
    .map((operation) => costOf({ schema, document, operation, variables }).points);
}

describe('every field of the schema', () => {
  const fields = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })));

  it('that is a list or a connection has its number of items in the table', () => {
    const lists = fields.filter(
      ({ field }) =>
        isListType(getNullableType(field.type)) || getNamedType(field.type).name.endsWith('Connection'),
    );
    expect(lists.length).toBeGreaterThan(40);
    const missing = lists.filter(
      ({ type, field }) => COST_TABLE[`${type.name}.${field.name}`]?.items === undefined,
    );
    expect(missing.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([]);
  });

  it('that takes the arguments of a page is counted by them', () => {
    const paged = fields.filter(({ field }) => field.args.some(({ name }) => name === 'first'));
    expect(paged.length).toBeGreaterThan(8);
    for (const { type, field } of paged) {
      const name = `${type.name}.${field.name}`;
      const items = COST_TABLE[name]?.items;
      if (field.args.some((argument) => argument.name === 'after')) expect(items, name).toBe('page');
      else {
        const { defaultValue } = field.args.find((argument) => argument.name === 'first') as GraphQLArgument;
        const max = name === 'Query.statementCounts' ? COUNT_GROUPS_MAX : PAGE_SIZE_MAX;
        expect(items, name).toMatchObject({ argument: 'first', default: defaultValue, max });
      }
    }
  });

  it('of the table is in the schema', () => {
    const known = new Set(fields.map(({ type, field }) => `${type.name}.${field.name}`));
    expect(Object.keys(COST_TABLE).filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('every field of a filter', () => {
  it('has a price', () => {
    const filter = schema.getType('StatementFilter');
    if (!isInputObjectType(filter)) throw new Error('there is no StatementFilter');
    const plain = argumentPoints('Query.statements', { filter: {} });
    const free = Object.keys(filter.getFields()).filter(
      (name) => argumentPoints('Query.statements', { filter: { [name]: [] } }) <= plain,
    );
    expect(free).toEqual([]);
  });
});

/** Points of reading a page of statements with SQL. */
const READ = COST_TABLE['Query.statements']?.once as number;

describe('the cost', () => {
  it('is a point for a value, and for a thing with what is asked of it', () => {
    expect(cost('{ __typename }')).toBe(1);
    expect(cost('{ record { position cursor } }')).toBe(3);
  });

  it('of a page is its SQL, plus its size times the cost of an item', () => {
    expect(cost('{ statements(first: 1) { nodes { text } } }')).toBe(READ + 1 + 2);
    expect(cost('{ statements(first: 50) { nodes { text } } }')).toBe(READ + 1 + 50 * 2);
    expect(cost('{ statements(last: 50) { nodes { text } } }')).toBe(READ + 1 + 50 * 2);
    expect(cost('{ statements { nodes { text } } }')).toBe(READ + 1 + 20 * 2);
  });

  it('of a page of several parents is its SQL once, plus the items of each', () => {
    const below = (actors: number, size: number) =>
      cost(`{ actors(first: ${actors}) { nodes { statements(first: ${size}) { nodes { text } } } } }`);
    const { once = 0, each = 0 } = COST_TABLE['Actor.statements'] ?? {};
    const { once: actors = 0 } = COST_TABLE['Query.actors'] ?? {};
    expect(below(10, 30)).toBe(actors + 1 + 10 + once + 10 * (each + 30 * 2));
    expect(below(20, 30) - below(10, 30)).toBe(10 + 10 * (each + 30 * 2));
  });

  it('of a list that may be empty is at least that of one item', () => {
    const one = cost('{ statements(first: 1) { nodes { text speakers { name } } } }');
    expect(cost('{ statements(first: 0) { nodes { text speakers { name } } } }')).toBe(one);
    expect(cost('{ nodes(ids: []) { id } }')).toBe(cost('{ nodes(ids: ["a"]) { id } }') - 5);
    expect(cost('{ statements(first: 0) { totalCount } }')).toBeGreaterThan(READ);
  });

  it('of a count does not depend on the page', () => {
    const of = (first: number) =>
      cost(`{ statements(first: ${first}) { totalCount pageInfo { endCursor } } }`);
    expect(of(100)).toBe(of(1));
    expect(of(1)).toBeGreaterThan(READ + 100);
  });

  it('takes sizes from variables and their defaults, and what it can’t know for the most', () => {
    const query = 'query ($n: Int = 5) { statements(first: $n) { nodes { text } } }';
    expect(cost(query)).toBe(READ + 1 + 5 * 2);
    expect(cost(query, { n: 7 })).toBe(READ + 1 + 7 * 2);
    for (const n of ['7', 1e9, -1, {}, true]) expect(cost(query, { n })).toBe(READ + 1 + 100 * 2);
  });

  it('counts aliases each for itself, and fields that are skipped', () => {
    const one = cost('{ actor(slug: "x") { name } }');
    expect(cost('{ a: actor(slug: "x") { name } b: actor(slug: "x") { name } }')).toBe(2 * one);
    const query =
      'query ($no: Boolean!) { actor(slug: "x") { name @include(if: $no) slug @skip(if: true) } }';
    expect(cost(query, { no: false })).toBe(one + 1);
  });

  it('counts the SQL of aliases once if one statement reads all of them', () => {
    const { each = 0, items = 0 } = COST_TABLE['Statement.speakers'] ?? {};
    const speakers = (aliases: string) => cost(`{ statement(slug: "x") { ${aliases} } }`);
    const more = speakers('a: speakers { name } b: speakers { name }') - speakers('a: speakers { name }');
    expect(more).toBe(each + Number(items));
    const pages = (aliases: string) => cost(`{ actor(slug: "x") { ${aliases} } }`);
    const page = 'statements { nodes { id } }';
    expect(pages(`a: ${page} b: ${page}`) - pages(`a: ${page}`)).toBeGreaterThan(READ);
  });

  it('follows fragments, and ends where one contains itself', () => {
    const one = cost('{ actor(slug: "x") { name } }');
    expect(
      cost('{ actor(slug: "x") { ...F ... on Actor { slug } } } fragment F on Actor { name kind }'),
    ).toBe(one + 2);
    const circle =
      '{ actor(slug: "x") { ...A } } fragment A on Actor { name ...B } fragment B on Actor { slug ...A }';
    expect(cost(circle)).toBe(one + 1);
  });

  it('of fragments in fragments is counted without writing them out', () => {
    const levels = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Query { a${i}: __typename ...F${i + 1} ...F${i + 1} }`,
    );
    expect(cost(`{ ...F0 } ${levels.join(' ')} fragment F60 on Query { __typename }`)).toBeGreaterThan(
      2 ** 60,
    );
  });

  it('of the same document is counted again for other variables, wherever these are', () => {
    const document = parse(`
      query ($n: Int, $slugs: [String!]) {
        a: actors(first: 3) { nodes { ...Said topics: name } }
        b: topics(first: 2) { nodes { name statements(first: 4) { nodes { ...Of } } } }
        statements(filter: { topics: $slugs }) { nodes { text } }
        c: actors(first: 5) { nodes { name ...Said } }
      }
      fragment Said on Actor { statements(first: $n) { nodes { text ...Of } } }
      fragment Of on Statement { speakers { statements(first: $n) { nodes { slug } } } }`);
    const [operation] = document.definitions as [OperationDefinitionNode];
    const again = (variables: Record<string, unknown>): number => {
      const copy = parse(print(document));
      const operation = copy.definitions[0] as OperationDefinitionNode;
      return costOf({ schema, document: copy, operation, variables }).points;
    };
    const counts = [1, 7, 2].map((n) => {
      const variables = { n, slugs: Array.from({ length: n }, String) };
      const { points } = costOf({ schema, document, operation, variables });
      expect(points).toBe(again(variables));
      return points;
    });
    expect(new Set(counts).size).toBe(3);
  });

  it('of an interface is that of the most expensive type', () => {
    const expensive = 'statements(first: 100) { nodes { text } }';
    const asked = (of: string) => cost(`{ node(id: "x") { id ${of} } }`);
    const ofActor = asked(`... on Actor { name ${expensive} }`);
    expect(asked(`... on Statement { text } ... on Actor { name ${expensive} }`)).toBe(ofActor);
  });

  it('of nodes is by their number', () => {
    const of = (count: number) => {
      const ids = Array.from({ length: count }, (_, i) => `"${i}"`);
      return cost(`{ nodes(ids: [${ids.join(' ')}]) { id slug: __typename } }`);
    };
    expect(of(13) - of(3)).toBe(10 * (2 + 5));
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    expect(cost(query)).toBeGreaterThan(cost(query, { ids: ['a', 'b'] }) + 80);
  });

  it('of a filter is that of each condition, empty or not, wherever it stands', () => {
    const filtered = (filter: string) =>
      cost(`{ statements(first: 1, filter: ${filter}) { nodes { id } } }`) -
      cost('{ statements(first: 1) { nodes { id } } }');
    const speakers = LIST_POINTS;
    const [not, any] = [NESTED_FIELDS.not.points, NESTED_FIELDS.any.points];
    expect(filtered('{ speakers: [] }')).toBe(speakers.own);
    expect(filtered('{ speakers: ["a", "b"] }')).toBe(speakers.own + 2 * speakers.each);
    expect(filtered('{ not: { speakers: [] } }')).toBe(not.own + speakers.own);
    expect(filtered('{ any: [{ speakers: [] }, { speakers: ["a"] }] }')).toBe(
      any.own + 2 * speakers.own + speakers.each,
    );
    const empty = `{ any: [${'{ speakers: [], topics: [], events: [] } '.repeat(25)}] }`;
    expect(filtered(empty)).toBeGreaterThan(75 * 90);
  });

  it('of a filter is a number, whatever names a client makes up', () => {
    const query = 'query ($filter: StatementFilter) { statements(filter: $filter) { nodes { id } } }';
    const filter = JSON.parse(
      '{ "__proto__": { "filter": 1 }, "constructor": 1, "toString": [2], "nothing": 3 }',
    );
    expect(cost(query, { filter })).toBe(cost(query));
  });

  it('of a filter below a list is counted once, since one SQL statement reads the pages of all items', () => {
    const filtered = (actors: number) =>
      cost(
        `{ actors(first: ${actors}) { nodes { statements(filter: { speakers: [] }) { nodes { id } } } } }`,
      ) - cost(`{ actors(first: ${actors}) { nodes { statements { nodes { id } } } } }`);
    expect(filtered(30)).toBe(LIST_POINTS.own);
    expect(filtered(1)).toBe(LIST_POINTS.own);
  });

  it('of a search for a name is by its words', () => {
    const search = (text: string) => cost(`{ actors(search: "${text}") { nodes { id } } }`);
    expect(search('a b c') - search('a b')).toBe(search('a b') - search('a'));
    expect(search('a')).toBeGreaterThan(cost('{ actors { nodes { id } } }') + 500);
  });

  it('of a list that is usually short is that of its usual length, or of a shorter page', () => {
    const cells = (first: number) =>
      cost(`{ event(slug: "x") { comparison(first: 1) { cells(first: ${first}) { statementCount } } } }`);
    expect(cells(2) - cells(1)).toBe(1);
    expect(cells(100)).toBe(cells(4));
    expect(cells(100)).toBe(
      cost('{ event(slug: "x") { comparison(first: 1) { cells { statementCount } } } }'),
    );
  });

  it('of recording is by the number of statements', () => {
    const ofNineMore = (selection: string): number => {
      const query = `mutation ($input: [RecordStatementInput!]!) { recordStatements(input: $input) { ${selection} } }`;
      return cost(query, { input: Array(10).fill({}) }) - cost(query, { input: [{}] });
    };
    expect(ofNineMore('position'), 'what writing them costs').toBeGreaterThan(0);
    expect(ofNineMore('statements { slug }'), 'reading them, too').toBeGreaterThan(ofNineMore('position'));
  });

  it('lets every example and the introspection of GraphiQL through with room to spare', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const queries = [
      ...examples.map(({ query }) => query),
      getIntrospectionQuery({ inputValueDeprecation: true }),
    ];
    for (const query of queries) {
      for (const points of costs(query)) expect(points).toBeLessThan(DEFAULT_LIMITS.COST_MAX / 2);
    }
  });
});

describe('the service', () => {
  let database: TestDatabase;
  let service: TestService;
  beforeAll(async () => {
    database = await createTestDatabase({ seeded: true });
    service = await startTestService(database.url, { COST_MAX: '1000' });
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  const CHEAP = '{ statements(first: 2) { nodes { text } } }';
  const EXPENSIVE =
    '{ record { position } all: statements(first: 100) { nodes { speakers { name statements { nodes { text } } } } } }';
  const expensiveFollow = `subscription { statementAdded { statement { speakers { statements(first: 100) { nodes { speakers { name kind slug } } } } } } }`;

  it('tells the cost over HTTP only where the header asks for it', async () => {
    expect(await service.ask(CHEAP)).not.toHaveProperty('extensions');
    expect(await service.ask(CHEAP, {}, { 'x-readout-cost': '1' })).toHaveProperty('extensions', {
      cost: expect.any(Number),
    });
  });

  it('tells it over WebSocket where the connection parameter asks for it', async () => {
    const socket = new TestSocket(service.origin, { 'x-readout-cost': '1' });
    await socket.follow({ query: CHEAP }).ended();
    await socket.close();
    expect(socket.messages.find(({ type }) => type === 'next')).toMatchObject({
      payload: { extensions: { cost: expect.any(Number) } },
    });
  });

  it('tells it over server-sent events where the header asks for it', async () => {
    const stream = new TestStream(
      service.origin,
      { query: CHEAP },
      { plain: false, headers: { 'x-readout-cost': '1' } },
    );
    await stream.received.ended();
    expect(stream.text).toMatch(/"extensions":\{"cost":\d+\}/);
  });

  const refusal = {
    message: expect.stringMatching(
      /costs \d+ points, most of it for “all\.nodes\.speakers\.statements” \(\d+\); at most 1000 are allowed/,
    ),
    extensions: {
      code: 'LIMIT_EXCEEDED',
      limit: 'COST_MAX',
      max: 1000,
      cost: expect.any(Number),
      mostExpensive: { path: 'all.nodes.speakers.statements', points: expect.any(Number) },
    },
  };

  it('refuses an expensive operation over HTTP before any SQL, with cost, limit and the path of the most expensive field', async () => {
    const { data, errors } = await service.ask(EXPENSIVE);
    expect(data).toBeUndefined();
    expect(errors).toEqual([refusal]);
  });

  it('refuses it over WebSocket and server-sent events in the same words', async () => {
    const socket = new TestSocket(service.origin);
    const overSocket = await socket.follow({ query: EXPENSIVE }).ended();
    const { message, extensions } = refusal;
    const ofSocket = { message, extensions: { ...extensions, requestId: expect.any(String) } };
    expect(overSocket).toEqual({ type: 'errors', errors: [ofSocket] });
    await socket.close();
    const stream = new TestStream(service.origin, { query: EXPENSIVE }, { plain: false });
    await stream.received.ended();
    expect(stream.received.failures).toEqual([[refusal]]);
  });

  it('costs a subscription before it is opened, over both', async () => {
    const socket = new TestSocket(service.origin);
    const end = await socket.follow({ query: expensiveFollow }).ended();
    expect(end).toMatchObject({ type: 'errors', errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    await socket.close();
    const stream = new TestStream(service.origin, { query: expensiveFollow });
    expect((await stream.response).statusCode).toBe(400);
    await stream.received.ended();
    expect(stream.text).toContain('LIMIT_EXCEEDED');
  });
});
