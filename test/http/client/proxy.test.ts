import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { askFrom } from '../../support/askFrom.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ADDED, TestSocket, TestStream } from '../../support/follow.ts';
import { CADDY, NGINX, type ProxyServer, startCaddy, startNginx } from '../../support/proxy.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { layWire } from '../../support/wire.ts';
import { makeWorld, record } from '../../support/world.ts';

const TOKEN = 'a-token-to-look-for';
/** More requests than the points of a minute pay for. */
const REQUESTS_MAX = 50;
const GUIDE = readFileSync(new URL('../../../docs/operating.md', import.meta.url), 'utf8');
const THREE_LINES = `location / {
  proxy_pass http://127.0.0.1:4000;
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection "upgrade";
}`;

let database: TestDatabase;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  database = await createTestDatabase({ seeded: false });
  await makeWorld(database.db.prisma);
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
afterAll(() => database.drop());

/** The lines for a proxy in docs/operating.md. */
function linesOf(language: string): string {
  const [, lines] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(GUIDE) ?? [];
  if (lines === undefined) throw new Error(`docs/operating.md has no lines in ${language}`);
  return lines;
}

async function serve(settings: Record<string, string> = {}): Promise<TestService> {
  const service = await startTestService(database.url, { RECORDER_TOKEN: TOKEN, ...settings });
  stops.push(() => service.stop());
  return service;
}

/** A proxy in front of a service, configured for port 4000. */
async function through(
  { http }: TestService,
  start: (lines: string) => Promise<ProxyServer>,
  lines: string,
): Promise<string> {
  const proxy = await start(lines.replaceAll('127.0.0.1:4000', `127.0.0.1:${http.port}`));
  stops.push(() => proxy.stop());
  return proxy.origin;
}

async function throughTunnel({ origin }: TestService): Promise<string> {
  const wire = await layWire(origin);
  stops.push(() => wire.stop());
  return new URL(wire.url).origin;
}

const ask = (origin: string, localAddress: string, headers: Record<string, string> = {}) =>
  askFrom(localAddress, origin, '{ statements(first: 10) { nodes { text } } }', headers);

/** Asks until the budget of an address is spent. */
async function spendAll(
  origin: string,
  localAddress: string,
  headers: Record<string, string> = {},
): Promise<void> {
  for (let i = 0; i < REQUESTS_MAX; i += 1) {
    const { status } = await ask(origin, localAddress, headers);
    if (status === 429) return;
    expect(status).toBe(200);
  }
  throw new Error(`${localAddress} had ${REQUESTS_MAX} answers and never had to wait`);
}

/** The page has no token, and queries, WebSockets and both kinds of event streams work. */
async function expectAllWorks(origin: string): Promise<void> {
  const page = await fetch(`${origin}/graphql`, { headers: { accept: 'text/html' } });
  const html = await page.text();
  expect(html).toContain('id="graphiql"');
  expect(html).not.toContain(TOKEN);
  expect((await ask(origin, '127.0.0.1')).body).toHaveProperty('data.statements');
  const operation = { query: ADDED, variables: { after: '0' } };
  const socket = new TestSocket(origin);
  const streams = [
    new TestStream(origin, operation, { plain: true }),
    new TestStream(origin, operation, { plain: false }),
  ];
  const received = [socket.follow(operation), ...streams.map((stream) => stream.received)];
  const { position } = await record(database.db, { text: 'Said through a proxy.' });
  await Promise.all(received.map((reader) => reader.reached(position)));
  await socket.close();
  for (const stream of streams) stream.stop();
}

/** The status of opening a WebSocket from a page of an origin. */
function upgradeStatus(to: string, from: string): Promise<number> {
  const url = `${to.replace('http', 'ws')}/graphql`;
  const socket = new WebSocket(url, 'graphql-transport-ws', { origin: from });
  return new Promise((resolve) => {
    socket.on('error', () => undefined); // the status tells the result
    socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
    socket.on('upgrade', () => {
      socket.terminate();
      resolve(101);
    });
  });
}

const LIMITED = { COST_PER_MINUTE: '2000' };
const missing = (program: string | undefined): string =>
  program === undefined ? ' (skipped: Debian’s package is not installed here)' : '';

describe.skipIf(NGINX === undefined)(`behind nginx${missing(NGINX)}`, () => {
  it('with only the lines that WebSockets need, everything works and no client gets a token', async () => {
    await expectAllWorks(await through(await serve(), startNginx, THREE_LINES));
  });

  it('with only these lines, all clients share one budget', async () => {
    const origin = await through(await serve(LIMITED), startNginx, THREE_LINES);
    await spendAll(origin, '127.0.0.2');
    expect((await ask(origin, '127.0.0.3')).status).toBe(429);
  });

  it('with the lines of docs/operating.md, everything works, and each client has a budget that no header resets', async () => {
    const service = await serve({ ...LIMITED, TRUST_PROXY: '1' });
    const origin = await through(service, startNginx, linesOf('nginx'));
    await expectAllWorks(await through(await serve({ TRUST_PROXY: '1' }), startNginx, linesOf('nginx')));
    await spendAll(origin, '127.0.0.2');
    expect((await ask(origin, '127.0.0.2', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(429);
    expect((await ask(origin, '127.0.0.3')).status).toBe(200);
  });

  it('exempts no client without a named address, even if the proxy’s address is named', async () => {
    const service = await serve({ ...LIMITED, TRUST_PROXY: '1', EXEMPT_ADDRESSES: '127.0.0.1' });
    const origin = await through(service, startNginx, linesOf('nginx'));
    await spendAll(origin, '127.0.0.2');
    await expect(spendAll(origin, '127.0.0.1')).rejects.toThrow('never had to wait');
  });
});

describe.skipIf(CADDY === undefined)(`behind Caddy${missing(CADDY)}`, () => {
  it('with the lines of docs/operating.md, everything works, even without access for other origins', async () => {
    const service = await serve({ TRUST_PROXY: '1', CORS_ORIGINS: 'none' });
    const origin = await through(service, startCaddy, linesOf('caddyfile'));
    await expectAllWorks(origin);
    expect(await upgradeStatus(origin, origin)).toBe(101);
    expect(await upgradeStatus(origin, 'https://elsewhere.example')).toBe(403);
  });

  it('each client has a budget that no header resets', async () => {
    const service = await serve({ ...LIMITED, TRUST_PROXY: '1' });
    const origin = await through(service, startCaddy, linesOf('caddyfile'));
    await spendAll(origin, '127.0.0.2');
    expect((await ask(origin, '127.0.0.2', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(429);
    expect((await ask(origin, '127.0.0.3')).status).toBe(200);
    expect(service.notices.join()).not.toContain('TRUST_PROXY');
  });

  it('says once which setting is missing', async () => {
    const service = await serve();
    const origin = await through(service, startCaddy, linesOf('caddyfile'));
    for (let i = 0; i < 3; i += 1) await ask(origin, '127.0.0.1');
    expect(service.notices.filter((notice) => notice.includes('TRUST_PROXY'))).toHaveLength(1);
  });
});

describe('behind a tunnel that names no client', () => {
  it('everything works and no client gets a token', async () => {
    await expectAllWorks(await throughTunnel(await serve()));
  });

  it('all clients share a budget', async () => {
    const origin = await throughTunnel(await serve(LIMITED));
    await spendAll(origin, '127.0.0.1');
    expect((await ask(origin, '127.0.0.1', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(429);
  });
});
