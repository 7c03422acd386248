import { describe, expect, it } from 'vitest';
import { NODES_MAX } from '../../../src/schema/builder/node.ts';
import { useSeededRecord } from '../../support/seeded.ts';

const record = useSeededRecord();
const globalId = (text: string) => Buffer.from(text).toString('base64');

const SLUGS = `id __typename
  ... on Actor { slug } ... on Topic { slug } ... on Source { slug } ... on Event { slug } ... on Statement { slug }`;
const NODE = `query ($id: ID!) { node(id: $id) { ${SLUGS} } }`;
const NODES = `query ($ids: [ID!]!) { nodes(ids: $ids) { ${SLUGS} } }`;

interface Found {
  readonly id: string;
  readonly __typename: string;
  readonly slug: string;
}

async function everything(): Promise<Found[]> {
  const data = await record.ask<Record<string, Found>>(`{
    actor(slug: "iran") { id __typename slug }
    topic(slug: "ukraine-war") { id __typename slug }
    source(slug: "macron-putin-call-article") { id __typename slug }
    event(slug: "call-2025-07-01") { id __typename slug }
    statement(slug: "macron-ceasefire-needed") { id __typename slug }
  }`);
  return Object.values(data);
}

describe('node', () => {
  it('gives again whatever has given its id', async () => {
    for (const thing of await everything()) {
      expect(await record.ask(NODE, { id: thing.id })).toEqual({ node: thing });
    }
  });

  it('gives things with all that their fields lead to', async () => {
    const statement = (await everything()).find(({ __typename }) => __typename === 'Statement');
    const query =
      'query ($id: ID!) { node(id: $id) { ... on Statement { speakers { aliases { name } } anchors { start } } } }';
    const { node } = await record.ask<{ node: { speakers: { aliases: unknown[] }[]; anchors: unknown[] } }>(
      query,
      {
        id: statement?.id,
      },
    );
    expect(node.speakers[0]?.aliases).not.toEqual([]);
    expect(node.anchors).toHaveLength(1);
  });

  it.each([
    '',
    'x',
    '\0',
    '🦊',
    'iran',
    globalId('Actor:999999'),
    globalId('Actor:0'),
    globalId('Actor:-1'),
    globalId('Actor:01'),
    globalId('Actor:1.5'),
    globalId('Actor:99999999999999999999'),
    globalId('Actor:2147483648'),
    globalId('Actor:1; DROP TABLE actor'),
    globalId('Nobody:1'),
    globalId('Token:1'),
    globalId('toString:1'),
    globalId('Change:1'),
    globalId('Revision:1'),
    'x'.repeat(10_000),
  ])('gives null for an id that nothing has: %j', async (id) => {
    expect(await record.ask(NODE, { id })).toEqual({ node: null });
  });
});

describe('nodes', () => {
  it('returns objects in the order of their ids, repeats included, and null for each unknown id', async () => {
    const things = await everything();
    const ids = [...things.map(({ id }) => id), 'none', things[0]?.id, globalId('Topic:999999')].reverse();
    expect(await record.ask(NODES, { ids })).toEqual({ nodes: [...things, null, things[0], null].reverse() });
    expect(await record.ask(NODES, { ids: [] })).toEqual({ nodes: [] });
  });

  it(`refuses more than ${NODES_MAX} ids, naming the argument`, async () => {
    const refusal = await record.graphql.refusal(NODES, {
      ids: Array.from({ length: NODES_MAX + 1 }, () => 'x'),
    });
    expect(refusal.message).toContain('“ids”');
    expect(refusal.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', inputPath: ['ids'] });
  });
});
