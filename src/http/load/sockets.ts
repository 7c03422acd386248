import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { ReadoutError } from '../../base/errors.ts';
import type { Limits } from '../../config/limits.ts';
import type { Client, ClientAddresses } from '../client/address.ts';
import { unavailable } from './load.ts';

/** How long an address can open no connection after it has sent too many requests at once. @limit ms */
export const FLOOD_PAUSE_MS = 2_000;

/** The TCP connections of each address. Trusted proxies have many clients, so their connections are not counted. */
export class Peers {
  readonly #addresses: Pick<ClientAddresses, 'ofPeer'>;
  readonly #max: number;
  readonly #byAddress = new Map<string, Set<Socket>>();
  /** Addresses that can open no connection now. */
  readonly #paused = new Set<string>();

  /** @param max connections of one address. */
  constructor(addresses: Pick<ClientAddresses, 'ofPeer'>, max: number) {
    this.#addresses = addresses;
    this.#max = max;
  }

  /** Closes new connections of an address beyond its limit. */
  limit(server: Server): void {
    server.on('connection', (socket: Socket) => this.#accept(socket));
  }

  /** Ends a connection, and all others of its address, which can open none for a while: parsing what floods in would take all the time. */
  endFlood(socket: Socket): void {
    const key = this.#addresses.ofPeer(socket);
    socket.destroy();
    if (key === null || this.#paused.has(key)) return;
    this.#paused.add(key);
    setTimeout(() => this.#paused.delete(key), FLOOD_PAUSE_MS).unref();
    for (const other of this.#byAddress.get(key) ?? []) other.destroy();
  }

  #accept(socket: Socket): void {
    const key = this.#addresses.ofPeer(socket);
    if (key === null) return;
    const sockets = this.#byAddress.get(key) ?? new Set();
    if (sockets.has(socket)) return; // a connection with an upgrade request is emitted twice
    if (sockets.size >= this.#max || this.#paused.has(key)) {
      socket.destroy();
      return;
    }
    this.#byAddress.set(key, sockets.add(socket));
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#byAddress.get(key) === sockets) this.#byAddress.delete(key);
    });
  }
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
