import { type GraphQLField, type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { transact } from '../../../src/db/transaction.ts';
import { schema } from '../../../src/schema/schema.ts';
import { saveCollection } from '../../support/saves.ts';
import { useSeededRecord } from '../../support/seeded.ts';

/** A field of the schema that is a connection. */
interface Connection {
  readonly name: string;
  readonly parent: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
}

interface Edge {
  readonly cursor: string;
  readonly node: { readonly id: string };
}
interface Page {
  readonly edges: readonly Edge[];
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const record = useSeededRecord();
beforeAll(async () => {
  const { prisma } = record.database.db;
  const collection = { slug: 'papers', title: 'Papers of 2025' }; // the seed has none
  const { id } = await transact(prisma, (tx) => saveCollection(tx, collection, 'test'));
  await prisma.statement.updateMany({ data: { collectionId: id } });
});
const objects = Object.values(schema.getTypeMap()).filter(isObjectType);
const connections: Connection[] = objects
  .filter(({ name }) => !name.startsWith('__'))
  .flatMap((parent) =>
    Object.values(parent.getFields())
      .filter((field) => getNamedType(field.type).name.endsWith('Connection'))
      .map((field) => ({ name: `${parent.name}.${field.name}`, parent, field })),
  );
const PAGE =
  '{ edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';

/** Reads a page of a connection, of the thing that has the longest one. */
async function reader({ parent, field }: Connection): Promise<(page: string) => Promise<Page>> {
  if (parent === schema.getQueryType()) {
    return async (page) => {
      const data = await record.ask<Record<string, Page>>(`{ ${field.name}${page} ${PAGE} }`);
      return data[field.name] as Page;
    };
  }
  const root = connections.find(
    (other) =>
      other.parent === schema.getQueryType() &&
      getNamedType(other.field.type).name === `${parent.name}Connection`,
  );
  if (!root) throw new Error(`no list of the root has things of the type ${parent.name}`);
  const query = `{ ${root.field.name}(first: 100) { nodes { id ${field.name}(first: 100) { nodes { id } } } } }`;
  type Parents = Record<string, { nodes: { id: string; [name: string]: unknown }[] }>;
  const parents = (await record.ask<Parents>(query))[root.field.name]?.nodes ?? [];
  const lengthOf = (thing: Record<string, unknown>): number =>
    (thing[field.name] as { nodes: object[] }).nodes.length;
  const [longest] = [...parents].sort((a, b) => lengthOf(b) - lengthOf(a));
  if (!longest) throw new Error(`the record has nothing of the type ${parent.name}`);
  return async (page) => {
    const one = `{ node(id: ${JSON.stringify(longest.id)}) { ... on ${parent.name} { ${field.name}${page} ${PAGE} } } }`;
    const data = await record.ask<{ node: Record<string, Page> }>(one);
    return data.node[field.name] as Page;
  };
}

const ids = (page: Page): string[] => page.nodes.map(({ id }) => id);

it('are there to be tested', () => {
  expect(connections.map(({ name }) => name)).toContain('Actor.statements');
  expect(connections.length).toBeGreaterThanOrEqual(9);
});

describe.each(connections)('the connection $name', (connection) => {
  let read: (page: string) => Promise<Page>;
  let all: string[];
  beforeAll(async () => {
    read = await reader(connection);
    all = ids(await read('(first: 100)'));
    expect(all.length).toBeGreaterThan(0);
  });

  it('has the types and arguments that Relay names', () => {
    const type = getNamedType(connection.field.type) as GraphQLObjectType;
    const fields = type.getFields();
    const edge = getNamedType(fields.edges?.type) as unknown as GraphQLObjectType;
    const typeOf = (of: GraphQLObjectType, name: string): string => String(of.getFields()[name]?.type);
    expect(String(fields.pageInfo?.type)).toBe('PageInfo!');
    expect(typeOf(edge, 'cursor')).toBe('String!');
    expect(typeOf(edge, 'node').replace('!', '')).toBe(type.name.replace('Connection', ''));
    const given = Object.fromEntries(connection.field.args.map(({ name, type: of }) => [name, String(of)]));
    expect(given).toMatchObject({ first: 'Int', after: 'String', last: 'Int', before: 'String' });
  });

  it('reads forward to its end, each item once and in one order', async () => {
    const size = Math.max(1, Math.ceil(all.length / 3));
    const found: string[] = [];
    let after: string | null = null;
    for (;;) {
      const page: Page = await read(`(first: ${size}${after ? `, after: ${JSON.stringify(after)}` : ''})`);
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      expect(page.edges.map(({ node }) => node.id)).toEqual(ids(page));
      expect(page.pageInfo.startCursor).toBe(page.edges[0]?.cursor ?? null);
      expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null);
      found.push(...ids(page));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(found).toEqual(all);
  });

  it('reads backward to its beginning, in the same order', async () => {
    const size = Math.max(1, Math.ceil(all.length / 3));
    const found: string[] = [];
    let before: string | null = null;
    for (;;) {
      const page: Page = await read(`(last: ${size}${before ? `, before: ${JSON.stringify(before)}` : ''})`);
      expect(page.pageInfo.hasNextPage).toBe(before !== null);
      found.unshift(...ids(page));
      if (!page.pageInfo.hasPreviousPage) break;
      before = page.pageInfo.startCursor;
    }
    expect(found).toEqual(all);
  });

  it('reads what lies between two cursors', async () => {
    const { edges } = await read('(first: 100)');
    const [after, before] = [edges[0]?.cursor, edges.at(-1)?.cursor].map((cursor) => JSON.stringify(cursor));
    const between = await read(`(first: 100, after: ${after}, before: ${before})`);
    expect(ids(between)).toEqual(all.slice(1, -1));
    expect(ids(await read(`(last: 2, after: ${after})`))).toEqual(all.slice(1).slice(-2));
    expect(ids(await read(`(first: 2, before: ${before})`))).toEqual(all.slice(0, -1).slice(0, 2));
  });

  it('has empty pages, at its ends and where none are asked for', async () => {
    const { pageInfo } = await read('(first: 100)');
    const empty = { nodes: [], edges: [], pageInfo: { startCursor: null, endCursor: null } };
    expect(await read('(first: 0)')).toMatchObject(empty);
    expect(await read('(last: 0)')).toMatchObject(empty);
    const behind = await read(`(first: 5, after: ${JSON.stringify(pageInfo.endCursor)})`);
    expect(behind).toMatchObject({ ...empty, pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    const ahead = await read(`(last: 5, before: ${JSON.stringify(pageInfo.startCursor)})`);
    expect(ahead).toMatchObject({ ...empty, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  });

  it.each([
    ['(first: -1)', 'INVALID_INPUT'],
    ['(last: -1)', 'INVALID_INPUT'],
    ['(first: 1, last: 1)', 'INVALID_INPUT'],
    ['(first: 101)', 'LIMIT_EXCEEDED'],
    ['(last: 101)', 'LIMIT_EXCEEDED'],
    ['(first: 1, after: "nonsense")', 'INVALID_INPUT'],
    ['(last: 1, before: "")', 'INVALID_INPUT'],
  ])('refuses %s with %s', async (page, code) => {
    const refusal = await read(page).then(
      () => 'it was answered',
      (error: Error) => error.message,
    );
    expect(refusal).toContain(code);
  });
});

describe('object identification', () => {
  const nodeTypes = schema.getPossibleTypes(schema.getType('Node') as never).map(({ name }) => name);

  it.each(nodeTypes)('finds every %s again by its id, alone and among others', async (name) => {
    const root = connections.find(
      ({ parent, field }) =>
        parent === schema.getQueryType() && getNamedType(field.type).name === `${name}Connection`,
    );
    type Found = { nodes: { id: string; slug: string }[] };
    const listed = await record.ask<Record<string, Found>>(
      `{ ${root?.field.name}(first: 100) { nodes { id slug } } }`,
    );
    const things = listed[root?.field.name ?? '']?.nodes ?? [];
    expect(things.length).toBeGreaterThan(0);
    const query = `query ($ids: [ID!]!, $id: ID!) {
      nodes(ids: $ids) { __typename id ... on ${name} { slug } } node(id: $id) { __typename id ... on ${name} { slug } } }`;
    const wanted = things.map((thing) => ({ __typename: name, ...thing }));
    const again = await record.ask<object>(query, { ids: things.map(({ id }) => id), id: things[0]?.id });
    expect(again).toEqual({ nodes: wanted, node: wanted[0] });
  });

  it('gives null for what is no id, in its place', async () => {
    const { nodes } = await record.ask<{ nodes: unknown[] }>(
      '{ nodes(ids: ["", "x", "U3RhdGVtZW50OjA="]) { id } }',
    );
    expect(nodes).toEqual([null, null, null]);
  });

  it('has ids that are the same wherever a thing is met', async () => {
    const query =
      '{ actor(slug: "emmanuel-macron") { id statements(first: 1) { nodes { speakers { id slug } } } } }';
    type Data = {
      actor: { id: string; statements: { nodes: { speakers: { id: string; slug: string }[] }[] } };
    };
    const { actor } = await record.ask<Data>(query);
    const speakers = actor.statements.nodes.flatMap((statement) => statement.speakers);
    expect(speakers.find(({ slug }) => slug === 'emmanuel-macron')?.id).toBe(actor.id);
  });
});
