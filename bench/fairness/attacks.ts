import { randomBytes } from 'node:crypto';

/** A load that one address puts on the service. */
export interface Attack {
  readonly name: string;
  readonly connections: number;
  /** Body of request number `i`; of a subscription for each socket where `overSocket`. */
  body(i: number): Record<string, unknown>;
  readonly overSocket?: boolean;
  headers?(): Record<string, string>;
}

const aliased = (count: number, field: (k: number) => string): string =>
  `{ ${Array.from({ length: count }, (_, k) => `a${k}: ${field(k)}`).join(' ')} }`;
const EMPTY_LISTS =
  'any: [{ speakers: [], topics: [], events: [], sources: [], addressees: [], attributedTo: [] }]';

export const ATTACKS: readonly Attack[] = [
  {
    name: '30 searches by relevance',
    connections: 8,
    body: (i) => ({
      query: aliased(
        30,
        (k) =>
          `statements(first: 1, orderBy: RELEVANCE, filter: { search: "ceasefire -zz${i}x${k}" }) { nodes { id } }`,
      ),
    }),
  },
  {
    name: '8 filters of empty lists',
    connections: 8,
    body: (i) => ({
      query: aliased(
        8,
        (k) =>
          `statements(first: 1, filter: { saidFrom: "20${10 + (i % 10)}-01-${10 + k}", ${EMPTY_LISTS} }) { totalCount }`,
      ),
    }),
  },
  {
    name: 'trees of any and not',
    connections: 8,
    body: (i) => ({
      query: `query ($f: StatementFilter) { statements(first: 20, filter: $f) { totalCount nodes { id } } }`,
      variables: {
        f: {
          not: {
            any: Array.from({ length: 100 }, (_, k) => ({ topics: [`topic-${1 + ((i + k) % 100)}`] })),
          },
        },
      },
    }),
  },
  {
    name: 'deep nested lists',
    connections: 8,
    body: (i) => ({
      query: `{ topics(first: ${100 - (i % 20)}) { nodes { name${i}: name statements(first: 5) { nodes { text speakers { name } topics { topic { name } } } } } } }`,
    }),
  },
  {
    name: '200 connections of small queries',
    connections: 200,
    body: (i) => ({ query: `{ statement(slug: "statement-${1 + ((i * 7_919) % 200_000)}") { text } }` }),
  },
  {
    name: 'invalid documents',
    connections: 50,
    body: (i) => ({ query: `{ record { unknown${i} } }` }),
  },
  {
    name: 'kept answers',
    connections: 50,
    body: () => ({ query: '{ statements(first: 100) { nodes { id text } } }' }),
  },
  {
    name: 'unknown tokens',
    connections: 50,
    body: () => ({ query: '{ record { statements } }' }),
    headers: () => ({ authorization: `Bearer ${randomBytes(24).toString('base64url')}` }),
  },
  {
    name: 'refused mutations',
    connections: 50,
    body: (i) => ({
      query: `mutation { saveTopic(input: { slug: "topic-${i}", name: "x" }) { position } }`,
    }),
  },
  {
    name: 'replays over 40 sockets',
    connections: 40,
    overSocket: true,
    body: () => ({
      query:
        'subscription ($after: Position) { statementAdded(after: $after) { cursor statement { text } } }',
      variables: { after: '0' },
    }),
  },
];
