import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { DEFAULT_LIMITS } from '../../../src/config/limits.ts';
import type { TrustProxy } from '../../../src/config/trustProxy.ts';
import { ClientAddresses } from '../../../src/http/client/address.ts';
import { budgetOf, probeKey } from '../../../src/http/cost/budget.ts';
import { REQUEST_POINTS } from '../../../src/http/cost/prices.ts';
import { Rate, rateHeaders } from '../../../src/http/cost/rate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { TestSocket, TestStream } from '../../support/follow.ts';
import { untilWaitingForLock } from '../../support/locks.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';

describe('what a client can spend', () => {
  afterEach(() => void vi.useRealTimers());

  it('is a minute’s worth at once, and refills steadily', () => {
    let now = 0;
    const rate = new Rate(600, () => now);
    expect(rate.take('a', 500)).toMatchObject({ within: true, remaining: 100 });
    expect(rate.take('a', 150)).toMatchObject({ within: false, remaining: 100, waitMs: 5_000 });
    now = 4_900;
    expect(rate.take('a', 150).within).toBe(false);
    now = 5_000;
    expect(rate.take('a', 150)).toMatchObject({ within: true, remaining: 0, waitMs: 60_000 });
    now = 1_000_000;
    expect(rate.take('a', 0).remaining).toBe(600);
  });

  it('is each client’s own', () => {
    const rate = new Rate(600, () => 0);
    rate.take('a', 600);
    expect(rate.take('b', 600).within).toBe(true);
  });

  it('lets what costs more than all of it through when all of it is there', () => {
    const rate = new Rate(600, () => 0);
    expect(rate.take('a', 10_000)).toMatchObject({ within: true, remaining: 0 });
    expect(rate.take('a', 10_000)).toMatchObject({ within: false, waitMs: 60_000 });
  });

  it('can be overdrawn by finished work, by at most the points of one minute', () => {
    let now = 0;
    const rate = new Rate(600, () => now);
    expect(rate.settle('a', 600).within).toBe(true);
    expect(rate.settle('a', 10_000).within).toBe(false);
    expect(rate.take('a', 1)).toMatchObject({ within: false, remaining: 0 });
    now = 59_000;
    expect(rate.take('a', 1).within).toBe(false);
    now = 60_200;
    expect(rate.take('a', 1).within).toBe(true);
    expect(rate.settle('a', 1).within).toBe(true);
  });

  it('refills by a clock that does not run backwards when the time of day is set back', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const rate = new Rate(600);
    expect(rate.take('a', 600).within).toBe(true);
    vi.setSystemTime(Date.now() - 3_600_000);
    const { remaining, waitMs } = rate.take('a', 600);
    expect(remaining).toBeGreaterThanOrEqual(0);
    expect(waitMs).toBeLessThanOrEqual(60_000);
  });

  it('is in the headers of the draft, with Retry-After only where the client must wait', () => {
    const rate = new Rate(600, () => 0);
    expect(rateHeaders(rate.take('a', 300))).toEqual({
      'RateLimit-Policy': '"cost";q=600;w=60;qu="points"',
      RateLimit: '"cost";r=300;t=30',
    });
    expect(rateHeaders(rate.take('a', 301))).toMatchObject({
      RateLimit: '"cost";r=300;t=1',
      'Retry-After': '1',
    });
  });
});

