import type { Socket } from 'node:net';
import type { Holding } from './memory.ts';

const CHECK_INTERVAL_MS = 500;

interface Watched {
  /** Holds the unread bytes, among others; null where they are held elsewhere. */
  readonly holding: Holding | null;
  /** Unread bytes that it holds now. */
  held: number;
  /** Bytes that the kernel had not taken at the last change. */
  queued: number;
  sinceMs: number;
}

/**
 * Watches connections with unread answers. The unread bytes count as memory of the client. A connection that accepts no bytes
 * for too long is destroyed.
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
   * Watches a connection until everything is read or it is closed. Call this whenever bytes wait on the connection.
   * @param holding grows by the waiting bytes. If it can't, the connection is destroyed.
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
 * Bytes that the kernel has not accepted. The count of the stream does not help: it includes a whole write until the last byte has left, so
 * it does not change while a client reads slowly.
 */
function queuedOf(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? socket.writableLength;
}
