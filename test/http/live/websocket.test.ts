import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import type { TestDatabase } from '../../support/database.ts';
import { ADDED, type Delivered, TestSocket } from '../../support/follow.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { eventOf, happens, until } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';
import { record, statementInput } from '../../support/world.ts';

let test: TestDatabase;
let service: TestService;
const sockets: TestSocket[] = [];

useService('world', (used) => {
  ({ test, service } = used);
});
afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
});

function connect(to: TestService = service): TestSocket {
  const socket = new TestSocket(to.origin);
  sockets.push(socket);
  return socket;
}

/** A socket that has subscribed and reads nothing any more: its peer's buffers fill up. */
async function stalledSocket(query: string): Promise<{ tcp: Socket; text: () => string }> {
  const tcp = connectTcp(service.http.port, '127.0.0.1');
  await eventOf(tcp, 'connect');
  const key = Buffer.alloc(16).toString('base64');
  tcp.write(
    `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  );
  let text = '';
  tcp.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const said = async (word: string): Promise<void> => {
    while (!text.includes(word)) await eventOf(tcp, 'data');
  };
  await said('101 Switching');
  tcp.write(clientFrame('{"type":"connection_init"}'));
  await said('connection_ack');
  tcp.pause();
  tcp.write(clientFrame(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } })));
  return { tcp, text: () => text };
}

/** A text frame as a client sends it, masked with zeros. */
function clientFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = 0x81;
  header[1] = 0x80 | 126;
  header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}

let serial = 0;
function recordMany(count: number, text = 'x') {
  const inputs = Array.from({ length: count }, () => {
    serial += 1;
    return statementInput({
      text: `Number ${serial} ${text}`.slice(0, 1_000),
      quote: text.repeat(2_000).slice(0, 2_000),
    });
  });
  return recordStatements(test.db.prisma, inputs, 'test');
}

const WIDE = `subscription { statementAdded { cursor previous statement {
  a: text b: quote c: quote d: quote e: quote f: quote g: quote h: quote
} } }`;

describe('messages of one socket', () => {
  it.each([
    ['large messages', 40, 50_000],
    ['small messages of one packet', 90, 1],
  ])('%s are taken one in each turn of the event loop', async (_, count, length) => {
    const seen: number[] = [];
    let turn = 0;
    let isOver = false;
    const next = (): void => {
      turn += 1;
      if (!isOver) globalThis.setImmediate(next);
    };
    next();
    const { memory } = service;
    const { hold } = memory;
    memory.hold = (...given) => {
      seen.push(turn);
      return hold.apply(memory, given);
    };
    const socket = connect();
    await socket.ready();
    seen.length = 0;
    const variables = { unused: 'x'.repeat(length) };
    const { _socket: stream } = socket.socket as unknown as { _socket: Socket };
    stream.cork();
    const received = Array.from({ length: count }, () =>
      socket.follow({ query: '{ __typename }', variables }),
    );
    stream.uncork();
    await Promise.all(received.map((each) => each.ended()));
    memory.hold = hold;
    isOver = true;
    const inTurn = seen.map((one) => seen.filter((other) => other === one).length);
    // Each operation is held twice: as a message that arrives, and as an operation.
    expect(Math.max(...inTurn), 'holdings of one turn').toBeLessThanOrEqual(2);
  });
});

describe('a reader that does not read', () => {
  it('is closed with SLOW_READER and its cursor, while others get everything and memory stays flat', async () => {
    const healthy = connect().follow({ query: ADDED });
    const stalled = await Promise.all(Array.from({ length: 10 }, () => stalledSocket(WIDE)));
    const ended = Promise.all(stalled.map(({ tcp }) => once(tcp, 'close')));
    await until('11 readers', () => service.hub.counts.readers >= 11);
    const before = process.memoryUsage();
    let recorded = 0;
    while (service.hub.counts.readers > 1 && recorded < 6_000) {
      const written = await recordMany(200, 'w');
      recorded += written.length;
      await healthy.reached(written.at(-1)?.position as bigint);
    }
    expect(service.hub.counts.readers).toBe(1);
    const after = process.memoryUsage();
    // Ten sockets with a megabyte each at most, and what the record itself has grown by.
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(
      100 * 1_048_576,
    );
    expect(healthy.changes).toHaveLength(recorded);
    expect(healthy.hasUnbrokenChain()).toBe(true);

    for (const { tcp } of stalled) tcp.resume();
    await happens('the end of the stalled sockets', ended);
    const [first] = stalled;
    const message = /"type":"error".*?SLOW_READER.*?"cursor":"([^"]+)"/.exec(first?.text() ?? '');
    const cursor = message?.[1];
    // If the socket was ended before it received the error, it resumes after its last change.
    const last = [...(first?.text() ?? '').matchAll(/"statementAdded":\{"cursor":"([^"]+)"/g)].at(-1)?.[1];
    const resumed = connect().follow({ query: ADDED, variables: { after: cursor ?? last } });
    await resumed.reached(BigInt(healthy.changes.at(-1)?.position as string));
    expect(resumed.hasUnbrokenChain(cursor ?? last)).toBe(true);
  });
});

describe('the protocol', () => {
  it('is spoken with the client that people use, which resumes after a lost connection by `after`', async () => {
    const received: Delivered[] = [];
    const client = createClient({
      url: `${service.origin.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryWait: async () => undefined,
    });
    const operation = { query: ADDED, variables: {} as Record<string, unknown> };
    client.subscribe<Record<string, Delivered>>(operation, {
      next: ({ data }) => {
        received.push(data?.statementAdded as Delivered);
        operation.variables.after = received.at(-1)?.cursor; // sent again when it connects again
      },
      error: (error) => {
        throw error;
      },
      complete: () => undefined,
    });
    const hasReceived = (count: number): Promise<boolean> =>
      until(`${count} changes`, () => received.length >= count);
    await until('a reader', () => service.hub.counts.readers > 0);
    await record(test.db, { text: 'For the client.' });
    await hasReceived(1);
    client.terminate();
    await record(test.db, { text: 'While it was away.' });
    await hasReceived(2);
    expect(received[1]?.previous).toBe(received[0]?.cursor);
    await client.dispose();
  });

  it('takes a subscription back that its client completes', async () => {
    const socket = connect();
    const received = socket.follow({ query: ADDED }, 'mine');
    await socket.ready();
    await until('a reader', () => service.hub.counts.readers > 0);
    socket.send({ id: 'mine', type: 'complete' });
    await until('the end of all readers', () => service.hub.counts.readers === 0);
    expect(received.changes).toEqual([]);
  });

  it.each([
    ['no subprotocol', [], 4406],
    ['a subprotocol that is not spoken', ['graphql-ws'], 4406],
  ])('refuses %s', async (_, protocols, code) => {
    const socket = new WebSocket(`${service.origin.replace('http', 'ws')}/graphql`, protocols);
    socket.on('error', () => undefined); // `close` follows
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const closedWith = await happens('the close of the socket', closed);
    expect([code, 1006]).toContain(closedWith);
  });

  it('refuses a subscription before the connection was accepted', async () => {
    const socket = new TestSocket(service.origin, null);
    await eventOf(socket.socket, 'open');
    const closed = once(socket.socket, 'close');
    socket.send({ id: '1', type: 'subscribe', payload: { query: ADDED } });
    expect((await happens('the close of a socket', closed))[0]).toBe(4401);
  });

  it('refuses a message that is too large', async () => {
    const socket = connect();
    await socket.ready();
    const closed = once(socket.socket, 'close');
    socket.send({ id: '1', type: 'subscribe', payload: { query: ' '.repeat(10_000_000) } });
    expect((await happens('the close of a socket', closed))[0]).toBe(1009);
  });

  it('sends frames of every length as they are', async () => {
    const socket = connect();
    const texts = ['t', 't'.repeat(120), 't'.repeat(1_000)];
    const received = socket.follow({
      query: `subscription { statementAdded { cursor previous position statement { slug text quote } } }`,
    });
    const wide = socket.follow({
      query: `subscription { statementAdded { cursor previous position statement { slug ${Array.from({ length: 40 }, (_, i) => `q${i}: quote`).join(' ')} } } }`,
    });
    await socket.ready();
    await until('2 readers', () => service.hub.counts.readers >= 2);
    for (const text of texts) await record(test.db, { text, quote: 'ü€😀'.repeat(500) });
    await Promise.all([received.count(3), wide.count(3)]);
    expect(received.changes.map(({ statement }) => (statement as unknown as { text: string }).text)).toEqual(
      texts,
    );
    const quotes = wide.changes.map(({ statement }) => (statement as unknown as { q39: string }).q39);
    expect(quotes).toEqual(texts.map(() => 'ü€😀'.repeat(500)));
  });
});

describe('a service that stops', () => {
  it('delivers what is committed, closes with 1001 and takes nothing new', async () => {
    const own = await startTestService(test.url);
    const socket = new TestSocket(own.origin);
    const received = socket.follow({ query: ADDED });
    await socket.ready();
    await until('a reader', () => own.hub.counts.readers > 0);
    const written = await recordMany(300);
    const closed = once(socket.socket, 'close');
    const stopped = own.stop();
    const late = new TestSocket(own.origin);
    expect((await late.follow({ query: ADDED }).ended()).type).toBe('closed');
    expect((await happens('the close of a socket', closed))[0]).toBe(1001);
    await happens('the stop of the service', stopped);
    expect(received.positions).toEqual(written.map(({ position }) => Number(position)));
  });

  it('does so within its time though a socket does not answer', async () => {
    const own = await startTestService(test.url);
    const tcp = connectTcp(own.http.port, '127.0.0.1');
    await eventOf(tcp, 'connect');
    tcp.write(
      `GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    );
    await eventOf(tcp, 'data');
    tcp.on('error', () => undefined); // it is cut off
    const closed = once(tcp, 'close');
    await happens('the stop of the service', own.stop());
    await happens('the close of the socket', closed);
  });
});
