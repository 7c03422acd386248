import { getIntrospectionQuery } from 'graphql';
import { type Client, post, recordList, recordOne, saveActors, statement } from './client.ts';
import { FULL_EVENTS } from './events.ts';
import { Followers } from './followers.ts';

/** A request that is much work. */
export interface Case {
  readonly name: string;
  /** What must be there before; answers what ends it. */
  readonly prepare?: (client: Client) => Promise<() => void>;
  /** Sends it and answers the response. `run` makes each one another. */
  send(client: Client, run: number): Promise<string>;
}

const times = (count: number, make: (i: number) => string, separator = ' '): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(separator);

const query = (
  name: string,
  text: (run: number) => string,
  variables: (run: number) => object = () => ({}),
): Case => ({
  name,
  send: (client, run) => post(client, { query: text(run), variables: variables(run) }),
});

const FIELDS = 'slug text quote act mode';
const FILTERED = 'query ($f: StatementFilter) { statements(first: 1, filter: $f) { nodes { slug } } }';

const SEARCHES = 99;
const FOLLOWED = 'subscription ($f: StatementFilter) { statementAdded(filter: $f) { cursor } }';

/** Opens subscriptions, and sends something that concerns all of them. */
const following = (name: string, followers: Followers, mutation?: (run: number) => string): Case => ({
  name,
  prepare: async (client) => {
    await followers.open(client);
    return () => followers.close();
  },
  send: async (client, run) => {
    if (mutation) await post(client, { query: mutation(run) }, { authorization: `Bearer ${client.token}` });
    const delivered = followers.next();
    const answer = await recordOne(client);
    await delivered;
    return answer;
  },
});

