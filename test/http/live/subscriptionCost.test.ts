import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ADDED, TestSocket, TestStream } from '../../support/follow.ts';
import { bearer, countPaid, delivered, startTestService, type TestService } from '../../support/service.ts';
import { until, WAIT_MAX_MS } from '../../support/until.ts';
import { makeWorld, record } from '../../support/world.ts';

const PER_MINUTE = 20_000;

let test: TestDatabase;
let service: TestService;
const sockets: TestSocket[] = [];
const streams: TestStream[] = [];

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  service = await startTestService(test.url, { COST_PER_MINUTE: String(PER_MINUTE), TRUST_PROXY: '1' });
});
afterAll(async () => {
  await service.stop();
  await test.drop();
});
afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
  for (const stream of streams.splice(0)) stream.stop();
  await until('the end of all readers', () => service.hub.counts.readers === 0);
});

/** A filter that matches nothing, but needs many searches. */
const searching = (searches: number): object => ({
  any: Array.from({ length: searches }, (_, i) => ({ search: `nowhere${i}` })),
});

/** A separate token for each payer, so that each test begins with a full budget. */
const holder = (name: string) => bearer(test.db, 'reader', name);

async function connect(token: Record<string, string>, { origin } = service): Promise<TestSocket> {
  const socket = new TestSocket(origin, token);
  sockets.push(socket);
  await socket.ready();
  return socket;
}

async function joined(feeds: number): Promise<void> {
  await until(`${feeds} feeds`, () => service.hub.counts.feeds >= feeds);
}

/** The remaining points of a payer, after a query that costs a few points. */
async function remaining(token: Record<string, string>, { origin } = service): Promise<number> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.77', ...token },
    body: JSON.stringify({ query: '{ __typename }' }),
  });
  return Number(/r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1]);
}