describe('the address of a client', () => {
  const request = (remoteAddress: string, headers: Record<string, string> = {}) =>
    ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;
  const keyOf = (trustProxy: TrustProxy, remote: string, forwarded?: string): string =>
    new ClientAddresses({ trustProxy }).of(request(remote, forwarded ? { 'x-forwarded-for': forwarded } : {}))
      .key;

  it('is that of the connection where no proxy is trusted, whatever the client says', () => {
    expect(keyOf(0, '203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
    expect(keyOf(0, '::ffff:203.0.113.9')).toBe('203.0.113.9');
  });

  it('is the one that this number of proxies have named, and not what precedes it', () => {
    expect(keyOf(1, '10.0.0.1', '6.6.6.6, 203.0.113.9')).toBe('203.0.113.9');
    expect(keyOf(2, '10.0.0.1', '6.6.6.6, 203.0.113.9, 10.0.0.2')).toBe('203.0.113.9');
    expect(keyOf(1, '10.0.0.1')).toBe('10.0.0.1');
  });

  it('is the first one that is not among the trusted', () => {
    const trust = ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'];
    expect(keyOf(trust, '10.1.2.3', '6.6.6.6, 203.0.113.9, 192.0.2.1, fd00::7')).toBe('203.0.113.9');
    expect(keyOf(trust, '203.0.113.5', '6.6.6.6')).toBe('203.0.113.5');
    expect(keyOf(trust, '10.1.2.3', 'nonsense')).toBe('10.1.2.3');
  });

  it('is found without parsing the addresses that a client puts before it', () => {
    const parsed = vi.spyOn(ipaddr, 'process');
    const claimed = '6::6, '.repeat(2_000);
    expect(keyOf(1, '10.0.0.1', `${claimed}203.0.113.9`)).toBe('203.0.113.9');
    expect(keyOf(['10.0.0.1', '6::6'], '10.0.0.1', `${claimed}203.0.113.9`)).toBe('203.0.113.9');
    expect(parsed.mock.calls.length).toBeLessThanOrEqual(4);
    parsed.mockRestore();
  });

  it('of version 6 counts by its first 64 bits', () => {
    expect(keyOf(0, '2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(keyOf(0, '2001:db8:1:2:ffff::1')).toBe('2001:db8:1:2::/64');
    expect(keyOf(0, '2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(keyOf(1, '::1', '[2001:0db8:0001:2::9]:443')).toBe('2001:db8:1:2::/64');
  });

  it('is exempt only if a setting names it, in any notation', () => {
    const isExempt = (
      remote: string,
      exempt: string[],
      trustProxy: TrustProxy = 0,
      forwarded?: string,
    ): boolean =>
      new ClientAddresses({ trustProxy, exempt }).of(
        request(remote, forwarded ? { 'x-forwarded-for': forwarded } : {}),
      ).exempt;
    for (const local of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      expect(isExempt(local, []), local).toBe(false);
      expect(isExempt(local, ['10.0.0.0/8', 'fd00::/8']), local).toBe(false);
      expect(isExempt(local, ['127.0.0.1', '::1']), local).toBe(true);
    }
    expect(isExempt('10.1.2.3', ['10.0.0.0/8'])).toBe(true);
    expect(isExempt('fd12::9', ['fd00::/8'])).toBe(true);
    expect(isExempt('127.0.0.1', ['127.0.0.1'], 1, '203.0.113.9')).toBe(false);
    expect(isExempt('127.0.0.1', ['203.0.113.9'], 1, '203.0.113.9')).toBe(true);
    expect(isExempt('203.0.113.9', ['10.0.0.1'], 0, '10.0.0.1')).toBe(false);
  });

  it('of an untrusted proxy is reported to the operator once', () => {
    const notices: string[] = [];
    const notice = (message: string): void => void notices.push(message);
    const addresses = new ClientAddresses({ notice });
    addresses.of(request('127.0.0.1'));
    expect(notices).toEqual([]);
    addresses.of(request('127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }));
    addresses.of(request('127.0.0.1', { via: '1.1 proxy' }));
    expect(notices).toEqual([expect.stringMatching(/x-forwarded-for.*TRUST_PROXY/)]);
    new ClientAddresses({ trustProxy: 1, notice }).of(
      request('127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }),
    );
    expect(notices).toHaveLength(1);
  });
});

/** Points a minute: a few dozen requests. */
const BUDGET = 12_000;

function json(body: object, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

describe('the service', () => {
  let database: TestDatabase;
  let service: TestService;
  beforeAll(async () => {
    database = await createTestDatabase({ seeded: true });
    service = await startTestService(database.url, {
      COST_PER_MINUTE: String(BUDGET),
      SOCKETS_PER_ADDRESS_MAX: '3',
      TRUST_PROXY: '1',
    });
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  /** Costs three quarters of BUDGET. */
  const QUERY = `{ ${Array.from({ length: 9 }, (_, i) => `list${i}: statements(first: 100) { nodes { id } }`).join(' ')} }`;
  /** Costs the same however busy the machine is. */
  const FREE_OF_SQL = '{ __typename }';

  it('gives tokens that can record a larger budget than others', async () => {
    const policyOf = async (headers: Record<string, string>): Promise<string | null> => {
      await service.ask(FREE_OF_SQL, {}, headers); // a token is known from its second request on
      const response = await fetch(`${service.origin}/graphql`, json({ query: FREE_OF_SQL }, headers));
      return response.headers.get('ratelimit-policy');
    };
    expect(await policyOf(await bearer(database.db, 'recorder', 'who records'))).toContain(
      `q=${DEFAULT_LIMITS.RECORDER_COST_PER_MINUTE};`,
    );
    expect(await policyOf(await bearer(database.db, 'reader', 'who reads'))).toContain(`q=${BUDGET};`);
  });
  const post = (from: string, query = QUERY, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from, ...headers },
      body: JSON.stringify({ query }),
    });

  /** Spends three quarters of BUDGET. It takes half a minute until there are enough points for QUERY again. */
  const spendMost = async (send: () => Promise<unknown>): Promise<unknown> => {
    await send(); // its document is cached from here on
    return Promise.all(Array.from({ length: (0.7 * BUDGET) / REQUEST_POINTS }, send));
  };

  /** Spends more than BUDGET on SQL that takes long. It takes a minute until there are points for a request again. */
  async function spendAll(from: string): Promise<Response> {
    const { pool } = database.db;
    const locked = await pool.connect();
    try {
      await locked.query('BEGIN; LOCK TABLE statement IN ACCESS EXCLUSIVE MODE');
      const asked = post(from, '{ record { statements } }', { 'x-readout-cost': '1' });
      await untilWaitingForLock(pool, 1);
      await locked.query('SELECT pg_sleep(0.3)');
      await locked.query('ROLLBACK');
      const answer = await asked;
      expect(answer.status).toBe(200);
      return answer;
    } finally {
      locked.release(true);
    }
  }

  it('answers with what is left, and with 429 where it is spent, in each form', async () => {
    const first = await post('203.0.113.1', FREE_OF_SQL);
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toBe(`"cost";q=${BUDGET};w=60;qu="points"`);
    expect(first.headers.get('ratelimit')).toMatch(/^"cost";r=\d+;t=\d+$/);
    await spendMost(() => post('203.0.113.1', FREE_OF_SQL)); // there are still points for a request
    await spendAll('203.0.113.2'); // there are none
    for (const from of ['203.0.113.1', '203.0.113.2']) {
      for (const accept of ['application/json', 'application/graphql-response+json']) {
        const refused = await post(from, QUERY, { accept });
        expect(refused.status).toBe(429);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(refused.headers.get('ratelimit')).toMatch(/^"cost";r=\d+;t=\d+$/);
        expect(refused.headers.get('connection')).toBe('close');
        expect(await refused.json()).toMatchObject({
          errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'COST_PER_MINUTE' } }],
        });
      }
    }
  });

  it('names the limit of recorders where a token that records has spent it all, over each transport', async () => {
    const max = BUDGET;
    const limited = await startTestService(database.url, { RECORDER_COST_PER_MINUTE: String(max) });
    const error = {
      message: expect.stringContaining(`of ${max} a minute (RECORDER_COST_PER_MINUTE) are left`),
      extensions: expect.objectContaining({ limit: 'RECORDER_COST_PER_MINUTE', max }),
    };
    const token = await bearer(database.db, 'recorder', 'who spends');
    const socket = new TestSocket(limited.origin, token);
    try {
      await socket.ready(); // the token is known from here on
      await spendMost(() => limited.ask(FREE_OF_SQL, {}, token));
      expect((await limited.ask(QUERY, {}, token)).errors).toMatchObject([error]);
      expect(await socket.follow({ query: QUERY }).ended()).toMatchObject({
        type: 'errors',
        errors: [error],
      });
      const stream = new TestStream(limited.origin, { query: QUERY }, { plain: false, headers: token });
      await stream.received.ended();
      expect(stream.received.failures).toMatchObject([[error]]);
    } finally {
      await socket.close();
      await limited.stop();
    }
  });

  it('takes what a socket and a stream receive from the budget of their token', async () => {
    const small = await startTestService(database.url, { COST_PER_MINUTE: String(BUDGET), TRUST_PROXY: '1' });
    const quotaLeft = async (headers: Record<string, string>): Promise<number> => {
      const response = await fetch(`${small.origin}/graphql`, json({ query: FREE_OF_SQL }, headers));
      return Number(/r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1]);
    };
    const token = await bearer(database.db, 'recorder', 'who sends much');
    const text = 'x'.repeat(100_000); // 5,000 points
    const socket = new TestSocket(small.origin, token);
    try {
      await socket.ready();
      const operation = { query: '{ nothing }', variables: { text } };
      for (let i = 0; i < 2; i += 1) {
        expect(await socket.follow(operation).ended()).toMatchObject({ type: 'errors' });
        const stream = new TestStream(small.origin, operation, { plain: false, headers: token });
        await stream.received.ended();
        expect(stream.received.failures).toHaveLength(1);
      }
      expect(await quotaLeft({})).toBeGreaterThan(BUDGET / 2);
    } finally {
      await socket.close();
      await small.stop();
    }
  });

  it('stays open for other clients: another address, and a known token at the same address', async () => {
    const token = await bearer(database.db, 'reader');
    expect((await post('203.0.113.8', FREE_OF_SQL, token)).status).toBe(200);
    await spendAll('203.0.113.8');
    expect((await post('203.0.113.7', FREE_OF_SQL)).status).toBe(200);
    expect((await post('203.0.113.8', FREE_OF_SQL, token)).status).toBe(200);
  });

  it('counts streams in the same budget, and refuses them in the same way', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.3' };
    await spendAll('203.0.113.3');
    const stream = new TestStream(service.origin, { query: QUERY }, { plain: false, headers });
    expect((await stream.response).statusCode).toBe(429);
    await stream.received.ended();
    expect(stream.text).toContain('COST_PER_MINUTE');
  });

  /** Any request costs at least REQUEST_POINTS. Reading and look-ups cost more. */
  const FLOODS: readonly (readonly [what: string, path: string, init: RequestInit])[] = [
    ['invalid documents', '/graphql', json({ query: '{ nothing }' })],
    ['documents with a syntax error', '/graphql', json({ query: '{{{' })],
    [
      'bodies that are not JSON',
      '/graphql',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[[[' },
    ],
    ['bodies of another type', '/graphql', { method: 'POST', body: 'x' }],
    ['unknown tokens', '/graphql', json({ query: '{ __typename }' }, { authorization: 'Bearer nobody' })],
    ['questions by GET', '/graphql?query={__typename}', {}],
    ['streams of nothing', '/live?query=nothing', {}],
    ['the schema', '/schema.graphql', {}],
    ['the page of GraphiQL', '/graphql', { headers: { accept: 'text/html' } }],
    ['the reader page', '/', {}],
    ['what is not there', '/nothing', {}],
    [
      'preflights',
      '/graphql',
      {
        method: 'OPTIONS',
        headers: { origin: 'https://example.org', 'access-control-request-method': 'POST' },
      },
    ],
  ];

  it.each(FLOODS.map((flood, i) => [...flood, i] as const))(
    'ends a flood of %s',
    async (_, path, init, i) => {
      const from = `198.51.100.${i}`;
      const headers = { ...init.headers, 'x-forwarded-for': from };
      const send = async (): Promise<boolean> => {
        const response = await fetch(`${service.origin}${path}`, { ...init, headers });
        await response.arrayBuffer();
        return response.status === 429;
      };
      // The points of two minutes, at once: only a machine that takes a minute for it has points for all.
      const sent = Array.from({ length: (2 * BUDGET) / REQUEST_POINTS }, send);
      const isRefused = await Promise.all(sent);
      expect(isRefused.filter((refused) => !refused).length, 'requests that were answered').toBeGreaterThan(
        2,
      );
      expect(isRefused, 'refusals').toContain(true);
    },
  );

  it('answers health checks of an address that has spent it all, and the other way round', async () => {
    const check = async (from: string): Promise<number> => {
      const response = await fetch(`${service.origin}/health`, { headers: { 'x-forwarded-for': from } });
      await response.arrayBuffer();
      return response.status;
    };
    for (let i = 0; i <= BUDGET / REQUEST_POINTS; i += 1) expect(await check('203.0.113.9')).toBe(200);
    await spendAll('203.0.113.9');
    expect((await post('203.0.113.9', FREE_OF_SQL)).status).toBe(429);
    expect(await check('203.0.113.9')).toBe(200);
  });

  it('ends a flood of health checks', () => {
    const rate = new Rate(
      (key) => budgetOf(key, DEFAULT_LIMITS).max,
      () => 0,
    );
    let count = 0;
    while (rate.take(probeKey('203.0.113.10'), REQUEST_POINTS).within) count += 1;
    expect(count).toBe(6_000);
    expect(budgetOf(probeKey('203.0.113.10'), DEFAULT_LIMITS).limit).toBe('PROBE_COST_PER_MINUTE');
  });

  it('charges for SQL that took longer than estimated, after it ran', async () => {
    const answer = await spendAll('203.0.113.10');
    const { extensions } = (await answer.json()) as { extensions: { cost: number } };
    expect(extensions.cost).toBeGreaterThan(BUDGET);
    expect(answer.headers.get('ratelimit')).toMatch(/^"cost";r=0;/);
    expect((await post('203.0.113.10', FREE_OF_SQL)).status).toBe(429);
  });

  it('lets an address have its number of sockets and streams, and another one its own', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.5' };
    const sockets = [1, 2, 3].map(() => open(headers));
    expect(await Promise.all(sockets.map(({ opened }) => opened))).toEqual([101, 101, 101]);
    const refused = open(headers);
    expect(await refused.opened).toBe(429);
    const stream = await fetch(`${service.origin}/live?query=subscription{statementAdded{cursor}}`, {
      headers,
    });
    expect(stream.status).toBe(429);
    const other = open({ 'x-forwarded-for': '203.0.113.6' });
    expect(await other.opened).toBe(101);
    await Promise.all([...sockets, other].map(({ close }) => close()));
    const again = open(headers);
    expect(await again.opened).toBe(101);
    await again.close();
  });

  it.each<[string, (socket: TestSocket) => void]>([
    ['messages', (socket) => socket.send({ type: 'ping' })],
    ['pings of the protocol below', ({ socket }) => socket.ping()],
    ['pongs without a ping', ({ socket }) => socket.pong()],
  ])('ends a socket that sends %s without end', async (_, send) => {
    const flooding = await startTestService(database.url, { COST_PER_MINUTE: '3000' });
    const socket = new TestSocket(flooding.origin);
    await socket.ready();
    const follow = socket.follow({ query: 'subscription { statementAdded { cursor } }' });
    for (let i = 0; i < 200; i += 1) send(socket);
    const end = await follow.ended();
    await flooding.stop();
    // Answers to pings that follow the close frame are a fault to its client, which then tells 1006.
    expect(end).toMatchObject({ type: 'closed', code: expect.toBeOneOf([1013, 1006]) });
  });

  function open(headers: Record<string, string>) {
    const socket = new WebSocket(`${service.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers,
    });
    const opened = new Promise<number>((resolve) => {
      socket.on('upgrade', ({ statusCode }) => resolve(statusCode ?? 0));
      socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
      socket.on('error', () => undefined); // the status says it
    });
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        // The service has let go of it when its side of the connection is gone.
        const counted = service.http.server;
        socket.once('close', () => counted.getConnections(() => resolve()));
        socket.close();
      });
    return { opened, close };
  }
});
