import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import {
  Heartbeat,
  HEARTBEAT_INTERVAL_MS as INTERVAL_MS,
} from '../../../src/http/live/websocket/heartbeat.ts';

class FakeSocket extends EventEmitter {
  pings = 0;
  ended = false;
  answers = true;

  ping(): void {
    this.pings += 1;
    if (this.answers) this.emit('pong');
  }

  terminate(): void {
    this.ended = true;
  }
}

let heartbeat: Heartbeat;
let sockets: FakeSocket[];

beforeEach(() => {
  vi.useFakeTimers();
  heartbeat = new Heartbeat();
  sockets = Array.from({ length: 1_000 }, () => new FakeSocket());
  for (const socket of sockets) heartbeat.add(socket as unknown as WebSocket);
});
afterEach(() => {
  heartbeat.stop();
  vi.useRealTimers();
});

/** Lets the first turn of every group pass, in which new sockets are left alone. */
const settle = () => vi.advanceTimersByTime(INTERVAL_MS);
const pings = (): number => sockets.reduce((sum, socket) => sum + socket.pings, 0);

test('a socket that has just opened is left alone', () => {
  settle();
  expect(pings()).toBe(0);
});

test('every socket is pinged once in each interval, few of them at a time', () => {
  settle();
  let most = 0;
  for (let before = 0; before < sockets.length; before = pings()) {
    vi.advanceTimersToNextTimer();
    most = Math.max(most, pings() - before);
  }
  expect(most).toBeLessThan(30);
  expect(sockets.every((socket) => socket.pings === 1)).toBe(true);
  vi.advanceTimersByTime(INTERVAL_MS);
  expect(sockets.every((socket) => socket.pings === 2 && !socket.ended)).toBe(true);
});

test('a socket that has not answered by its next ping is ended, and one that has gone is left alone', () => {
  settle();
  const [silent, gone] = sockets as [FakeSocket, FakeSocket];
  silent.answers = false;
  gone.answers = false;
  vi.advanceTimersByTime(INTERVAL_MS);
  heartbeat.delete(gone as unknown as WebSocket);
  vi.advanceTimersByTime(INTERVAL_MS);
  expect(sockets.filter(({ ended }) => ended)).toEqual([silent]);
  expect(gone.pings).toBe(1);
});

test('a pong that answers no ping is reported', () => {
  const socket = new FakeSocket();
  let unasked = 0;
  heartbeat.add(socket as unknown as WebSocket, () => {
    unasked += 1;
  });
  settle();
  vi.advanceTimersByTime(INTERVAL_MS);
  expect([socket.pings, unasked]).toEqual([1, 0]);
  socket.emit('pong');
  expect(unasked).toBe(1);
});