export const CASES: readonly Case[] = [
  query(
    `comparisons of ${FULL_EVENTS} events with 2,000 statements each`,
    (run) =>
      `{ ${times(FULL_EVENTS, (i) => `r${run}x${i}: event(slug: "event-${i + 1}") { comparisonRowCount }`)} }`,
  ),
  following(
    `one change against 1,080 subscriptions with ${SEARCHES} searches each`,
    new Followers(12, 90, (n, i) => ({
      query: FOLLOWED,
      variables: {
        f: {
          any: Array.from({ length: SEARCHES }, (_, k) => ({
            search: k < SEARCHES - 1 ? `word${n}a${i}b${k} or missing` : `statement -none${n}a${i}`,
          })),
        },
      },
    })),
  ),
  following(
    'one change for 2,000 subscriptions with documents of their own',
    new Followers(20, 100, (n, i) => ({
      query: `subscription { statementAdded { x${n}a${i}: cursor statement { ${FIELDS} speakers { slug name } topics { topic { slug } } } } }`,
    })),
  ),
  following(
    'one change for 10,000 equal subscriptions',
    new Followers(100, 100, () => ({
      query: 'subscription { statementAdded { cursor statement { slug text } } }',
    })),
  ),
  following(
    'one actor for which 1,080 subscriptions wait',
    new Followers(12, 90, (n, i) => ({
      query: FOLLOWED,
      variables: {
        f: {
          any: [
            { search: 'statement' },
            {
              speakers: [
                ...Array.from({ length: 7 }, (_, r) => `awaited-${r}`),
                ...Array.from({ length: 90 }, (_, k) => `x${n}-${i}-${k}`),
              ],
            },
          ],
        },
      },
    })),
    (run) =>
      `mutation { saveActor(input: { slug: "awaited-${run}", name: "Awaited", kind: PERSON }) { actor { slug } } }`,
  ),
  {
    name: '100 subscriptions that name 3,000 slugs each',
    send: async (client, run) => {
      const f = (i: number) => ({
        any: Array.from({ length: 30 }, (_, a) => ({
          speakers: Array.from({ length: 100 }, (_, k) => `s${run}-${i}-${a}-${k}`),
        })),
      });
      const opened = new Followers(1, 100, (_, i) => ({
        query: FOLLOWED,
        variables: { f: { any: [f(i), { acts: ['STATE'] }] } },
      }));
      await opened.open(client);
      opened.close();
      return '';
    },
  },
  {
    name: '500 statements of 3 kB to record',
    send: (client, run) =>
      recordList(
        client,
        Array.from({ length: 500 }, (_, i) => ({
          ...statement(run, i, 900),
          quote: 'q'.repeat(1_900),
          mode: 'DIRECT',
          speakers: Array.from({ length: 20 }, (_, k) => `actor-${k + 1}`),
          addressees: Array.from({ length: 20 }, (_, k) => `actor-${k + 30}`),
          topics: Array.from({ length: 10 }, (_, k) => ({ topic: `topic-${k + 1}`, stance: 'SUPPORTS' })),
          events: Array.from({ length: 5 }, (_, k) => `event-${k + 1}`),
        })),
      ),
  },
  {
    name: '500 actors with 40 names each to save',
    send: (client, run) =>
      saveActors(
        client,
        Array.from({ length: 500 }, (_, i) => ({
          slug: `saved-${run}-${i}`,
          name: `Saved Actor ${run} ${i}`,
          kind: 'PERSON',
          aliases: Array.from({ length: 39 }, (_, k) => ({ name: `Name ${run} ${i} Otherwise ${k}` })),
        })),
      ),
  },
  query(
    'a large answer of small values',
    (run) => `{ r${run}: statements(first: 100) { nodes { ${times(95, (i) => `a${i}: slug`)} ${FIELDS} } }
      ${times(3, (k) => `s${k}: statements(first: 100) { nodes { ${times(1, () => '...F')} } }`)} }
      fragment F on Statement { id ${FIELDS} position speakers { id slug name kind } topics { stance topic { id slug name } } source { id slug title url } }`,
  ),
  query(
    'a large answer of many lists',
    (run) =>
      `{ ${times(11, (k) => `r${run}x${k}: statements(first: 100) { nodes { speakers { slug name kind } topics { stance topic { slug name } } } }`)} }`,
  ),
  query(
    'a large answer of long texts',
    (run) => `{ r${run}: statements(first: 100) { nodes { ${times(99, (i) => `a${i}: text`)} } } }`,
  ),
  query('the whole schema', (run) => getIntrospectionQuery().replace('IntrospectionQuery', `Q${run}`)),
  query(
    'the same 95 fields in 15 places',
    (run) =>
      `{ ${times(15, () => 'record { ...F }')} r${run}: record { ...F } } fragment F on Record { ${times(95, (i) => `a${i}: position`)} }`,
  ),
  query(
    '3,000 tokens of unknown fields',
    (run) => `{ r${run}: record { ${times(2_900, (i) => `positiom${i}`)} } }`,
  ),
  query(
    '3,000 tokens in a list',
    (run) =>
      `{ r${run}: nodes(ids: [${times(490, (i) => `"${i}"`, ',')}]) { id } ${times(5, (k) => `s${k}: statements(filter: { speakers: [${times(480, (i) => `"a${i}"`, ',')}] }) { totalCount }`)} }`,
  ),
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
        any: Array.from({ length: 28 }, (_, i) => ({
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
        any: Array.from({ length: 80 }, () => ({ any: Array.from({ length: 80 }, () => ({ not: {} })) })),
        saidFrom: `2025-01-${10 + run}`,
      },
    }),
  ),
  query(
    'a filter of 64 kB of slugs',
    () => FILTERED,
    (run) => ({
      f: {
        any: Array.from({ length: 30 }, (_, i) => ({
          speakers: Array.from({ length: 100 }, (_, k) => `slug-${run}-${i}-${k}`),
        })),
      },
    }),
  ),
  query(
    '64 kB of variables of the wrong type',
    () => FILTERED,
    (run) => ({
      f: { any: Array.from({ length: 450 }, (_, i) => ({ speakers: i, unknown: [run], sayers: {} })) },
    }),
  ),
  query(
    '64 kB of unused variables',
    (run) => `query Q${run} { record { position } }`,
    () => ({
      x: Array.from({ length: 70 }, () => Array.from({ length: 100 }, () => ({}))),
    }),
  ),
  {
    name: '130 kB of JSON in brackets',
    send: (client) => post(client, `${'['.repeat(65_000)}${']'.repeat(65_000)}`),
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
];
