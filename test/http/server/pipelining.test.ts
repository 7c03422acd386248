import { connect, type Socket } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { REQUEST_POINTS } from '../../../src/http/cost/prices.ts';
import { REQUEST_BYTES } from '../../../src/http/load/memory.ts';
import { PIPELINED_MAX } from '../../../src/http/server/pipelining.ts';
import { countPaid, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';

const STREAM = `GET /live?query=${encodeURIComponent('subscription { statementAdded { cursor } }')} HTTP/1.1\r\nHost: x\r\n\r\n`;
const MISSING = 'GET /missing HTTP/1.1\r\nHost: x\r\n\r\n';

let service: TestService;
useService('world', (used) => {
  ({ service } = used);
});

/** Waits for the end of the pause after the flood of an earlier test. */
beforeEach(async () => {
  await until('an answer', async () => {
    const { status } = await fetch(`${service.origin}/missing`).catch(() => ({ status: 0 }));
    return status === 404;
  });
});

interface Connection {
  readonly socket: Socket;
  heard(): string;
}

function open(): Connection {
  const socket = connect(service.http.port, '127.0.0.1');
  let text = '';
  socket.on('error', () => undefined); // the service can end it
  socket.on('data', (data) => {
    text += String(data);
  });
  return { socket, heard: () => text };
}

/** A connection with an event stream, which never ends. */
async function openStream(): Promise<Connection> {
  const connection = open();
  connection.socket.write(STREAM);
  await until('the stream', () => connection.heard().includes('retry: '));
  return connection;
}

describe('requests that are sent before earlier ones are answered', () => {
  it('hold memory of their client while they wait, until the connection ends', async () => {
    const { socket } = await openStream();
    const before = service.memory.bytes;
    socket.write(MISSING.repeat(PIPELINED_MAX));
    const wanted = before + PIPELINED_MAX * REQUEST_BYTES;
    await until('their memory', () => service.memory.bytes === wanted);
    socket.destroy();
    await until('the end of the stream', () => service.memory.bytes === 0);
  });

  it('end the connection where too many wait, and all of them are paid', async () => {
    const { socket } = await openStream();
    const paid = countPaid(service);
    socket.write(MISSING.repeat(2 * PIPELINED_MAX));
    await until('the end of the connection', () => socket.closed);
    expect(paid()).toBe(2 * PIPELINED_MAX * REQUEST_POINTS);
    await until('no memory', () => service.memory.bytes === 0);
  });

  it('end the other connections of the address, too, which can open none for a while', async () => {
    const [flood, other] = [await openStream(), open()];
    other.socket.write(MISSING);
    await until('the answer', () => other.heard().includes('at /missing'));
    flood.socket.write(MISSING.repeat(2 * PIPELINED_MAX));
    await until('the end of both connections', () => flood.socket.closed && other.socket.closed);
    const third = open();
    third.socket.write(MISSING);
    await until('its end', () => third.socket.closed);
    expect(third.heard()).toBe('');
  });

  it('are answered in order', async () => {
    const { socket, heard } = open();
    const paths = ['/health', '/one', '/graphql?query={__typename}', '/two'];
    socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
    await until('the last answer', () => heard().includes('at /two'));
    const found = ['"ok"', 'at /one', '"Query"', 'at /two'].map((part) => heard().indexOf(part));
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(found).not.toContain(-1);
    socket.destroy();
  });
});

describe('requests that Node would answer itself', () => {
  it.each([
    ['without a Host', 'GET /health HTTP/1.1\r\n\r\n', '400'],
    ['with an unknown expectation', 'GET /health HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n', '200'],
  ])('are paid: %s', async (_, request, status) => {
    const { socket, heard } = open();
    const paid = countPaid(service);
    socket.write(request);
    await until('the answer', () => heard().includes('\r\n\r\n'));
    expect(heard()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(paid()).toBe(REQUEST_POINTS);
    socket.destroy();
  });
});
