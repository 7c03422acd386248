import { type Case, type Client, post, query, times } from '../client.ts';

const FILTERED = 'query ($f: StatementFilter) { statements(first: 1, filter: $f) { nodes { slug } } }';
const repeat = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** A query of a client with a token, whose body can be large. */
const withToken = (name: string, text: string, variables: (run: number) => object): Case => ({
  name,
  send: (client, run) =>
    post(client, { query: text, variables: variables(run) }, { authorization: `Bearer ${client.token}` }),
});

/** A list in lists, to a depth. */
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

/** Filters, searches and other variables that are much work. */
export const VARIABLES: readonly Case[] = [
  query(
    '100 ids',
    (run) =>
      `{ r${run}: nodes(ids: [${times(100, (i) => `"${Buffer.from(`Statement:${run * 100 + i + 1}`).toString('base64')}"`, ',')}]) { id ... on Statement { slug text } } }`,
  ),
  query(
    'a filter of 119 conditions',
    () => FILTERED,
    (run) => ({
      f: {
        any: repeat(28, (i) => ({
          not: {
            speakers: [`actor-${run}`, `a${i}`],
            not: { topics: [`t${i}`], not: { events: [`e${i}`], acts: ['STATE'] } },
          },
        })),
      },
    }),
  ),
  query(
    'a filter of 64 kB of empty conditions',
    () => FILTERED,
    (run) => ({
      f: {
        any: repeat(80, () => ({ any: repeat(80, () => ({ not: {} })) })),
        saidFrom: `2025-01-${10 + (run % 10)}`,
      },
    }),
  ),
  withToken('a filter of 49,000 empty conditions', FILTERED, (run) => ({
    f: {
      any: repeat(24, () => ({ any: repeat(1_000, () => ({ not: {} })) })),
      saidFrom: `2025-01-${10 + (run % 10)}`,
    },
  })),
  query(
    'a filter of 64 kB of slugs',
    () => FILTERED,
    (run) => ({ f: { any: repeat(30, (i) => ({ speakers: repeat(100, (k) => `slug-${run}-${i}-${k}`) })) } }),
  ),
  withToken('a filter of 9,900 slugs', FILTERED, (run) => ({
    f: { any: repeat(99, (i) => ({ speakers: repeat(100, (k) => `slug-${run}-${i}-${k}`) })) },
  })),
  withToken('a filter of 49,000 slugs', FILTERED, (run) => ({
    f: { any: repeat(490, (i) => ({ speakers: repeat(99, (k) => `slug-${run}-${i}-${k}`) })) },
  })),
  withToken('49,000 values of the wrong type', FILTERED, () => ({
    f: { any: repeat(900, (i) => ({ speakers: repeat(50, () => ({ wrong: i })) })) },
  })),
  withToken(
    '49 lists of 1,000 filters',
    `query (${times(48, (i) => `$v${i}: [StatementFilter!]`)}) { ${times(25, (i) => `a${i}: statements(first: 1, filter: { any: $v${i} }) { totalCount }`)} }`,
    () => Object.fromEntries(repeat(48, (i) => [`v${i}`, repeat(1_000, () => ({}))])),
  ),
  query(
    '64 kB of variables of the wrong type',
    () => FILTERED,
    (run) => ({ f: { any: repeat(450, (i) => ({ speakers: i, unknown: [run], sayers: {} })) } }),
  ),
  query(
    '64 kB of unused variables',
    (run) => `query Q${run} { record { position } }`,
    () => ({ x: repeat(70, () => repeat(100, () => ({}))) }),
  ),
  query(
    '64 kB of names of variables',
    (run) => `query Q${run} { record { position } }`,
    (run) => Object.fromEntries(repeat(900, (i) => [`variable${run}${'x'.repeat(50)}${i}`, 1])),
  ),
  query(
    '19 levels of variables',
    () => FILTERED,
    () => ({ f: { any: repeat(900, () => nested(17)) } }),
  ),
  {
    name: '130 kB of JSON in brackets',
    send: (client) => post(client, `${'['.repeat(65_000)}${']'.repeat(65_000)}`),
  },
  {
    name: '130 kB of JSON escapes',
    send: (client: Client) =>
      post(client, `{"query":"{record{position}}","variables":{"a":"${'\\u0061'.repeat(21_000)}"}}`),
  },
  query(
    'a search of 200 combining characters',
    () => FILTERED,
    (run) => ({ f: { search: `e${run}${'\u0301\u0327'.repeat(95)}` } }),
  ),
  query(
    'a search of 10 words',
    () => FILTERED,
    (run) => ({
      f: {
        search: `ceasefire${run} or renewed or dialogue or further or progress or delegation or noted or need or put`,
      },
    }),
  ),
  query(
    '30 misspelt names',
    (run) =>
      `{ ${times(10, (i) => `r${run}x${i}: actors(search: "Acter Numbr ${run} ${i}") { nodes { slug } }`)} }`,
  ),
  query(
    '10 searches for names of 200 characters in Chinese',
    (run) =>
      `{ ${times(10, (i) => `r${run}x${i}: actors(search: "${'外交部发言人'.repeat(32)}${i}") { nodes { slug } }`)} }`,
  ),
  query(
    '29 lists with unknown slugs',
    (run) =>
      `{ ${times(29, (i) => `r${run}x${i}: statements(first: 1, filter: { speakers: [${times(80, (k) => `"actor-${run}x${i}x${k}"`, ',')}] }) { totalCount }`)} }`,
  ),
];
