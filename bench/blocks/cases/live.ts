import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Case, post, recordOne, times } from '../client.ts';
import { Followers } from '../followers.ts';

const WAIT_MS = 10;
const WAITS_MAX = 500;

const FIELDS = 'slug text quote act mode';
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

/** Sends messages over a new WebSocket, and answers what came before its end or for a while. */
const messages = (name: string, messagesOf: (run: number) => readonly (string | 'ping')[]): Case => ({
  name,
  send: async ({ origin }, run) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    let received = '';
    socket.on('message', (data) => {
      received += `${data}\n`;
    });
    socket.on('error', () => undefined);
    socket.send('{"type":"connection_init"}');
    for (const message of messagesOf(run)) {
      if (message === 'ping') socket.ping('x'.repeat(125));
      else socket.send(message);
    }
    socket.send('{"type":"subscribe","id":"last","payload":{"query":"{ record { position } }"}}');
    const isDone = (): boolean => received.includes('"last"') || socket.readyState === socket.CLOSED;
    for (let i = 0; i < WAITS_MAX && !isDone(); i += 1) await sleep(WAIT_MS);
    socket.terminate();
    return received;
  },
});

const subscribe = (id: string, query: string, variables: object = {}): string =>
  JSON.stringify({ type: 'subscribe', id, payload: { query, variables } });

/** Subscriptions, and messages over WebSocket. */
export const LIVE: readonly Case[] = [
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
  messages('100 subscriptions with documents of 1,000 tokens', (run) =>
    Array.from({ length: 99 }, (_, i) =>
      subscribe(
        `${i}`,
        `subscription { statementAdded { ${times(95, (k) => `x${run}y${i}z${k}: cursor`)} ${times(10, () => '...F')} } } fragment F on StatementAdded { cursor }`,
      ),
    ),
  ),
  messages('99 queries of a message of 130 kB', (run) =>
    Array.from({ length: 99 }, (_, i) =>
      subscribe(`${i}`, `query Q${run}x${i} { record { position } } ${'#c\n'.repeat(21_000)}`, {
        a: 'a'.repeat(60_000),
      }),
    ),
  ),
  messages('5,000 pings', () => Array.from({ length: 5_000 }, () => 'ping')),
  messages('5,000 pings of the protocol', () => Array.from({ length: 5_000 }, () => '{"type":"ping"}')),
  messages('5,000 completions of nothing', () =>
    Array.from({ length: 5_000 }, (_, i) => `{"type":"complete","id":"${i}"}`),
  ),
  messages('a message of 130 kB of brackets', () => ['['.repeat(130_000)]),
];
