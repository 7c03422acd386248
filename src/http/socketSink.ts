import type { Duplex } from 'node:stream';
import type { ExecutionResult } from 'graphql';
import type { Context as SocketContext } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { ReadoutError } from '../errors.ts';
import type { Result, Sink } from '../log/delivery.ts';
import type { Reading } from '../log/hub.ts';
import type { Client } from './clientAddress.ts';
import { textFrames } from './frame.ts';
import type { LiveOperation } from './live.ts';

/** How long a socket that is told to close may take over it. */
const CLOSE_GRACE_MS = 3_000;
const DRAIN_CHECK_INTERVAL_MS = 20;
/** A reader is taken to have caught up when no more than this waits for it. */
const DRAINED_BYTES = 64 * 1_024;
/** Clients of the protocol connect again after it. */
export const CLOSE_TRY_AGAIN_LATER = 1013;
/** Ends the message that the prefix of a sink begins. */
const SUFFIX = Buffer.from('}');

/** What a connection of the protocol carries along. */
export interface Extra extends Record<PropertyKey, unknown> {
  readonly socket: WebSocket;
  /** What the socket writes to. The request that opened it is not kept. */
  readonly stream: Duplex;
  readonly client: Client;
  /** Queries and mutations that run, by the id of their operation. */
  readonly running: Map<string, AbortController>;
}
export type Connection = SocketContext<Record<string, unknown>, Extra>;

/** Subscriptions that run on a socket, as the library's iterators: they end, and never yield. */
export class Running implements AsyncIterableIterator<ExecutionResult> {
  reading: Reading | undefined;
  #end: (() => void) | undefined;
  #ended = false;

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    const done = { done: true as const, value: undefined };
    if (this.#ended) return Promise.resolve(done);
    return new Promise((resolve) => {
      this.#end = () => resolve(done);
    });
  }

  /** Called by the library when the client completes the operation or has gone. */
  return(): Promise<IteratorResult<ExecutionResult>> {
    this.reading?.close();
    this.finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  finish(): void {
    this.#ended = true;
    this.#end?.();
  }
}

/** Writes results to the socket itself, as prepared bytes: the library would serialise each for each reader. */
class SocketSink implements Sink {
  readonly #prefix: Buffer;
  readonly #connection: Connection;
  readonly #id: string;
  readonly #running: Running;

  constructor(connection: Connection, id: string, running: Running) {
    this.#connection = connection;
    this.#id = id;
    this.#running = running;
    this.#prefix = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  }

  get #socket(): WebSocket {
    return this.#connection.extra.socket;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  next(results: readonly Result[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return; // it closes; `close` tells the subscription
    const bodies = results.map(({ bytes }) => bytes);
    this.#connection.extra.stream.write(textFrames(this.#prefix, bodies, SUFFIX));
  }

  async drained(): Promise<void> {
    while (this.#socket.bufferedAmount > DRAINED_BYTES && this.#socket.readyState === this.#socket.OPEN) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_INTERVAL_MS));
    }
  }

  end(error: ReadoutError | null): void {
    if (error) {
      const payload = [{ message: error.message, extensions: { code: error.code, ...error.details } }];
      this.#socket.send(JSON.stringify({ id: this.#id, type: 'error', payload }));
      // The library would send `complete` for a subscription that it still knows; after `error` nothing may follow.
      delete (this.#connection.subscriptions as Record<string, unknown>)[this.#id];
      if (error.code === 'SLOW_READER') closeSoon(this.#socket, CLOSE_TRY_AGAIN_LATER, error.code);
    }
    this.#running.finish();
  }
}

/** Closes a socket, and ends it where the other side does not answer. */
export function closeSoon(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  socket.once('close', () => clearTimeout(timer));
}

/**
 * A subscription that is to be opened, once, under the id of its operation on the socket. The library keeps it for as
 * long as the subscription runs, so what it was prepared with is let go when it has opened.
 */
export class Opening {
  readonly #connection: Connection;
  readonly #id: string;
  #operation: LiveOperation | null;

  constructor(connection: Connection, id: string, operation: LiveOperation) {
    this.#connection = connection;
    this.#id = id;
    this.#operation = operation;
  }

  async open(): Promise<Running> {
    const operation = this.#operation;
    if (!operation) throw new Error('a subscription is opened once');
    this.#operation = null;
    const running = new Running();
    running.reading = operation.open(new SocketSink(this.#connection, this.#id, running));
    if (!(this.#id in this.#connection.subscriptions)) await running.return(); // the client has completed it meanwhile
    return running;
  }
}
