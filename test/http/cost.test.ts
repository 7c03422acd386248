import {
  type GraphQLArgument,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costOf } from '../../src/http/cost.ts';
import { COST_TABLE } from '../../src/http/costTable.ts';
import { examples } from '../../src/http/examples/examples.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { PAGE_SIZE_MAX } from '../../src/read/page.ts';
import { schema } from '../../src/schema/schema.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TestSocket, TestStream } from '../support/follow.ts';
import { startTestService, type TestService } from '../support/service.ts';

function cost(query: string, variables: Record<string, unknown> = {}): number {
  return costs(query, variables)[0] as number;
}

function costs(query: string, variables: Record<string, unknown> = {}): number[] {
  const document = parse(query);
  return document.definitions
    .filter((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION)
    .map((operation) => costOf(schema, document, operation, variables).points);
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
        expect(items, name).toEqual({ argument: 'first', default: defaultValue, max: PAGE_SIZE_MAX });
      }
    }
  });

  it('of the table is in the schema', () => {
    const known = new Set(fields.map(({ type, field }) => `${type.name}.${field.name}`));
    expect(Object.keys(COST_TABLE).filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the cost', () => {
  it('is a point for a value, and for a thing with what is asked of it', () => {
    expect(cost('{ __typename }')).toBe(1);
    expect(cost('{ actor(slug: "france") { name slug } }')).toBe(3);
  });

  it('of a page is its size times what is below it', () => {
    expect(cost('{ statements(first: 1) { nodes { text } } }')).toBe(10 + 1 + 1);
    expect(cost('{ statements(first: 50) { nodes { text } } }')).toBe(10 + 50 * 2);
    expect(cost('{ statements(last: 50) { nodes { text } } }')).toBe(10 + 50 * 2);
    expect(cost('{ statements { nodes { text } } }')).toBe(10 + 20 * 2);
    const nested = '{ actors(first: 10) { nodes { statements(first: 30) { nodes { text } } } } }';
    expect(cost(nested)).toBe(10 + 10 * (1 + 10 + 30 * 2));
  });

  it('takes sizes from variables and their defaults, and what it can’t know for the most', () => {
    const query = 'query ($n: Int = 5) { statements(first: $n) { nodes { text } } }';
    expect(cost(query)).toBe(10 + 5 * 2);
    expect(cost(query, { n: 7 })).toBe(10 + 7 * 2);
    for (const n of ['7', 1e9, -1, {}, true]) expect(cost(query, { n })).toBe(10 + 100 * 2);
  });

  it('counts aliases each for itself, and fields that are skipped', () => {
    expect(cost('{ a: actor(slug: "x") { name } b: actor(slug: "x") { name } }')).toBe(4);
    const query =
      'query ($no: Boolean!) { actor(slug: "x") { name @include(if: $no) slug @skip(if: true) } }';
    expect(cost(query, { no: false })).toBe(3);
  });

  it('follows fragments, and ends where one contains itself', () => {
    expect(
      cost('{ actor(slug: "x") { ...F ... on Actor { slug } } } fragment F on Actor { name kind }'),
    ).toBe(4);
    const circle =
      '{ actor(slug: "x") { ...A } } fragment A on Actor { name ...B } fragment B on Actor { slug ...A }';
    expect(cost(circle)).toBe(3);
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

  it('of the same document is counted anew for other variables, wherever these are', () => {
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
    const anew = (variables: Record<string, unknown>): number => {
      const copy = parse(print(document));
      return costOf(schema, copy, copy.definitions[0] as OperationDefinitionNode, variables).points;
    };
    const counts = [1, 7, 2].map((n) => {
      const variables = { n, slugs: Array.from({ length: n }, String) };
      const { points } = costOf(schema, document, operation, variables);
      expect(points).toBe(anew(variables));
      return points;
    });
    expect(new Set(counts).size).toBe(3);
  });

  it('of an interface is that of the dearest type', () => {
    const dear = 'statements(first: 100) { nodes { text } }';
    const query = `{ node(id: "x") { id ... on Statement { text } ... on Actor { name ${dear} } } }`;
    expect(cost(query)).toBe(1 + 1 + 1 + 10 + 100 * 2);
  });

  it('of nodes is by their number', () => {
    expect(cost('{ nodes(ids: ["a", "b", "c"]) { id } }')).toBe(10 + 3);
    expect(cost('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b'] })).toBe(10 + 2);
    expect(cost('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }')).toBe(10 + 100);
  });

  it('of a filter is a point for each of its values', () => {
    const query =
      '{ statements(first: 1, filter: { speakers: ["a", "b"], not: { acts: [DENY] } }) { nodes { id } } }';
    expect(cost(query)).toBe(10 + 3 + 2);
  });

  it('of recording is by the number of statements', () => {
    const query =
      'mutation ($input: [RecordStatementInput!]!) { recordStatements(input: $input) { position } }';
    expect(cost(query, { input: Array(10).fill({}) })).toBe(20 + 10);
  });

  it('lets every example and the introspection of GraphiQL through with room to spare', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const queries = [
      ...examples.map(({ query }) => query),
      getIntrospectionQuery({ inputValueDeprecation: true }),
    ];
    for (const query of queries) {
      for (const points of costs(query)) expect(points).toBeLessThan(DEFAULT_LIMITS.COST_MAX / 3);
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
  const DEAR =
    '{ record { position } all: statements(first: 100) { nodes { speakers { name statements { nodes { text } } } } } }';
  const dearFollow = `subscription { statementAdded { statement { speakers { statements(first: 100) { nodes { speakers { name kind slug } } } } } } }`;

  it('tells the cost over HTTP only where the header asks for it', async () => {
    expect(await service.ask(CHEAP)).not.toHaveProperty('extensions');
    expect(await service.ask(CHEAP, {}, { 'x-readout-cost': '1' })).toHaveProperty('extensions', {
      cost: 14,
    });
  });

  it('tells it over WebSocket where the connection parameter asks for it', async () => {
    const socket = new TestSocket(service.origin, { 'x-readout-cost': '1' });
    await socket.follow({ query: CHEAP }).ended();
    await socket.close();
    expect(socket.messages.find(({ type }) => type === 'next')).toMatchObject({
      payload: { extensions: { cost: 14 } },
    });
  });

  it('tells it over server-sent events where the header asks for it', async () => {
    const stream = new TestStream(
      service.origin,
      { query: CHEAP },
      { plain: false, headers: { 'x-readout-cost': '1' } },
    );
    await stream.received.ended();
    expect(stream.text).toContain('"extensions":{"cost":14}');
  });

  const refusal = {
    message: expect.stringMatching(
      /costs \d+ points, most of it for “all” \(\d+\); at most 1000 are allowed/,
    ),
    extensions: {
      code: 'LIMIT_EXCEEDED',
      limit: 'COST_MAX',
      max: 1000,
      cost: expect.any(Number),
      dearest: { path: 'all', points: expect.any(Number) },
    },
  };

  it('refuses what is too dear over HTTP before any SQL, with cost, limit and the dearest field', async () => {
    const { data, errors } = await service.ask(DEAR);
    expect(data).toBeUndefined();
    expect(errors).toEqual([refusal]);
  });

  it('refuses it over WebSocket and server-sent events in the same words', async () => {
    const socket = new TestSocket(service.origin);
    const overSocket = await socket.follow({ query: DEAR }).ended();
    expect(overSocket).toEqual({ type: 'errors', errors: [refusal] });
    await socket.close();
    const stream = new TestStream(service.origin, { query: DEAR }, { plain: false });
    await stream.received.ended();
    expect(stream.received.failures).toEqual([[refusal]]);
  });

  it('costs a subscription before it is opened, over both', async () => {
    const socket = new TestSocket(service.origin);
    const end = await socket.follow({ query: dearFollow }).ended();
    expect(end).toMatchObject({ type: 'errors', errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    await socket.close();
    const stream = new TestStream(service.origin, { query: dearFollow });
    expect((await stream.response).statusCode).toBe(400);
    await stream.received.ended();
    expect(stream.text).toContain('LIMIT_EXCEEDED');
  });
});
