import type { Socket } from 'node:net';
import type { ExecutionResult } from 'graphql';
import type { Context as SocketContext } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { ReadoutError } from '../../base/errors.ts';
import type { Result, Sink } from '../../log/hub/delivery.ts';
import type { Reading } from '../../log/hub/hub.ts';
import type { Client } from '../client/address.ts';
import type { Holding } from '../load/memory.ts';
import type { UnreadAnswers } from '../load/unread.ts';
import { textFrames } from './frame.ts';
import type { LiveOperation } from './operation.ts';
import type { SocketOperation, SocketOperations } from './socketOperations.ts';

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
  readonly stream: Socket;
  readonly client: Client;
  /** Who pays for what the socket receives: its address, and its token once that is verified. */
  payer: string;
  /** Memory of the socket without its subscriptions. */
  readonly holding: Holding;
  readonly operations: SocketOperations;
}
export type Connection = SocketContext<Record<string, unknown>, Extra>;

/** Subscriptions that run on a socket, as the library's iterators: they end, and never yield. */
export class Running implements AsyncIterableIterator<ExecutionResult> {
  readonly #holding: Holding;
  reading: Reading | undefined;
  #end: (() => void) | undefined;
  #ended = false;

  /** @param holding released when the subscription is over. */
  constructor(holding: Holding) {
    this.#holding = holding;
  }

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
    this.#holding.release();
    this.#ended = true;
    this.#end?.();
  }
}

/** Writes results to the socket itself, as prepared bytes: the library would serialise each for each reader. */
class SocketSink implements Sink {
  readonly #prefix: Buffer;
  readonly #connection: Connection;
  readonly #operation: SocketOperation;
  readonly #running: Running;
  readonly #unread: UnreadAnswers;

  constructor(options: SinkOptions, running: Running) {
    this.#connection = options.connection;
    this.#operation = options.operation;
    this.#unread = options.unread;
    this.#running = running;
    const { id } = options.operation;
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
    const { stream, holding } = this.#connection.extra;
    // The kernel takes most messages at once, so they need not be counted.
    if (!stream.write(textFrames(this.#prefix, bodies, SUFFIX))) this.#unread.watch(stream, holding);
  }

  async drained(): Promise<void> {
    while (this.#socket.bufferedAmount > DRAINED_BYTES && this.#socket.readyState === this.#socket.OPEN) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_INTERVAL_MS));
    }
  }

  end(error: ReadoutError | null): void {
    if (error) {
      const payload = [{ message: error.message, extensions: { code: error.code, ...error.details } }];
      this.#socket.send(JSON.stringify({ id: this.#operation.id, type: 'error', payload }));
      // The library would send `complete` for a subscription that it still knows; after `error` nothing may follow.
      delete (this.#connection.subscriptions as Record<string, unknown>)[this.#operation.number];
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

/** Delivers a subscription to its socket. */
export interface SinkOptions {
  readonly connection: Connection;
  readonly operation: SocketOperation;
  readonly unread: UnreadAnswers;
}

/**
 * A subscription that is to be opened, once, under the id of its operation on the socket. The library keeps it for as
 * long as the subscription runs, so what it was prepared with is let go when it has opened.
 */
export class Opening {
  readonly #options: SinkOptions;
  #prepared: LiveOperation | null;

  constructor(options: SinkOptions, prepared: LiveOperation) {
    this.#options = options;
    this.#prepared = prepared;
  }

  async open(): Promise<Running> {
    const prepared = this.#prepared;
    if (!prepared) throw new Error('a subscription is opened once');
    this.#prepared = null;
    const { connection, operation } = this.#options;
    const running = new Running(prepared.holding);
    if (operation.controller.signal.aborted || !(operation.number in connection.subscriptions)) {
      await running.return(); // the client has completed it in the meantime
      return running;
    }
    running.reading = prepared.open(new SocketSink(this.#options, running));
    return running;
  }
}
