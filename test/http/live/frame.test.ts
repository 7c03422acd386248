import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { textFrames } from '../../../src/http/live/websocket/frame.ts';
import { eventOf, happens } from '../../support/until.ts';

/** The lengths at which the form of a frame's header changes, and their neighbours. */
const LENGTHS = [2, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537];

it('a client reads frames of every form of length, also from one burst', async () => {
  const messages = LENGTHS.map((length) => `<${'m'.repeat(length - 2)}>`);
  const bodies = messages.map((message) => Buffer.from(message.slice(1, -1)));
  const server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', ({ headers }, socket) => {
    const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(textFrames(Buffer.from('<'), bodies, Buffer.from('>')));
  });
  await eventOf(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: string[] = [];
  const all = new Promise<void>((resolve, reject) => {
    client.on('error', reject); // a frame that it can't read
    client.on('message', (data) => {
      if (received.push(String(data)) === messages.length) resolve();
    });
  });
  await happens('all messages', all);
  expect(received).toEqual(messages);
  client.terminate();
  server.close();
});
