import { IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A piece of a body that has fewer bytes is charged, since it takes about as long as a large one. 64 kB in chunks of one byte take
 * a hundred times as long as in one chunk.
 */
const SMALL_PIECE_BYTES = 256;
/** Small pieces that are charged together. */
const PIECES_PER_CHARGE = 16;
/**
 * Pieces of a body that have less than 256 bytes. Beyond it the connection ends. An import can have more.
 * @limit pieces
 */
export const SMALL_PIECES_MAX = 500;
/**
 * Unread rest of a body that the service reads after its answer, so that the connection can be used again. A longer rest, or one
 * of unknown length, ends the connection, and so does a longer body of a GET.
 * @limit bytes
 */
export const UNREAD_BODY_BYTES_MAX = 131_072;
/** Time that a client has to read the answer, before its connection with an unread rest is destroyed. */
const READ_ANSWER_MS = 500;

/**
 * A class of requests that count the small pieces of their bodies. The body of a GET is discarded, because it would be in memory as
 * long as an event stream is open.
 * @param pays charges for pieces; false ends the connection.
 * @param unbounded connections with a request that may have any number of them.
 */
export function requestsThatPay(
  pays: (request: IncomingMessage, pieces: number) => boolean,
  unbounded: WeakSet<Socket>,
): typeof IncomingMessage {
  return class CountedRequest extends IncomingMessage {
    #small = 0;
    #isEnding = false;
    #discardedBytes = 0;

    override push(piece: Buffer | null): boolean {
      const { socket } = this;
      if (piece !== null && piece.length < SMALL_PIECE_BYTES) {
        this.#small += 1;
        if (!this.#isEnding) {
          const isPaid = this.#small % PIECES_PER_CHARGE !== 0 || pays(this, PIECES_PER_CHARGE);
          if (!isPaid || (this.#small > SMALL_PIECES_MAX && !unbounded.has(socket))) this.#end();
        }
      }
      if (this.#isEnding) return false;
      if (piece === null || this.method !== 'GET') return super.push(piece);
      this.#discardedBytes += piece.length;
      if (this.#discardedBytes > UNREAD_BODY_BYTES_MAX) socket.destroy();
      return true;
    }

    /** Ends the connection after the packet. Node parses all of it, which can be 10,000 pieces, so they are charged. */
    #end(): void {
      this.#isEnding = true;
      const charged = this.#small;
      setImmediate(() => {
        if (this.#small > charged) pays(this, this.#small - charged);
        this.socket.destroy();
      });
    }
  };
}

/** Whether much of the body has not arrived yet. */
export function hasUnread({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  const { 'transfer-encoding': encoding, 'content-length': length = 0 } = headers;
  return encoding !== undefined || Number(length) > UNREAD_BODY_BYTES_MAX;
}

/** Reads no more of the body once the request is answered. Node would read the rest, and no client would pay for it. */
export function endUnread(request: IncomingMessage, response: ServerResponse): void {
  if (!hasUnread(request)) return;
  const { socket } = request;
  // Before the listener of Node, which would begin to read the rest.
  response.prependOnceListener('finish', () => {
    if (request.complete) return;
    request.pause();
    request.read(); // Node does not discard the rest of a request that was read
    // If it were destroyed at once, it would be reset, and the client would not get the answer.
    socket.end();
    socket.destroySoon = () => undefined;
    setTimeout(() => socket.destroy(), READ_ANSWER_MS).unref();
  });
}
