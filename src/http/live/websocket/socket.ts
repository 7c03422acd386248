import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Client } from '../../client/address.ts';
import type { Holding } from '../../load/memory.ts';
import type { SocketOperations } from './operations.ts';

/** How long the other side may take to answer a close frame. */
const CLOSE_GRACE_MS = 3_000;
/** Close code after which clients of the protocol connect again. */
export const CLOSE_TRY_AGAIN_LATER = 1013;

/** A WebSocket with its state. The protocol library passes it along as `extra`. */
export interface LiveSocket extends Record<PropertyKey, unknown> {
  readonly socket: WebSocket;
  /** The TCP connection. The request that opened it is not kept. */
  readonly stream: Socket;
  readonly client: Client;
  /** Who pays for what the socket receives: its address, or its token once that is verified. */
  payer: string;
  /** Memory of the socket without its subscriptions. */
  readonly holding: Holding;
  readonly operations: SocketOperations;
}

/** Closes a socket, and terminates it if the other side does not answer. */
export function closeSoon(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  socket.once('close', () => clearTimeout(timer));
}
