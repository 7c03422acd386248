import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ReadoutError } from '../../base/errors.ts';
import type { Client } from '../client/address.ts';
import { type Holding, type MemoryBudget, REQUEST_BYTES } from '../load/memory.ts';

/** The answers of each connection that wait behind an earlier one. */
const pipelined = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Closes a pipelined answer with its connection. Node closes only the answer that is being sent, so the memory that is held
 * for the others would never be released.
 */
export function closeWithSocket(answer: ServerResponse): void {
  const { socket } = answer.req;
  let answers = pipelined.get(socket);
  if (!answers) {
    const all = new Set<ServerResponse>();
    socket.once('close', () => {
      for (const behind of all) {
        if (behind.socket) continue;
        behind.destroy();
        behind.emit('close');
      }
    });
    pipelined.set(socket, all);
    answers = all;
  }
  const own = answers;
  own.add(answer);
  answer.once('close', () => own.delete(answer));
}

/**
 * Waits for the turn of a request and holds its memory until then, because thousands can arrive on one connection at a time.
 * @returns false where its client has no memory left. The connection is then closed.
 */
export async function inTurn(
  turn: Promise<void>,
  { socket }: IncomingMessage,
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
    await turn;
  } finally {
    holding.release();
  }
  return true;
}
