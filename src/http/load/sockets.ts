import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { ReadoutError } from '../../base/errors.ts';
import type { Limits } from '../../config/limits.ts';
import type { Client, ClientAddresses } from '../client/address.ts';
import { unavailable } from './load.ts';

/**
 * Closes new TCP connections of an address beyond its limit. Trusted proxies have many clients, so their connections are not
 * counted.
 * @param max connections of one address.
 */
export function limitConnections(server: Server, addresses: ClientAddresses, max: number): void {
  const byAddress = new Map<string, number>();
  const counted = new WeakSet<Socket>();
  server.on('connection', (socket: Socket) => {
    const key = addresses.ofPeer(socket);
    if (key === null || counted.has(socket)) return; // a connection with an upgrade request is emitted twice
    const count = byAddress.get(key) ?? 0;
    if (count >= max) {
      socket.destroy();
      return;
    }
    counted.add(socket);
    byAddress.set(key, count + 1);
    socket.once('close', () => {
      const left = (byAddress.get(key) ?? 1) - 1;
      if (left > 0) byAddress.set(key, left);
      else byAddress.delete(key);
    });
  });
}

/** The open WebSockets and event streams, by address. */
export class Connections {
  readonly #limits: Pick<Limits, 'SOCKETS_MAX' | 'SOCKETS_PER_ADDRESS_MAX'>;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  constructor(limits: Pick<Limits, 'SOCKETS_MAX' | 'SOCKETS_PER_ADDRESS_MAX'>) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts a connection.
   * @returns a function to call when it has closed.
   * @throws ReadoutError LIMIT_EXCEEDED where the address has too many, UNAVAILABLE where the process has.
   */
  open({ key, exempt }: Client): () => void {
    const { SOCKETS_MAX, SOCKETS_PER_ADDRESS_MAX } = this.#limits;
    if (this.#count >= SOCKETS_MAX) throw unavailable('This process has all the connections it can have.');
    const ofAddress = this.#byAddress.get(key) ?? 0;
    if (ofAddress >= SOCKETS_PER_ADDRESS_MAX && !exempt) {
      throw new ReadoutError(
        'LIMIT_EXCEEDED',
        `An address can have at most ${SOCKETS_PER_ADDRESS_MAX} WebSockets and event streams. Close one, or run several operations on one socket.`,
        undefined,
        { limit: 'SOCKETS_PER_ADDRESS_MAX', max: SOCKETS_PER_ADDRESS_MAX },
      );
    }
    this.#count += 1;
    this.#byAddress.set(key, ofAddress + 1);
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.#count -= 1;
      const left = (this.#byAddress.get(key) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(key, left);
      else this.#byAddress.delete(key);
    };
  }
}
