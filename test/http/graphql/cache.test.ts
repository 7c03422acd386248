import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentPoints, REQUEST_POINTS } from '../../../src/http/cost/prices.ts';
import { type CachedAnswer, ResponseCache } from '../../../src/http/graphql/cache.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { bearer, countPaid, startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { makeWorld } from '../../support/world.ts';

const RUNS = 12;
const STEPS_MAX = 25;
const ATTEMPTS_AT_ONCE = 20;

describe('the cache', () => {
  const answer = (position: bigint, body: string): CachedAnswer => ({
    head: { digest: 'd1', position },
    contentType: 'application/json',
    body: Buffer.from(body),
    points: 1,
    operation: null,
  });
  const settled = () => new Promise(setImmediate);

  it('keeps what was made at the present position, and nothing of another', async () => {
    let position = 1n;
    const cache = new ResponseCache(1_000, () => ({ digest: 'd1', position }));
    const one = answer(1n, 'one');
    cache.make('a', Promise.resolve(one));
    await settled();
    expect(cache.find('a')).toBe(one);
    expect(cache.find('b')).toBe(null);
    position = 2n;
    expect(cache.find('a')).toBe(null);
    cache.make('a', Promise.resolve(one)); // read before the change
    await settled();
    expect(cache.find('a')).toBe(null);
    cache.make('b', Promise.resolve(answer(2n, 'two')));
    await settled();
    expect(cache.bytes).toBe('b'.length + 'two'.length);
  });

  it('lets only those wait for an answer being made who ask at the same position', async () => {
    let position = 1n;
    const cache = new ResponseCache(1_000, () => ({ digest: 'd1', position }));
    const made = Promise.resolve(answer(1n, 'one'));
    cache.make('a', made);
    expect(cache.find('a')).toBe(made);
    position = 2n;
    expect(cache.find('a')).toBe(null);
  });

  it('stays within its limit, and evicts first what was not requested again', async () => {
    const cache = new ResponseCache(30, () => ({ digest: 'd1', position: 1n }));
    for (const key of ['a', 'b', 'c']) cache.make(key, Promise.resolve(answer(1n, 'x'.repeat(9))));
    await settled();
    cache.find('a');
    cache.make('d', Promise.resolve(answer(1n, 'x'.repeat(9))));
    await settled();
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.find(key))).toEqual(['a', 'c', 'd']);
    cache.make('e', Promise.resolve(answer(1n, 'x'.repeat(30)))); // more than there is room for
    await settled();
    expect(['a', 'b', 'c', 'd', 'e'].filter((key) => cache.find(key))).toEqual(['a', 'c', 'd']);
    expect(cache.bytes).toBe(30);
    for (const key of ['f', 'g', 'h', 'i']) {
      cache.make(key, Promise.resolve(answer(1n, 'x'.repeat(9))));
      await settled();
    }
    expect(['a', 'c', 'd', 'f', 'g', 'h', 'i'].filter((key) => cache.find(key))).toHaveLength(3);
    expect(cache.bytes).toBe(30);
  });

  it('that may hold nothing still lets those who ask at the same time wait for one answer', async () => {
    const cache = new ResponseCache(0, () => ({ digest: 'd1', position: 1n }));
    const made = Promise.resolve(answer(1n, 'one'));
    cache.make('a', made);
    expect(cache.find('a')).toBe(made);
    await settled();
    expect(cache.find('a')).toBe(null);
    expect(cache.bytes).toBe(0);
  });

  it('forgets what failed', async () => {
    const cache = new ResponseCache(1_000, () => ({ digest: 'd1', position: 1n }));
    cache.make('a', Promise.reject(new Error('no')));
    await settled();
    expect(cache.find('a')).toBe(null);
  });
});

