import type { WebSocket } from 'ws';

/**
 * Time between two pings of a WebSocket. A socket that has not answered by the next one is ended.
 * @limit ms
 */
export const HEARTBEAT_INTERVAL_MS = 12_000;
/** Sockets are pinged in groups, because thousands of pings at once would delay deliveries. */
const GROUPS = 48;

/** Pings sockets, and terminates those that do not answer. */
export class Heartbeat {
  readonly #groups = Array.from({ length: GROUPS }, () => new Set<WebSocket>());
  /** Sockets that opened since the last ping of their group. They are not pinged during the handshake. */
  readonly #fresh = new Set<WebSocket>();
  readonly #unanswered = new Set<WebSocket>();
  readonly #timer = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL_MS / GROUPS);
  #added = 0;
  #beats = 0;

  /** @param onUnasked called for each pong that answers no ping. */
  add(socket: WebSocket, onUnasked: () => void = () => undefined): void {
    this.#groups[this.#added % GROUPS]?.add(socket);
    this.#added += 1;
    this.#fresh.add(socket);
    socket.on('pong', () => {
      if (!this.#unanswered.delete(socket)) onUnasked();
    });
  }

  delete(socket: WebSocket): void {
    for (const group of this.#groups) group.delete(socket);
    this.#fresh.delete(socket);
    this.#unanswered.delete(socket);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    for (const socket of this.#groups[this.#beats % GROUPS] ?? []) {
      if (this.#fresh.delete(socket)) continue;
      if (this.#unanswered.has(socket)) {
        socket.terminate();
        continue;
      }
      this.#unanswered.add(socket);
      socket.ping();
    }
    this.#beats += 1;
  }
}
