import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { heapBytesOf } from '../../../src/base/object.ts';
import { AnswerMemory } from '../../../src/http/load/answerMemory.ts';
import { MemoryBudget } from '../../../src/http/load/memory.ts';
import { UnreadAnswers } from '../../../src/http/load/unread.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type Received, TestSocket } from '../../support/follow.ts';
import type { ShownError } from '../../support/graphql.ts';
import { saveSource } from '../../support/saves.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';
import { eventOf, until } from '../../support/until.ts';

const MEGABYTE = 1_048_576;
const TEXT_LENGTH = 500_000;
const WAIT_MS = 120_000;
const FILTERED = 'subscription ($filter: StatementFilter) { statementAdded(filter: $filter) { cursor } }';
const TEXT = '{ source(slug: "big") { text } }';

describe('a budget of memory', () => {
  const budget = () => new MemoryBudget({ MEMORY_PER_ADDRESS_BYTES_MAX: 100, MEMORY_BYTES_MAX: 150 });

  it('holds bytes for an address up to its limit, and refuses more until some are released', () => {
    const memory = budget();
    const first = memory.hold({ key: 'a', exempt: false }, 60);
    const second = memory.hold({ key: 'a', exempt: false }, 40);
    expect(() => memory.hold({ key: 'a', exempt: false }, 1)).toThrow(/at most 100 bytes for an address/);
    expect(() => second.grow(1)).toThrow(/at most 100 bytes/);
    first.release();
    first.release();
    second.resize(90);
    expect([memory.bytesOf('a'), memory.bytes]).toEqual([90, 90]);
    second.release();
    expect([memory.bytesOf('a'), memory.bytes]).toEqual([0, 0]);
  });

  it('evicts the address that holds the most when the process is full, and refuses more for that address', () => {
    const memory = budget();
    const ended: string[] = [];
    const large = memory.hold({ key: 'large', exempt: false }, 90, () => void ended.push('large'));
    memory.hold({ key: 'small', exempt: false }, 50, () => void ended.push('small'));
    expect(() => large.grow(10)).not.toThrow();
    expect(() => memory.hold({ key: 'larger', exempt: false }, 100)).toThrow(/no memory left/);
    memory.hold({ key: 'other', exempt: false }, 30);
    expect(ended).toEqual(['large']);
    expect(memory.bytes).toBe(80);
    expect(() => large.grow(1)).toThrow(/needs the memory of this request for others/);
    large.release();
    expect(memory.bytes).toBe(80);
  });

  it('counts the bytes that holdings of an address share once', () => {
    const memory = budget();
    const holdings = [1, 2, 3].map(() => memory.hold({ key: 'a', exempt: false }, 10));
    for (const holding of holdings) holding.shareCommon('feed', 50);
    expect(memory.bytesOf('a')).toBe(80);
    memory.hold({ key: 'b', exempt: false }, 10).shareCommon('feed', 50);
    expect(memory.bytes).toBe(140);
    for (const holding of holdings.slice(1)) holding.release();
    expect(memory.bytesOf('a')).toBe(60);
    holdings[0]?.release();
    expect(memory.bytesOf('a')).toBe(0);
  });

  it('bounds the texts of one answer, and holds memory for two copies of them', () => {
    const memory = budget();
    const answer = new AnswerMemory(40, memory.hold({ key: 'a', exempt: false }, 1));
    answer.take(30);
    expect(memory.bytesOf('a')).toBe(61);
    expect(() => answer.take(20)).toThrow(/at most 40 bytes/);
  });

  it('holds what waits on a connection beside whatever else is held with it', () => {
    const memory = budget();
    const holding = memory.hold({ key: 'a', exempt: false }, 10);
    const unread = new UnreadAnswers(WAIT_MS);
    const socket = new Socket();
    Object.defineProperty(socket, 'writableLength', { value: 20, writable: true });
    unread.watch(socket, holding);
    holding.grow(30);
    Object.assign(socket, { writableLength: 5 });
    unread.watch(socket, holding);
    unread.stop();
    expect(memory.bytesOf('a')).toBe(45);
  });

  it('weighs values however deep they are', () => {
    let deep: unknown = 0;
    for (let i = 0; i < 50_000; i += 1) deep = [deep];
    expect(heapBytesOf(deep)).toBeGreaterThan(50_000 * 32);
    expect(heapBytesOf({ a: 'x'.repeat(1_000) })).toBeGreaterThan(1_000);
  });
});