describe('answers over HTTP', () => {
  let database: TestDatabase;
  let services: [TestService, TestService];
  let recorder: { authorization: string };
  beforeAll(async () => {
    database = await createTestDatabase({ seeded: false });
    await makeWorld(database.db.prisma);
    recorder = await bearer(database.db, 'recorder');
    services = await Promise.all([startTestService(database.url), startTestService(database.url)]);
  });
  afterAll(async () => {
    expect(services.flatMap(({ masked }) => masked)).toEqual([]);
    await Promise.all(services.map((service) => service.stop()));
    await database.drop();
  });

  const LIST =
    '{ record { position } statements(orderBy: RECORDED_DESC, first: 100) { totalCount nodes { slug } } }';
  interface List {
    readonly record: { readonly position: string };
    readonly statements: {
      readonly totalCount: number;
      readonly nodes: readonly { readonly slug: string }[];
    };
  }
  const RECORD = `mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { position statement { slug } } }`;
  interface Recorded {
    readonly recordStatement: { readonly position: string; readonly statement: { readonly slug: string } };
  }
  let count = 0;
  async function record(service: TestService): Promise<Recorded['recordStatement']> {
    count += 1;
    const input = {
      ...{ slug: `cached-${count}`, text: `Said for the ${count}th time.`, speakers: ['anna'], act: 'STATE' },
      ...{ said: '2025-07-01', source: 'first-source', mode: 'INDIRECT' },
    };
    const { data, errors } = await service.ask<Recorded>(RECORD, { input }, recorder);
    expect(errors).toBe(undefined);
    return (data as Recorded).recordStatement;
  }
  /** How many connections are taken from the pool while something is done. */
  async function taken(service: TestService, work: () => Promise<unknown>): Promise<number> {
    let times = 0;
    const take = (): void => {
      times += 1;
    };
    service.db.pool.on('acquire', take);
    await work();
    service.db.pool.off('acquire', take);
    return times;
  }

  it('are given again without a look at the database, until the record changes', async () => {
    const [service] = services;
    const first = await service.ask<List>(LIST);
    expect(await taken(service, async () => expect(await service.ask(LIST)).toEqual(first))).toBe(0);
    const { statement } = await record(service);
    expect((await service.ask<List>(LIST)).data?.statements.nodes[0]).toEqual(statement);
  });

  it.each<[what: string, query: string, headers?: () => Record<string, string>]>([
    ['a client that asks for the cost', LIST, () => ({ 'x-readout-cost': '1' })],
    [
      'an operation with an error',
      '{ a: statement(slug: "cached-1") { slug } statements(first: -1) { totalCount } }',
    ],
  ])('are computed again for %s', async (_, query, headers = () => ({})) => {
    const [service] = services;
    await service.ask(query, {}, headers());
    expect(await taken(service, () => service.ask(query, {}, headers()))).toBeGreaterThan(0);
  });

  it('are made once for all who ask at the same time', async () => {
    const [service] = services;
    const locked = await database.db.pool.connect();
    await locked.query('BEGIN; LOCK TABLE statement IN ACCESS EXCLUSIVE MODE');
    const query = 'query AtOnce { statements(first: 3) { nodes { slug } } }';
    const times = taken(service, async () => {
      const answers = Array.from({ length: ATTEMPTS_AT_ONCE }, () => service.ask(query));
      await locked.query('ROLLBACK');
      locked.release();
      const [first, ...others] = await Promise.all(answers);
      for (const other of others) expect(other).toEqual(first);
    });
    expect(await times).toBe(1);
  });

  it('are computed by one of the waiting clients when the first one has gone', async () => {
    const [service] = services;
    const locked = await database.db.pool.connect();
    await locked.query('BEGIN; LOCK TABLE statement IN ACCESS EXCLUSIVE MODE');
    const query = 'query Abandoned { statements(first: 3) { nodes { slug } } }';
    const gone = new AbortController();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query, variables: {} });
    const abandoned = fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers,
      body,
      signal: gone.signal,
    });
    // The services analyse the table as it grows, over connections of another name.
    const waiting = `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE NOT granted AND relation = 'statement'::regclass AND application_name = 'readout'`;
    const isWaiting = () =>
      until('one read that waits for the lock', async () => (await locked.query(waiting)).rowCount === 1);
    await isWaiting();
    const times = taken(service, async () => {
      const answers = Array.from({ length: ATTEMPTS_AT_ONCE }, () => service.ask(query));
      await until(`${ATTEMPTS_AT_ONCE + 1} connections`, async () => {
        const open = await new Promise<number>((resolve) => {
          service.http.server.getConnections((_, count) => resolve(count));
        });
        return open > ATTEMPTS_AT_ONCE;
      });
      gone.abort();
      await expect(abandoned).rejects.toThrow('aborted');
      await isWaiting();
      await locked.query('ROLLBACK');
      locked.release();
      for (const { errors } of await Promise.all(answers)) expect(errors).toBe(undefined);
    });
    expect(await times).toBe(1);
  });

  it('to a GET have a tag that is good until the record changes', async () => {
    const [service, other] = services;
    const { position } = service.tailer.head;
    await until(`position ${position} in the other process`, () => other.tailer.head.position >= position);
    const path = `/graphql?query=${encodeURIComponent('{ statements(first: 2) { nodes { slug } } }')}`;
    const first = await fetch(service.origin + path);
    const etag = String(first.headers.get('etag'));
    expect(first.headers.get('cache-control')).toBe('public, no-cache');
    const again = (from: TestService) => fetch(from.origin + path, { headers: { 'if-none-match': etag } });
    expect([(await again(service)).status, (await again(other)).status]).toEqual([304, 304]);
    await record(service);
    const changed = await again(service);
    expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
  });

  it('cost as much as new ones, but for reading the document', async () => {
    const [service] = services;
    const query = 'query Repeated { statements(first: 100) { nodes { slug text act mode } } }';
    const cost = async (): Promise<number> => {
      const paid = countPaid(service);
      expect((await service.ask(query)).errors).toBe(undefined);
      return paid();
    };
    const first = (await cost()) - documentPoints(query.length);
    expect(first).toBeGreaterThan(REQUEST_POINTS);
    const repeat = async () => expect([await cost(), await cost()]).toEqual([first, first]);
    expect(await taken(service, repeat)).toBe(0);
  });

  it('are never older than the position that they claim or that was demanded, with any writers and readers', async () => {
    const who = fc.nat({ max: 1 });
    const step = fc.oneof(
      fc.record({ type: fc.constant('write' as const), at: who }),
      fc.record({
        type: fc.constant('read' as const),
        at: who,
        minPosition: fc.boolean(),
        twice: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: STEPS_MAX }), async (steps) => {
        const written: { position: bigint; slug: string }[] = [];
        for (const taken of steps) {
          const service = services[taken.at] as TestService;
          if (taken.type === 'write') {
            const { position, statement } = await record(service);
            written.push({ position: BigInt(position), slug: statement.slug });
            continue;
          }
          const asked = taken.minPosition ? (written.at(-1)?.position ?? 0n) : 0n;
          const headers: Record<string, string> = taken.minPosition
            ? { 'x-readout-min-position': String(asked) }
            : {};
          const reads = Array.from({ length: taken.twice ? 2 : 1 }, () =>
            service.ask<List>(LIST, {}, headers),
          );
          for (const { data } of await Promise.all(reads)) {
            const { record: at, statements } = data as List;
            const claimed = BigInt(at.position);
            expect(claimed).toBeGreaterThanOrEqual(asked);
            const due = written.filter(({ position }) => position <= claimed).map(({ slug }) => slug);
            const given = new Set(statements.nodes.map(({ slug }) => slug));
            expect(due.slice(-100).filter((slug) => !given.has(slug))).toEqual([]);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});
