import type { Socket } from 'node:net';
import type { Holding } from './memory.ts';

const CHECK_INTERVAL_MS = 500;

interface Watched {
  /** Holds what waits, beside other things; null where that is held elsewhere. */
  readonly holding: Holding | null;
  /** Bytes of what waits that it holds now. */
  held: number;
  /** Bytes that the kernel has not taken yet, when they last were others. */
  queued: number;
  sinceMs: number;
}

/**
 * Connections whose client has not yet read what was sent. What waits is held for the client; where nothing leaves for too
 * long, the connection is destroyed.
 */
export class UnreadAnswers {
  readonly #timeoutMs: number;
  readonly #watched = new Map<Socket, Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Connections that are watched. */
  get count(): number {
    return this.#watched.size;
  }

  /**
   * Watches a connection until everything was read or it is closed; to be called whenever something waits on it.
   * @param holding grows by what waits; where it can't, the connection is destroyed.
   */
  watch(socket: Socket, holding: Holding | null = null): void {
    const known = this.#watched.get(socket);
    if (known) {
      this.#hold(socket, known);
      return;
    }
    const watched: Watched = {
      holding,
      held: 0,
      queued: queuedOf(socket),
      sinceMs: performance.now(),
    };
    this.#watched.set(socket, watched);
    this.#timer ??= setInterval(() => this.#check(), CHECK_INTERVAL_MS).unref();
    this.#hold(socket, watched);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#watched.clear();
  }

  #hold(socket: Socket, watched: Watched): void {
    const { writableLength } = socket;
    try {
      watched.holding?.grow(writableLength - watched.held);
      watched.held = writableLength;
    } catch {
      socket.destroy();
    }
  }

  #check(): void {
    const now = performance.now();
    for (const [socket, watched] of this.#watched) {
      this.#hold(socket, watched);
      const queued = queuedOf(socket);
      if (socket.destroyed || socket.writableLength === 0) this.#watched.delete(socket);
      else if (queued !== watched.queued) Object.assign(watched, { queued, sinceMs: now });
      else if (now - watched.sinceMs >= this.#timeoutMs) socket.destroy();
    }
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Bytes that were given to the kernel and not taken by it. The stream itself counts a write as waiting until all of it has
 * left, so that it can't tell a client that reads slowly from one that reads nothing.
 */
function queuedOf(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? socket.writableLength;
}
