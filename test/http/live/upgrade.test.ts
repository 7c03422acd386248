import { once } from 'node:events';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../../support/database.ts';
import { TestSocket } from '../../support/follow.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { eventOf } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';

const QUERY = '{ record { __typename } }';
const LIVE = encodeURIComponent('subscription { statementAdded { cursor } }');
const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';

let database: TestDatabase;
let service: TestService;
useService('seed', (used) => {
  ({ test: database, service } = used);
});
afterAll(() => {
  expect(service.masked).toEqual([]);
});

/** Sends pieces one after the other and reads until the connection is closed, or until what was read fits. */
async function talk(pieces: readonly string[], until: RegExp): Promise<string> {
  const socket = connect(service.http.port, '127.0.0.1');
  await eventOf(socket, 'connect');
  let text = '';
  socket.setEncoding('utf8').on('data', (data: string) => {
    text += data;
  });
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  while (!until.test(text) && !socket.destroyed)
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  socket.destroy();
  return text;
}

it('the request that opened a socket is not kept while the socket is open', async () => {
  let opened: WeakRef<object> | undefined;
  service.http.server.once('upgrade', (request) => {
    opened = new WeakRef(request);
  });
  const socket = new TestSocket(service.origin);
  await socket.ready();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const isKept = (): boolean => {
    collect();
    return opened?.deref() !== undefined;
  };
  await expect.poll(isKept, { message: 'the request is collected' }).toBe(false);
  await socket.close();
});

describe('a request that asks for another protocol than WebSocket', () => {
  it('by GET is answered as a normal request', async () => {
    for (const path of ['/health', `/graphql?query=${encodeURIComponent(QUERY)}`]) {
      const answer = await talk([`GET ${path} HTTP/1.1\r\nHost: x\r\n${H2C}\r\n`], /\r\n\r\n.*\}/s);
      expect(answer, path).toMatch(/^HTTP\/1\.1 200 /);
    }
  });

  it('by POST is answered with its body, in one chunk or in many, and the connection stays open', async () => {
    const body = JSON.stringify({ query: QUERY });
    const head = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const next = `${head}\r\n${body}`;
    for (const pieces of [
      [`${head}${H2C}\r\n${body}${next}`],
      [`${head}${H2C}\r\n`, body.slice(0, 9), body.slice(9), next],
    ]) {
      const answer = await talk(pieces, /("Record".*){2}$/s);
      expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    }
    const chunked = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n${H2C}\r\n`;
    const answer = await talk([chunked, `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`], /"Record"/);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('a stream of events', () => {
  it('is opened by GET and POST alone', async () => {
    for (const [path, headers] of [
      [`/live?query=${LIVE}`, {}],
      [`/graphql?query=${LIVE}`, { accept: 'text/event-stream' }],
    ] as const) {
      for (const method of ['HEAD', 'PUT', 'DELETE']) {
        const refused = await fetch(service.origin + path, { method, headers });
        expect([method, refused.status, refused.headers.get('allow')]).toEqual([method, 405, 'GET, POST']);
      }
    }
    expect(service.hub.counts.readers).toBe(0);
  });
});

describe('connections of an address', () => {
  it('are closed at once beyond their limit, and another address has its own', async () => {
    const limited = await startTestService(database.url, {
      CONNECTIONS_PER_ADDRESS_MAX: '3',
      SOCKETS_PER_ADDRESS_MAX: '2',
    });
    const open = (localAddress: string) =>
      connect({ port: limited.http.port, host: '127.0.0.1', localAddress });
    const kept = Array.from({ length: 5 }, () => open('127.0.0.1'));
    await Promise.all(kept.map((socket) => once(socket, 'connect')));
    const refused = open('127.0.0.1');
    refused.on('error', () => undefined); // it may be reset
    await eventOf(refused, 'close');
    const other = open('127.0.0.2');
    other.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String(await eventOf(other, 'data'))).toMatch(/^HTTP\/1\.1 200 /);
    kept[0]?.end('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').resume();
    await eventOf(kept[0] as typeof other, 'close');
    const again = open('127.0.0.1');
    again.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String(await eventOf(again, 'data'))).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of [...kept, other, again]) socket.destroy();
    await limited.stop();
  });

  it('are not counted if a trusted proxy has opened them', async () => {
    const limited = await startTestService(database.url, {
      CONNECTIONS_PER_ADDRESS_MAX: '1',
      SOCKETS_PER_ADDRESS_MAX: '1',
      TRUST_PROXY: '127.0.0.1',
    });
    const sockets = Array.from({ length: 5 }, () => connect(limited.http.port, '127.0.0.1'));
    for (const socket of sockets) socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    const answers = await Promise.all(sockets.map((socket) => once(socket, 'data')));
    for (const answer of answers) expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of sockets) socket.destroy();
    await limited.stop();
  });
});
