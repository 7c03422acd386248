import { afterEach, expect, it } from 'vitest';
import { JsonBodies } from '../../../src/http/body/json.ts';
import type { TestDatabase } from '../../support/database.ts';
import { type Received, TestSocket } from '../../support/follow.ts';
import { recordSql } from '../../support/graphql.ts';
import { bearer, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';
import { record } from '../../support/world.ts';

/** Subscriptions of the client that has many. */
const MANY = 90;

let test: TestDatabase;
let service: TestService;
const sockets: TestSocket[] = [];

useService('world', (used) => {
  ({ test, service } = used);
});
afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
  await until('the end of all readers', () => service.hub.counts.readers === 0);
});

async function connect(name: string): Promise<TestSocket> {
  const socket = new TestSocket(service.origin, await bearer(test.db, 'reader', name));
  sockets.push(socket);
  await socket.ready();
  return socket;
}

/** Waits until each of these subscriptions has its feed or replay. */
async function opened(kind: 'feeds' | 'replays', all: readonly Received[]): Promise<void> {
  await until(`${all.length} ${kind}`, () => {
    for (const received of all) received.mustBeOpen();
    return service.hub.counts[kind] === all.length;
  });
}

/** Each needs SQL of its own. */
const differing = (first: number, given = '') =>
  `subscription { statementAdded${given} { cursor position statement { slug linkedFrom(first: ${first}) { kind } } } }`;
/** Its SQL differs from theirs. */
const other = (given = '') =>
  `subscription { statementAdded${given} { cursor position statement { slug revisions { number } } } }`;

/** How many statements of SQL for other answers were sent before the first one for `other`. */
const sentBefore = (texts: readonly string[]): number => {
  const own = texts.findIndex((text) => /revision/.test(text));
  expect(own, 'the place of the SQL for the client with one subscription').toBeGreaterThanOrEqual(0);
  return texts.slice(0, own).filter((text) => text.includes('statement_link')).length;
};

it('a change is rendered for a client with one subscription before most of those of a client with many', async () => {
  const many = await connect('many');
  const all = Array.from({ length: MANY }, (_, i) => many.follow({ query: differing(1 + i) }));
  await opened('feeds', all);
  const one = (await connect('one')).follow({ query: other() });
  await opened('feeds', [...all, one]);
  const texts = recordSql(service.liveDb);
  await record(test.db);
  await Promise.all([one, ...all].map((received) => received.count(1)));
  expect(texts.filter((text) => text.includes('statement_link'))).toHaveLength(MANY);
  expect(sentBefore(texts)).toBeLessThan(MANY / 2);
});

it('a client with many subscriptions that is alone gets them rendered in a few rounds', async () => {
  const many = await connect('alone');
  const all = Array.from({ length: MANY }, (_, i) =>
    many.follow({ query: other(`(filter: { any: [{ search: "truce" }, { search: "no${i}" }] })`) }),
  );
  await opened('feeds', all);
  const texts = recordSql(service.liveDb);
  await record(test.db);
  await Promise.all(all.map((received) => received.count(1)));
  // The hub gives the event loop a turn after each 10,000 points, so there are a few rounds.
  const rounds = texts.filter((text) => text.includes('search_query')).length;
  expect(rounds).toBeLessThan(MANY / 5);
});

it('one replay is not held up by the many of another client', async () => {
  await record(test.db);
  const many = await connect('many replays');
  const single = await connect('one replay');
  const texts = recordSql(service.liveDb);
  const locked = await test.db.pool.connect();
  await locked.query('BEGIN; LOCK TABLE change IN ACCESS EXCLUSIVE MODE'); // until all of them are there
  const all = Array.from({ length: MANY }, (_, i) =>
    many.follow({ query: differing(1 + i, '(after: "0")') }),
  );
  await opened('replays', all);
  const one = single.follow({ query: other('(after: "0")') });
  await opened('replays', [...all, one]);
  await locked.query('ROLLBACK');
  locked.release();
  await Promise.all([one, ...all].map((received) => received.count(1)));
  expect(sentBefore(texts)).toBeLessThan(MANY / 2);
});

it('a large body is not held up by the many of another client', async () => {
  const bodies = new JsonBodies();
  const body = Buffer.from(
    JSON.stringify({ query: '{ __typename }', variables: { text: 'x'.repeat(100_000) } }),
  );
  const parsed: string[] = [];
  const parse = async (client: string): Promise<void> => {
    await bodies.parse(body, client);
    parsed.push(client);
  };
  await Promise.all([...Array.from({ length: 20 }, () => parse('many')), parse('one')]);
  expect(parsed.indexOf('one'), 'bodies that were parsed before it').toBeLessThan(3);
  await bodies.stop();
  await expect(bodies.parse(body, 'late')).rejects.toThrow(/could not be parsed/);
});