describe('a subscription', () => {
  it('ends with LIMIT_EXCEEDED and its cursor when its payer has no points left, and no other payer’s ends', async () => {
    const spender = await connect(await holder('spender'));
    const saver = await connect(await holder('saver'));
    const searched = spender.follow({ query: ADDED, variables: { filter: searching(60) } });
    const cheap = spender.follow({ query: ADDED, variables: { filter: { speakers: ['boris'] } } });
    const other = saver.follow({ query: ADDED });
    await joined(3);
    let written = 0;
    let hasEnded = false;
    void searched.ended().then(() => {
      hasEnded = true;
    });
    while (!hasEnded) {
      await record(test.db, { text: `Said ${written}.` });
      written += 1;
      await other.count(written);
      await service.hub.drain(WAIT_MAX_MS);
      await setImmediate();
      if (written > 20) throw new Error('60 searches in each of 20 statements were not paid for');
    }
    const end = await searched.ended();
    expect(end).toMatchObject({
      type: 'errors',
      errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'COST_PER_MINUTE' } }],
    });
    const cursor = end.type === 'errors' ? String(end.errors[0]?.extensions?.cursor) : '';
    expect(cursor).toMatch(/^\d+\.[0-9a-f]{16}$/);
    await record(test.db, { text: 'Said at last.' });
    await other.count(written + 1);
    expect(other.failures).toEqual([]);
    // The payer's other subscription cost nothing, so it did not end.
    expect(service.hub.counts.readers).toBe(2);
    expect(cheap.changes).toEqual([]);
  });

  it('ends in the same way as server-sent events, named or not', async () => {
    for (const plain of [true, false]) {
      const token = await holder(`streamer ${plain}`);
      const operation = { query: ADDED, variables: { filter: searching(60) } };
      const stream = new TestStream(service.origin, operation, { plain, headers: token });
      streams.push(stream);
      expect((await stream.response).statusCode).toBe(200);
      await joined(1);
      const ended = stream.received.ended();
      let isOver = false;
      void ended.then(() => {
        isOver = true;
      });
      for (let i = 0; !isOver && i < 20; i += 1) {
        const { position } = await record(test.db);
        await delivered(service, position);
        await setImmediate();
      }
      await ended;
      expect(stream.text).toContain('retry: 60000');
      expect(stream.received.failures).toMatchObject([[{ extensions: { code: 'LIMIT_EXCEEDED' } }]]);
    }
  });

  it('names the limit of recorders when a token that records has no points left', async () => {
    const limited = await startTestService(test.url, { RECORDER_COST_PER_MINUTE: '20000' });
    const socket = new TestSocket(limited.origin, await bearer(test.db, 'recorder', 'who follows'));
    try {
      await socket.ready();
      const searched = socket.follow({ query: ADDED, variables: { filter: searching(60) } });
      await until('a feed', () => limited.hub.counts.feeds > 0);
      for (let i = 0; limited.hub.counts.readers > 0; i += 1) {
        expect(i, 'statements before the subscription ended').toBeLessThan(20);
        const { position } = await record(test.db, { text: `Recorded ${i}.` });
        await delivered(limited, position);
      }
      expect(await searched.ended()).toMatchObject({
        type: 'errors',
        errors: [
          {
            message: expect.stringContaining('20000 points a minute (RECORDER_COST_PER_MINUTE)'),
            extensions: { limit: 'RECORDER_COST_PER_MINUTE', max: 20_000 },
          },
        ],
      });
    } finally {
      await socket.close();
      await limited.stop();
    }
  });

  it('costs points for each delivery, by its operation', async () => {
    const token = await holder('reader of little');
    const socket = await connect(token);
    const received = socket.follow({ query: ADDED });
    await joined(1);
    const paid = countPaid(service);
    for (let i = 0; i < 50; i += 1) await record(test.db, { text: `Paid ${i}.` });
    await received.count(50);
    await service.hub.drain(WAIT_MAX_MS);
    // 20 points for each change and 8 for its delivery, beside the operation.
    expect(paid()).toBeGreaterThan(50 * 28);
  });

  it('pays its share of what the SQL of searches has taken, where that is more than estimated', async () => {
    const sleepMs = 30;
    await test.db.pool.query(`
      ALTER FUNCTION search_text(text) RENAME TO fast_search_text;
      CREATE FUNCTION search_text(text) RETURNS text LANGUAGE sql VOLATILE AS $$
        SELECT fast_search_text($1) FROM pg_sleep(${sleepMs / 1_000}) $$`);
    // Its connections have prepared nothing yet.
    const slow = await startTestService(test.url, { COST_PER_MINUTE: String(PER_MINUTE) });
    try {
      const [first, second] = [await holder('first searcher'), await holder('second searcher')];
      const tokens = [first, second] as const;
      const follow = async (token: Record<string, string>, search: string) => {
        const filter = { any: [{ search: 'truce' }, { search }] };
        return (await connect(token, slow)).follow({ query: ADDED, variables: { filter } });
      };
      const received = [await follow(first, 'nowhere'), await follow(second, 'anywhere')];
      await until('two feeds', () => slow.hub.counts.feeds === 2);
      const before = [await remaining(first, slow), await remaining(second, slow)];
      const startMs = performance.now();
      await record(test.db, { text: 'A truce at last.' });
      await Promise.all(received.map((one) => one.count(1)));
      await slow.hub.drain(WAIT_MAX_MS);
      for (const [i, token] of tokens.entries()) {
        const spent = (before[i] as number) - (await remaining(token, slow));
        const refilled = ((performance.now() - startMs) / 60_000) * PER_MINUTE;
        // SQL time in which this process is busy does not count, so a loaded machine charges less.
        expect(spent + refilled).toBeGreaterThanOrEqual((sleepMs * 1_000) / tokens.length / 3);
      }
    } finally {
      await slow.stop();
      await test.db.pool.query(`
        DROP FUNCTION search_text(text);
        ALTER FUNCTION fast_search_text(text) RENAME TO search_text`);
    }
  });

  it('costs nothing for changes without anything that it names', async () => {
    const token = await holder('reader of nothing');
    const socket = await connect(token);
    socket.follow({ query: ADDED, variables: { filter: { speakers: ['clara'] } } });
    await joined(1);
    const paid = countPaid(service);
    for (let i = 0; i < 20; i += 1) await record(test.db, { text: `Free ${i}.` });
    const { position } = await record(test.db);
    await delivered(service, position);
    expect(paid()).toBe(0);
  });

  it('pays for its replay, and ends if that costs more than its payer has', async () => {
    const inputs = Array.from({ length: 10 }, (_, i) => ({ text: `Replayed ${i}.` }));
    for (const input of inputs) await record(test.db, input);
    const token = await holder('replayer');
    const socket = await connect(token);
    const ends = [];
    for (let i = 0; i < 12; i += 1) {
      // Other filters, or they would share the pages that the first one paid for.
      const filter = { saidFrom: `2000-01-${10 + i}` };
      const received = socket.follow({ query: ADDED, variables: { filter, after: '0' } });
      ends.push(received.ended());
    }
    const first = await Promise.race(ends);
    expect(first).toMatchObject({ type: 'errors', errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
  });
});
