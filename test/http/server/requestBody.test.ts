import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PIECE_POINTS, REQUEST_POINTS } from '../../../src/http/cost/prices.ts';
import { SMALL_PIECES_MAX, UNREAD_BODY_BYTES_MAX } from '../../../src/http/server/requestBody.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { countPaid, startTestService, type TestService } from '../../support/service.ts';
import { happens, until } from '../../support/until.ts';

const COST_PER_MINUTE = 1_000_000;
/** Pieces of a body that is allowed, in whole charges. */
const PIECES = 464;
/** Pieces that are charged together. */
const PIECES_PER_CHARGE_MAX = 16;
/** The most that Node reads from a connection at a time. */
const PACKET_BYTES = 65_536;

let database: TestDatabase;
let service: TestService;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: false });
  service = await startTestService(database.url, { COST_PER_MINUTE: String(COST_PER_MINUTE) });
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

/** A connection, as both ends see it. */
async function open() {
  const accepted = once(service.http.server, 'connection') as Promise<[Socket]>;
  const client = connect(service.http.port, '127.0.0.1');
  let text = '';
  client.on('data', (data) => {
    text += String(data);
  });
  client.on('error', () => undefined); // the service ends it
  const closed = (): Promise<unknown> =>
    happens('the end of the connection', new Promise((resolve) => client.once('close', resolve)));
  const [server] = await accepted;
  return { client, server, closed, heard: () => text };
}

const head = (path: string, ...headers: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...headers, '', ''].join('\r\n');
const CHUNKED = 'Transfer-Encoding: chunked';
const inChunks = (text: string): string => [...text].map((byte) => `1\r\n${byte}\r\n`).join('');

describe('a body in small pieces', () => {
  it('is paid by the piece', async () => {
    const { client, heard } = await open();
    const paid = countPaid(service);
    const body = `${' '.repeat(PIECES)}{"query":"{ __typename }"}`;
    client.write(`${head('/graphql', CHUNKED)}${inChunks(body)}0\r\n\r\n`);
    await until('the answer', () => heard().includes('"__typename":"Query"'));
    expect(paid()).toBeGreaterThan(REQUEST_POINTS + PIECES * PIECE_POINTS);
    client.destroy();
  });

  it('ends the connection when it has too many', async () => {
    const { client, server, closed, heard } = await open();
    client.write(head('/graphql', CHUNKED) + inChunks(' '.repeat(SMALL_PIECES_MAX + 100)));
    await closed();
    expect(heard()).toBe('');
    expect(server.destroyed).toBe(true);
  });

  it('is paid to the end of the packet when it has too many', async () => {
    const { client, closed } = await open();
    const paid = countPaid(service);
    const pieces = 10 * SMALL_PIECES_MAX;
    client.write(head('/graphql', CHUNKED) + inChunks(' '.repeat(pieces)));
    await closed();
    expect(paid()).toBeGreaterThan((pieces - PIECES_PER_CHARGE_MAX) * PIECE_POINTS);
  });

  it('that no route reads is paid, too', async () => {
    const { client, closed } = await open();
    const paid = countPaid(service);
    client.write(head('/nothing', CHUNKED) + inChunks(' '.repeat(PIECES)));
    await closed();
    expect(paid()).toBeGreaterThanOrEqual(REQUEST_POINTS + PIECES * PIECE_POINTS);
  });
});

it('The body of a GET is not kept while its event stream is open', async () => {
  const { client, server, closed, heard } = await open();
  let request: IncomingMessage | undefined;
  service.http.server.once('request', (given) => {
    request = given;
  });
  const query = encodeURIComponent('subscription { statementAdded { cursor } }');
  client.write(
    `GET /live?query=${query} HTTP/1.1\r\nHost: x\r\n${CHUNKED}\r\n\r\n${inChunks('x'.repeat(300))}`,
  );
  await until('the stream', () => heard().includes('text/event-stream'));
  expect(request?.readableLength).toBe(0);
  client.write(`30000\r\n${'x'.repeat(0x30000)}\r\n`);
  await closed();
  expect(server.destroyed).toBe(true);
});

describe('a body that no route reads', () => {
  it.each([
    ['of unknown length', [CHUNKED], `10000\r\n${'x'.repeat(PACKET_BYTES)}\r\n`],
    ['of many bytes', [`Content-Length: ${100 * UNREAD_BODY_BYTES_MAX}`], 'x'.repeat(PACKET_BYTES)],
  ])('and is %s ends the connection after the answer', async (_, headers, piece) => {
    const { client, server, closed, heard } = await open();
    client.write(head('/nothing', ...headers));
    for (let i = 0; i < 100; i += 1) client.write(piece);
    await closed();
    expect(heard()).toMatch(/^HTTP\/1.1 404/);
    expect(heard()).toMatch(/^connection: close\r$/im);
    // The packets of the turn of the answer, and what a stream holds before it reads no more.
    expect(server.bytesRead).toBeLessThan(8 * PACKET_BYTES);
  });

  it('and is short leaves the connection open', async () => {
    const { client, heard } = await open();
    const request = `${head('/nothing', 'Content-Length: 1000')}${'x'.repeat(1_000)}`;
    client.write(request);
    await until('the first answer', () => heard().includes('HTTP/1.1 404'));
    client.write(request);
    await until('the second answer', () => heard().split('HTTP/1.1 404').length === 3);
    client.destroy();
  });
});

it('Bytes that are no HTTP cost as much as a request', async () => {
  const { client, heard } = await open();
  const paid = countPaid(service);
  client.write('nonsense\r\n\r\n');
  await until('the answer', () => heard().startsWith('HTTP/1.1 400'));
  expect(paid()).toBe(REQUEST_POINTS);
});
