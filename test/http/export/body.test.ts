import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/config/limits.ts';
import { sendBody } from '../../../src/http/export/body.ts';
import { MemoryBudget } from '../../../src/http/load/memory.ts';
import { UnreadAnswers } from '../../../src/http/load/unread.ts';

const PIECE = 'x'.repeat(16_000);
const PATIENCE_MS = 400;
/** More than the buffers of the system take. */
const PIECES = 2_000;

/** Sends a body of this many pieces to a client, and answers whether all of it was sent. */
async function send(read: (response: IncomingMessage) => void): Promise<boolean> {
  const unread = new UnreadAnswers(DEFAULT_LIMITS.WRITE_TIMEOUT_MS);
  const holding = new MemoryBudget(DEFAULT_LIMITS).hold({ key: 'client', exempt: false }, 0);
  async function* pieces(): AsyncGenerator<string> {
    for (let i = 0; i < PIECES; i += 1) yield PIECE;
  }
  const abort = new AbortController();
  let sent: Promise<boolean> | undefined;
  const server = createServer((request, response) => {
    const options = { request, response, encoding: null, unread, holding, abort, patienceMs: PATIENCE_MS };
    sent = sendBody(pieces(), options).then(
      () => true,
      () => false,
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  response.on('error', () => undefined); // the test closes it
  read(response);
  const isWhole = await sent;
  unread.stop();
  client.destroy();
  server.close();
  return isWhole as boolean;
}

it('An export whose client takes nothing ends when the patience with it has ended', async () => {
  expect(await send(() => undefined)).toBe(false);
});

it('An export whose client takes enough is sent whole, however long that takes', async () => {
  const beganMs = performance.now();
  const isWhole = await send((response) => {
    response.on('data', () => {
      response.pause();
      setTimeout(() => response.resume(), 1);
    });
  });
  expect(isWhole).toBe(true);
  expect(performance.now() - beganMs).toBeGreaterThan(2 * PATIENCE_MS);
});
