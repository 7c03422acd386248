import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ReadoutError } from '../../base/errors.ts';
import type { Client } from '../client/address.ts';
import { type Holding, type MemoryBudget, REQUEST_BYTES } from '../load/memory.ts';
import type { Peers } from '../load/sockets.ts';

/**
 * Requests of one connection that wait for the answers to earlier ones. Beyond it all connections of the address end, and it can open none for two seconds.
 * @limit requests
 */
export const PIPELINED_MAX = 100;

/** The requests of a connection. */
interface Pipeline {
  /** The answer to the newest one; null when it has been sent. A connection without requests keeps none. */
  newest: ServerResponse | null;
  /** How many wait. */
  waiting: number;
}

const pipelines = new WeakMap<Socket, Pipeline>();

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
  const { socket } = answer.req;
  const pipeline = pipelines.get(socket) ?? { newest: null, waiting: 0 };
  pipelines.set(socket, pipeline);
  const { newest } = pipeline;
  pipeline.newest = answer;
  answer.once('close', () => {
    if (pipeline.newest === answer) pipeline.newest = null;
  });
  if (answer.socket || !newest) return null;
  if (pipeline.waiting >= PIPELINED_MAX) peers.endFlood(socket);
  return waitFor(newest, answer, pipeline, client, memory);
}

async function waitFor(
  earlier: ServerResponse,
  answer: ServerResponse,
  pipeline: Pipeline,
  client: Client,
  memory: MemoryBudget,
): Promise<boolean> {
  const { socket } = answer.req;
  pipeline.waiting += 1;
  const sent = new Promise<void>((resolve) => earlier.once('close', resolve));
  const isHeld = await whileHeld(sent, socket, client, memory);
  pipeline.waiting -= 1;
  if (isHeld && !socket.destroyed) return true;
  answer.emit('close'); // Node closes only the answer that is being sent
  return false;
}

/**
 * Waits for the turn of a request and holds its memory until then, because many connections can send one at a time.
 * @returns false where its client has no memory left. The connection is then closed.
 */
export function inTurn(
  turn: Promise<void>,
  { socket }: IncomingMessage,
  client: Client,
  memory: MemoryBudget,
): Promise<boolean> {
  return whileHeld(turn, socket, client, memory);
}

/** Waits, and holds the memory of a request meanwhile. @returns false where there is none. The connection is then closed. */
async function whileHeld(
  waiting: Promise<void>,
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
    await waiting;
  } finally {
    holding.release();
  }
  return true;
}