describe('a service whose memory for an address is short', () => {
  let database: TestDatabase;
  let service: TestService;
  beforeAll(async () => {
    database = await createTestDatabase({ seeded: true });
    const unknown = { publisher: undefined, url: undefined, publishedOn: undefined, language: undefined };
    const text = 'x'.repeat(TEXT_LENGTH);
    const big = { ...unknown, slug: 'big', title: 'Big', text, digest: undefined, length: undefined };
    await database.db.prisma.$transaction((tx) => saveSource(tx, big, 'test'));
    service = await startTestService(database.url, {
      MEMORY_PER_ADDRESS_BYTES_MAX: String(2 * MEGABYTE),
      WRITE_TIMEOUT_MS: '2000',
      CACHE_BYTES_MAX: '0',
      TRUST_PROXY: '1',
    });
  });
  afterAll(async () => {
    expect(service.masked).toEqual([]);
    await service.stop();
    await database.drop();
  });

  const post = (body: unknown, from: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  /** Resolves when `count` subscriptions are open. */
  const followed = async (following: readonly Received[], count: number): Promise<void> => {
    const refused = following.map(async (received) => {
      throw new Error(`ended: ${JSON.stringify(await received.ended())}`);
    });
    const open = () => expect(service.hub.counts.readers).toBe(count);
    await Promise.race([vi.waitFor(open, { timeout: WAIT_MS }), ...refused]);
    for (const ended of refused) ended.catch(() => undefined); // they end with the test
  };
  const codeOf = async (answer: Response): Promise<unknown> =>
    ((await answer.json()) as { errors?: ShownError[] }).errors?.[0]?.extensions;
  /** Resolves when nothing is held for an address. */
  const released = (key: string): Promise<void> =>
    vi.waitFor(() => expect(service.memory.bytesOf(key)).toBe(0), { timeout: WAIT_MS });

  async function open(text: string): Promise<Socket> {
    const socket = connect(service.http.port, '127.0.0.1');
    socket.on('error', () => undefined); // the service may end it
    await eventOf(socket, 'connect');
    socket.write(text);
    return socket;
  }
  const head = (from: string, more: readonly string[]): string =>
    [
      'POST /graphql HTTP/1.1',
      'Host: x',
      `X-Forwarded-For: ${from}`,
      'Content-Type: application/json',
      ...more,
    ]
      .map((line) => `${line}\r\n`)
      .join('');

  it('refuses subscriptions beyond it, serves other addresses, and frees the memory when they end', async () => {
    const socket = new TestSocket(service.origin); // without the proxy's header, as if from the proxy itself
    const slugs = (i: number): string[] =>
      Array.from({ length: 100 }, (_, k) => `${'x'.repeat(70)}-${i}-${k}`);
    const following = Array.from({ length: 99 }, (_, i) =>
      socket.follow({ query: FILTERED, variables: { filter: { speakers: slugs(i), topics: slugs(i) } } }),
    );
    const refused = await Promise.race(following.map((received) => received.ended()));
    expect(refused).toMatchObject({
      type: 'errors',
      errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'MEMORY_PER_ADDRESS_BYTES_MAX' } }],
    });
    expect(JSON.stringify(refused)).not.toContain('"http"');
    expect((await post({ query: TEXT }, '203.0.113.1')).status).toBe(200);
    await socket.close();
    await released('127.0.0.1');
  });

  it('closes a socket whose connection parameters are too much for the address, and goes on', async () => {
    const socketOf = () =>
      new WebSocket(`${service.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const init = JSON.stringify({ type: 'connection_init', payload: { text: 'x'.repeat(16_000) } });
    const sockets: WebSocket[] = [];
    const closed = new Promise<number>((resolve) => {
      for (let i = 0; i < 20; i += 1) {
        const socket = socketOf();
        socket.on('open', () => socket.send(init)).once('close', resolve);
        socket.on('error', () => undefined); // it is terminated before it is open
        sockets.push(socket);
      }
    });
    expect(await closed, 'the close code of a socket that is one too many').toBe(1013);
    for (const socket of sockets) socket.terminate();
    await released('127.0.0.1');
  });

  it('holds the pieces of a message over WebSocket until it is complete', async () => {
    const socket = new TestSocket(service.origin);
    await socket.ready();
    const opened = service.memory.bytesOf('127.0.0.1');
    const isHeld = (bytes: number): Promise<void> =>
      vi.waitFor(() => expect(service.memory.bytesOf('127.0.0.1')).toBeGreaterThanOrEqual(opened + bytes), {
        timeout: WAIT_MS,
      });
    const message = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(60_000) } });
    socket.socket.send(message.slice(0, 50_000), { fin: false });
    await isHeld(50_000);
    socket.socket.send(message.slice(50_000), { fin: true });
    await vi.waitFor(() => expect(service.memory.bytesOf('127.0.0.1')).toBe(opened), { timeout: WAIT_MS });
    await socket.close();
    await released('127.0.0.1');
  });

  it('closes a socket with a reason if its client has no memory left for an unfinished message', async () => {
    const socket = new TestSocket(service.origin);
    await socket.ready();
    const client = { key: '127.0.0.1', exempt: false };
    const held = service.memory.hold(client, 2 * MEGABYTE - service.memory.bytesOf(client.key));
    const closed = new Promise((resolve) =>
      socket.socket.once('close', (code, reason) => resolve([code, String(reason)])),
    );
    socket.socket.send('x'.repeat(131_070), { fin: false });
    expect(await closed).toEqual([1013, 'Too much is kept for this address']);
    held.release();
    await released(client.key);
  });

  it('ends a WebSocket that sends pings on and on, and reads no answer', async () => {
    const socket = new TestSocket(service.origin);
    await socket.ready();
    const payload = Buffer.alloc(125);
    socket.socket.pause();
    await until('the end of the socket', async () => {
      for (let i = 0; i < 200 && socket.socket.readyState === WebSocket.OPEN; i += 1)
        socket.socket.ping(payload);
      return service.sockets.count === 0;
    });
    socket.socket.terminate();
    await released('127.0.0.1');
  });

  it('lets thousands of equal subscriptions share their memory', async () => {
    const socket = new TestSocket(service.origin);
    const following = Array.from({ length: 99 }, () => socket.follow({ query: FILTERED }));
    await followed(following, following.length);
    expect(service.memory.bytesOf('127.0.0.1')).toBeLessThan(99 * 6_000);
    await socket.close();
    await released('127.0.0.1');
  });

  it('keeps no slug in a filter that is longer than any slug', async () => {
    const socket = new TestSocket(service.origin);
    const filter = {
      speakers: ['x'.repeat(30_000)],
      positions: [{ topic: 'y'.repeat(30_000), stance: 'SUPPORTS' }],
    };
    await followed([socket.follow({ query: FILTERED, variables: { filter } })], 1);
    expect(
      (
        await service.ask('query ($f: StatementFilter) { statements(filter: $f) { totalCount } }', {
          f: filter,
        })
      ).data,
    ).toEqual({ statements: { totalCount: 0 } });
    expect(service.memory.bytesOf('127.0.0.1')).toBeLessThan(30_000);
    await socket.close();
    await released('127.0.0.1');
  });

  it('refuses with 429 before anything runs while an address holds all it may', async () => {
    const from = '203.0.113.7';
    const held = service.memory.hold({ key: from, exempt: false }, 2 * MEGABYTE);
    const refused = await post({ query: TEXT }, from);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await codeOf(refused)).toMatchObject({ limit: 'MEMORY_PER_ADDRESS_BYTES_MAX' });
    const stream = await fetch(`${service.origin}/live?query=subscription{statementAdded{cursor}}`, {
      headers: { 'x-forwarded-for': from },
    });
    expect(stream.status).toBe(429);
    held.release();
    expect((await post({ query: TEXT }, from)).status).toBe(200);
    await released(from);
  });

  it('destroys a connection that does not read a large file', async () => {
    const page = await fetch(`${service.origin}/graphql`, { headers: { accept: 'text/html' } });
    const [path] = /\/graphql\/assets\/[^"]+\.js/.exec(await page.text()) ?? [];
    const accepted = once(service.http.server, 'connection');
    const client = connect(service.http.port, '127.0.0.1');
    const [socket] = (await accepted) as [Socket];
    client.pause().write(`GET ${path} HTTP/1.1\r\nHost: readout\r\n\r\n`);
    await expect.poll(() => socket.destroyed, { message: 'the connection is destroyed' }).toBe(true); // only by WRITE_TIMEOUT_MS: the client has not closed it
    client.destroy();
  });

  it('holds unread answers, and destroys a connection that accepts nothing', async () => {
    const from = '203.0.113.2';
    const body = JSON.stringify({ query: TEXT });
    const request = `${head(from, [`Content-Length: ${body.length}`])}\r\n${body}`;
    // They read nothing. The kernel buffers some megabytes, and then the process has to hold the answers. Each sends its next
    // request when the kernel has taken the answer before, so that no number of requests waits, however slow the machine is.
    const lazy = await Promise.all(Array.from({ length: 3 }, () => open('')));
    const sendNext = ({ socket: { remotePort } }: IncomingMessage, response: ServerResponse): void => {
      const socket = lazy.find(({ localPort }) => localPort === remotePort);
      if (socket) response.once('finish', () => socket.write(request));
    };
    service.http.server.on('request', sendNext);
    for (const socket of lazy) socket.pause().write(request);
    const isHeld = () => expect(service.memory.bytesOf(from)).toBeGreaterThan(TEXT_LENGTH);
    await vi.waitFor(isHeld, { timeout: WAIT_MS });
    expect(service.memory.bytesOf(from)).toBeLessThanOrEqual(2 * MEGABYTE);
    expect((await post({ query: TEXT }, '203.0.113.3')).status).toBe(200);
    await released(from); // only by WRITE_TIMEOUT_MS: no client has closed its connection
    service.http.server.off('request', sendNext);
    for (const socket of lazy) socket.destroy();
  });

  it('ends a WebSocket that reads no answers', async () => {
    const socket = new TestSocket(service.origin);
    await socket.ready();
    (socket.socket as unknown as { _socket: Socket })._socket.pause();
    for (let i = 0; i < 60; i += 1) socket.follow({ query: TEXT });
    await vi.waitFor(() => expect(service.memory.bytesOf('127.0.0.1')).toBeGreaterThan(0), {
      timeout: WAIT_MS,
    });
    await released('127.0.0.1');
    socket.socket.terminate();
  });

  it('ends a connection that sends requests on and on without waiting for answers', async () => {
    const count = 50_000;
    const socket = await open('');
    let answers = 0;
    socket.on('data', (data) => {
      answers += String(data).split('HTTP/1.1 200').length - 1;
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const path = `/graphql?query=${encodeURIComponent('{ __typename }')}`;
    await post({ query: TEXT }, '203.0.113.59'); // a client that is alone does not wait for turns
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.60\r\n\r\n`.repeat(count));
    await closed;
    expect(answers).toBeLessThan(count);
    await released('203.0.113.60');
  });

  it('has back what it held for requests that stood behind another one when their connection ended', async () => {
    const body = JSON.stringify({ query: '{ __typename }' });
    const ahead = [`X-Readout-Min-Position: 1000000`, `Content-Length: ${body.length}`];
    const socket = await open(`${head('203.0.113.61', ahead)}\r\n${body}`.repeat(3));
    const isHeld = () => expect(service.memory.bytesOf('203.0.113.61')).toBeGreaterThan(3 * 4_000);
    await vi.waitFor(isHeld, { timeout: WAIT_MS });
    socket.destroy();
    await released('203.0.113.61');
  });

  it('counts the bytes of bodies that have arrived, not the announced length', async () => {
    const from = '203.0.113.4';
    const slow = await Promise.all(
      Array.from({ length: 16 }, () => open(`${head(from, ['Transfer-Encoding: chunked'])}\r\n1\r\n{\r\n`)),
    );
    await vi.waitFor(() => expect(service.memory.bytesOf(from)).toBeGreaterThan(16 * 4_096), {
      timeout: WAIT_MS,
    });
    expect(service.memory.bytesOf(from)).toBeLessThan(16 * 16_384);
    expect((await post({ query: TEXT }, from)).status).toBe(200);
    const greedy = await Promise.all(
      Array.from({ length: 30 }, () =>
        open(`${head(from, ['Content-Length: 130000'])}\r\n${' '.repeat(129_000)}`),
      ),
    );
    const limit = 'MEMORY_PER_ADDRESS_BYTES_MAX';
    const isFull = async () =>
      expect(await codeOf(await post({ query: TEXT }, from))).toMatchObject({ limit });
    await vi.waitFor(isFull, { timeout: WAIT_MS });
    for (const socket of [...slow, ...greedy]) socket.destroy();
    await released(from);
  });

  it('holds what is made of a body, for each form of answer', async () => {
    const held = service.memory.hold({ key: '203.0.113.50', exempt: false }, MEGABYTE);
    const variables = { unused: Array.from({ length: 50 }, () => Array.from({ length: 400 }, () => ({}))) };
    for (const accept of ['application/json', 'text/plain, application/json']) {
      const answer = await post({ query: '{ __typename }', variables }, '203.0.113.50', { accept });
      expect(await codeOf(answer)).toMatchObject({ limit: 'MEMORY_PER_ADDRESS_BYTES_MAX' });
    }
    held.release();
    await released('203.0.113.50');
  });

  it('accepts a large body only with a valid token', async () => {
    const from = '203.0.113.5';
    const body = { query: `{ record { __typename } } # ${'x'.repeat(140_000)}` };
    for (const headers of [{}, { authorization: 'Bearer nonsense' }]) {
      const refused = await post(body, from, headers as Record<string, string>);
      expect(refused.status).toBe(413);
      expect(await codeOf(refused)).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        limit: 'BODY_ANONYMOUS_BYTES_MAX',
      });
    }
    const token = await bearer(database.db, 'reader');
    const variables = { unused: 'x'.repeat(200_000) };
    const taken = await post({ query: '{ record { __typename } }', variables }, from, token);
    expect(await taken.json()).toEqual({ data: { record: { __typename: 'Record' } } });
    for (const accept of ['application/graphql-response+json;q=0.5, text/html', 'text/event-stream']) {
      const answer = await post({ query: '{ record { __typename } }', variables }, from, {
        ...token,
        accept,
      });
      expect(await answer.text()).toContain('"__typename":"Record"');
    }
    await released(from);
  });

  it('refuses a large body with too many values, levels or items', async () => {
    const token = await bearer(database.db, 'recorder');
    const bodies = {
      BODY_VALUES_MAX: `{"query":"{ record { __typename } }","variables":{"x":[${Array(400).fill(`{"a":[${Array(300).fill(0)}]}`)}]}}`,
      VARIABLES_DEPTH_MAX: `{"query":"{ record { __typename } }","variables":${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}}`,
      INPUT_LIST_LENGTH_MAX: `{"query":"{ record { __typename } }","variables":{"x":[${Array(70_000).fill('1')}]}}`,
    };
    for (const [limit, body] of Object.entries(bodies)) {
      const refused = await post(body, '203.0.113.6', token);
      expect(await codeOf(refused), limit).toMatchObject({ code: 'LIMIT_EXCEEDED', limit });
    }
    const garbage = await post(`{"query": ${'x'.repeat(140_000)}`, '203.0.113.6', token);
    expect(garbage.status).toBe(400);
  });

  it('returns no more text of sources in one answer than its limit', async () => {
    const texts = Array.from({ length: 30 }, (_, i) => `t${i}: source(slug: "big") { text }`);
    const answer = await service.ask<Record<string, unknown>>(`{ ${texts.join(' ')} }`);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await released('127.0.0.1');
  });
});
