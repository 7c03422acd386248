import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ReadoutError } from '../../base/errors.ts';
import type { Client } from '../client/address.ts';
import { type Holding, type MemoryBudget, REQUEST_BYTES } from '../load/memory.ts';
import type { Peers } from '../load/sockets.ts';

/**
 * Requests of one connection that wait for the answers to earlier ones. Beyond it all connections of the address end, and it can
 * open none for `FLOOD_PAUSE_MS`.
 * @limit requests
 */
export const PIPELINED_MAX = 100;

/** The connections on which requests have waited, and what ends each wait. */
const waits = new WeakMap<Socket, Set<() => void>>();

/** The waits of a connection, which end when it is closed. */
function waitsOf(socket: Socket): Set<() => void> {
  const known = waits.get(socket);
  if (known) return known;
  const ends = new Set<() => void>();
  waits.set(socket, ends);
  socket.once('close', () => {
    for (const end of ends) end();
  });
  return ends;
}

/**
 * Waits until the earlier answers of a connection have been sent, and holds the memory of the request until then. One packet can
 * bring thousands of requests, and they can come behind an event stream that stays open for days.
 * @returns null where no earlier answer is open; otherwise whether the connection is open when the time of the request has come. It
 *   ends where too many requests wait, or where its client has no memory left.
 */
export function afterEarlier(
  answer: ServerResponse,
  client: Client,
  memory: MemoryBudget,
  peers: Pick<Peers, 'endFlood'>,
): Promise<boolean> | null {
  // Node gives an answer the socket when the earlier ones have been sent.
  return answer.socket ? null : waitForSocket(answer, client, memory, peers);
}

async function waitForSocket(
  answer: ServerResponse,
  client: Client,
  memory: MemoryBudget,
  peers: Pick<Peers, 'endFlood'>,
): Promise<boolean> {
  const { socket } = answer.req;
  const ends = waitsOf(socket);
  if (ends.size >= PIPELINED_MAX) peers.endFlood(socket);
  const given = new Promise<void>((resolve) => {
    ends.add(resolve);
    answer.once('socket', () => {
      ends.delete(resolve);
      resolve();
    });
  });
  const isHeld = await whileHeld(given, socket, client, memory);
  if (isHeld && !socket.destroyed) return true;
  answer.emit('close'); // Node closes only the answer that is being sent
  return false;
}

/** Waits for the turn of a request, as `whileHeld`: many connections can each send one at the same time. */
export function inTurn(
  turn: Promise<void>,
  { socket }: IncomingMessage,
  client: Client,
  memory: MemoryBudget,
): Promise<boolean> {
  return whileHeld(turn, socket, client, memory);
}

/**
 * Waits, and holds the memory of a request meanwhile.
 * @returns false where its client has no memory left. The connection is then closed.
 */
async function whileHeld(
  wait: Promise<void>,
  socket: Socket,
  client: Client,
  memory: MemoryBudget,
): Promise<boolean> {
  let holding: Holding;
  try {
    holding = memory.hold(client, REQUEST_BYTES, () => socket.destroy());
  } catch (error) {
    if (!(error instanceof ReadoutError)) throw error;
    socket.destroy();
    return false;
  }
  try {
    await wait;
  } finally {
    holding.release();
  }
  return true;
}
