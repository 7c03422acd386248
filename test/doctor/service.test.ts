import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../bench/chaos/service.ts';
import { formatFinding } from '../../src/doctor/finding.ts';
import { checkService } from '../../src/doctor/service.ts';
import { NGINX, startNginx } from '../support/proxy.ts';
import type { TestService } from '../support/service.ts';
import { startTestService } from '../support/service.ts';
import { useService } from '../support/useService.ts';

let service: TestService;
let url: string;
useService('world', (used) => {
  service = used.service;
  url = used.test.url;
});

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function findingsAt(origin: string, token?: string, timeoutMs?: number): Promise<string[]> {
  return (await checkService(origin, token, timeoutMs)).map(formatFinding);
}

async function behindNginx({ http }: TestService, lines: string): Promise<string> {
  const proxy = await startNginx(`location / { proxy_pass http://127.0.0.1:${http.port}; ${lines} }`);
  cleanups.push(() => proxy.stop());
  return proxy.origin;
}

const UPGRADE =
  'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';
const NAMES = 'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;';

it('a service without a proxy is in order', async () => {
  expect(await findingsAt(service.origin)).toEqual([
    `ok   service: ${service.origin} answers.`,
    'ok   client addresses: those of the connections; no proxy was found.',
    'ok   server-sent events: arrive without delay.',
    'ok   WebSocket: passes.',
  ]);
});

it('a service that does not answer is named with the reason', async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const [finding, ...rest] = await findingsAt(origin);
  expect(finding).toMatch(/^FAIL service: .* does not answer: .*ECONNREFUSED.* Start the service/);
  expect(rest).toEqual([]);
});

it('a record that needs a token is checked with one', async () => {
  const settings = { READ_ACCESS: 'token', RECORDER_TOKEN: 'a-token-of-the-test' };
  const closed = await startTestService(url, settings);
  cleanups.push(() => closed.stop());
  const without = await findingsAt(closed.origin);
  expect(without.slice(2)).toEqual(
    ['server-sent events', 'WebSocket'].map((name) =>
      expect.stringMatching(`^warn ${name}: .* Set READOUT_TOKEN`),
    ),
  );
  expect((await findingsAt(closed.origin, 'a-token-of-the-test')).slice(2)).toEqual([
    'ok   server-sent events: arrive without delay.',
    'ok   WebSocket: passes.',
  ]);
});

it.skipIf(NGINX === undefined)(
  'a proxy that names no client, upgrades nothing, or is not trusted is found',
  async () => {
    const bare = await findingsAt(await behindNginx(service, 'proxy_set_header X-Nothing "";'));
    expect(bare[1]).toMatch(
      /^FAIL client addresses: a proxy \(nginx.*\) is in front of the service and does not name them/,
    );
    expect(bare[3]).toMatch(/^FAIL WebSocket: .*Let the proxy pass Upgrade and Connection on/);
    const untrusted = await findingsAt(await behindNginx(service, NAMES + UPGRADE));
    expect(untrusted[1]).toMatch(/^FAIL client addresses: .* not trusted.* Set TRUST_PROXY/);
    expect(untrusted[3]).toBe('ok   WebSocket: passes.');

    const trusting = await startTestService(url, { TRUST_PROXY: '1' });
    cleanups.push(() => trusting.stop());
    const trusted = await findingsAt(await behindNginx(trusting, NAMES + UPGRADE));
    expect(trusted.map((line) => line.slice(0, 4))).toEqual(['ok  ', 'ok  ', 'ok  ', 'ok  ']);
    const unnamed = await findingsAt(await behindNginx(trusting, UPGRADE));
    expect(unnamed[1]).toMatch(
      /^FAIL client addresses: TRUST_PROXY is set, and the proxy does not send X-Forwarded-For/,
    );
  },
);

it.skipIf(NGINX === undefined)('a proxy that keeps events back and upgrades nothing is found', async () => {
  const lines = `${NAMES} proxy_buffering on; proxy_ignore_headers X-Accel-Buffering; proxy_set_header Connection "";`;
  const found = await findingsAt(await behindNginx(service, lines), undefined, 3_000);
  expect(found[2]).toMatch(
    /^FAIL server-sent events: nothing arrived within 3 s\. .*let it pass \/live on without delay \(nginx: “proxy_buffering off”/,
  );
  expect(found[3]).toMatch(/^FAIL WebSocket: .* Let the proxy pass Upgrade and Connection on/);
});
