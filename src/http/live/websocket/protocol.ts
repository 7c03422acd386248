import { type ExecutionArgs, type ExecutionResult, type GraphQLError, parse } from 'graphql';
import { CloseCode, type Context, makeServer, type SubscribePayload } from 'graphql-ws';
import { ReadoutError } from '../../../base/errors.ts';
import { heapBytesOf } from '../../../base/object.ts';
import type { Result } from '../../../log/hub/delivery.ts';
import type { OpenSubscription } from '../../../log/hub/hub.ts';
import { type OperationObserver, setErrors } from '../../../observe/operations.ts';
import { requestIdOf } from '../../../observe/requestId.ts';
import { schema } from '../../../schema/schema.ts';
import type { Sessions } from '../../client/sessions.ts';
import { withoutHttp, withRequestId } from '../../errors.ts';
import type { Billing } from '../../limits/billing.ts';
import { documentIdOf } from '../../limits/trusted.ts';
import { ANSWER_TEXT_BYTES_MAX, AnswerMemory } from '../../load/answerMemory.ts';
import { type Holding, type MemoryBudget, REQUEST_BYTES } from '../../load/memory.ts';
import type { UnreadAnswers } from '../../load/unread.ts';
import type { Live } from '../live.ts';
import type { LiveOperation, LiveSink } from '../operation.ts';
import { textFrames } from './frame.ts';
import type { SocketOperation } from './operations.ts';
import { CLOSE_TRY_AGAIN_LATER, closeSoon, type LiveSocket } from './socket.ts';

/*
 * This file uses graphql-ws in three ways that it is not made for. The library does the handshake, the order of messages and the close
 * codes of the protocol. But it would execute a subscription and serialise its results for each reader, which is too slow for thousands of
 * readers.
 *
 *  1. `onSubscribe` does everything: it runs a query, or prepares a subscription. What it made goes to `execute` or
 *     `subscribe` as an additional property of the arguments, beside a document that only tells the library the kind of
 *     operation (`preparedArgs`).
 *  2. The library's iterator of a subscription never yields (`RunningSubscription`). Results are written as frames to the TCP
 *     connection, past `ws` and the library (`SocketSink`). The hub makes their bytes once for all readers.
 *  3. When a subscription fails, its `error` message must be the last one. The subscription is deleted from the library's map,
 *     because the library would send `complete` after it.
 *
 * The tests of the protocol (`test/http/live/websocketProtocol.test.ts`) hold what a client sees of all this.
 */

/** Time that a WebSocket has to send `connection_init`. Beyond it close code 4408. @limit ms */
export const CONNECTION_INIT_WAIT_MS = 5_000;
/** Operations that run on one WebSocket. @limit operations */
export const SUBSCRIPTIONS_PER_SOCKET_MAX = 100;
const DRAIN_CHECK_INTERVAL_MS = 20;
/** A reader has caught up when at most this many bytes wait for it. */
const DRAINED_BYTES = 64 * 1_024;
/** Ends the message that the prefix of a sink begins. */
const SUFFIX = Buffer.from('}');

type Connection = Context<Record<string, unknown>, LiveSocket>;
export type SocketProtocol = ReturnType<typeof makeServer<Record<string, unknown>, LiveSocket>>;

export interface ProtocolOptions {
  readonly live: Live;
  readonly observer: OperationObserver;
  readonly sessions: Sessions;
  readonly billing: Billing;
  readonly memory: MemoryBudget;
  readonly unread: UnreadAnswers;
  readonly mask: (error: unknown) => GraphQLError;
  /** Whether new operations are refused. */
  readonly isStopping: () => boolean;
}

/** The protocol graphql-transport-ws on top of `Live`. */
export function makeProtocol(options: ProtocolOptions): SocketProtocol {
  return makeServer<Record<string, unknown>, LiveSocket>({
    connectionInitWaitTimeout: CONNECTION_INIT_WAIT_MS,
    onConnect: (connection) => identify(options, connection as Connection),
    onSubscribe: (connection, number, payload) => prepare(options, connection as Connection, number, payload),
    execute: (args) => (args as unknown as { result: ExecutionResult }).result,
    subscribe: (args) => (args as unknown as { prepared: PreparedSubscription }).prepared.open(),
  });
}

/** Identifies the client of a socket by its connection parameters. @returns false for a client that is refused. */
async function identify(
  { live, sessions, billing, mask }: ProtocolOptions,
  connection: Connection,
): Promise<boolean> {
  const { socket, client } = connection.extra;
  try {
    const identity = await live.identify({ client, connectionParams: connection.connectionParams ?? {} });
    if (socket.readyState !== socket.OPEN) return false; // its `close` event is in the past
    connection.extra.payer = billing.payerOf(identity, { client });
    const forget = sessions.add(identity, (reason) => closeSoon(socket, CloseCode.Forbidden, reason));
    socket.once('close', forget);
    return true;
  } catch (error) {
    const { extensions } = mask(error);
    if (extensions.code === 'UNAUTHENTICATED') return false;
    socket.close(CLOSE_TRY_AGAIN_LATER, 'The service can’t tell who this is. Try again later');
    return false;
  }
}

/** Runs a query or mutation, or prepares a subscription. */
async function prepare(
  { live, memory, unread, mask, observer, isStopping }: ProtocolOptions,
  connection: Connection,
  number: string,
  payload: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { client, operations } = connection.extra;
  const { requestId: given, traceparent } = payload.extensions ?? {};
  const facts = observer.begin('websocket', client.key, requestIdOf(given), traceparent);
  const { requestId } = facts;
  const refused = (error: unknown): readonly GraphQLError[] => {
    const errors = [withoutHttp(mask(error))];
    setErrors(facts, errors);
    observer.end(facts);
    return withRequestId(errors, requestId);
  };
  const operation = operations.find(number);
  if (!operation) throw new Error('an operation was begun before it is prepared');
  if (isStopping()) {
    return refused(new ReadoutError('UNAVAILABLE', 'The service is stopping. Connect again.'));
  }
  if (Object.keys(connection.subscriptions).length > SUBSCRIPTIONS_PER_SOCKET_MAX) {
    const message = `At most ${SUBSCRIPTIONS_PER_SOCKET_MAX} operations can run on one socket. Complete one, or open another socket.`;
    const details = { limit: 'SUBSCRIPTIONS_PER_SOCKET_MAX', max: SUBSCRIPTIONS_PER_SOCKET_MAX };
    return refused(new ReadoutError('LIMIT_EXCEEDED', message, undefined, details));
  }
  const params = {
    query: payload.query,
    operationName: payload.operationName,
    variables: payload.variables,
    documentId: documentIdOf(payload as unknown as Record<string, unknown>),
  };
  // The library keeps the message while the operation runs, so the parts that were read are removed from it.
  Object.assign(payload, { query: '', variables: undefined, extensions: undefined });
  let holding: Holding;
  try {
    // Held before its turn, because waiting operations need memory, too.
    holding = memory.hold(client, REQUEST_BYTES + params.query.length + heapBytesOf(params.variables));
  } catch (error) {
    return refused(error);
  }
  const outcome = await live
    .run(params, {
      connectionParams: connection.connectionParams ?? {},
      client,
      memory: new AnswerMemory(ANSWER_TEXT_BYTES_MAX, holding),
      signal: operation.controller.signal,
      facts,
    })
    .finally(() => holding.release());
  if (outcome.type === 'refused') return withRequestId(outcome.errors, requestId);
  if (outcome.type === 'result') {
    const { errors, ...rest } = outcome.result;
    const result = errors ? { ...rest, errors: withRequestId(errors, requestId) } : rest;
    return preparedArgs(QUERY, { result });
  }
  const sink = { connection, operation, unread };
  return preparedArgs(SUBSCRIPTION, { prepared: new PreparedSubscription(sink, outcome.operation) });
}

const QUERY = parse('query { __typename }');
const SUBSCRIPTION = parse('subscription { __typename }');

/** Arguments for the library's `execute` or `subscribe` with what `prepare` has made. */
function preparedArgs(document: ExecutionArgs['document'], prepared: object): ExecutionArgs {
  return { schema, document, contextValue: {}, rootValue: {}, ...prepared };
}

interface SinkOptions {
  readonly connection: Connection;
  readonly operation: SocketOperation;
  readonly unread: UnreadAnswers;
}

/**
 * A subscription that can be opened once. The library keeps it while the subscription runs, so it drops what it was prepared
 * with when it is opened.
 */
class PreparedSubscription {
  readonly #options: SinkOptions;
  #operation: LiveOperation | null;

  constructor(options: SinkOptions, operation: LiveOperation) {
    this.#options = options;
    this.#operation = operation;
  }

  async open(): Promise<RunningSubscription> {
    const prepared = this.#operation;
    if (!prepared) throw new Error('a subscription is opened once');
    this.#operation = null;
    const { connection, operation } = this.#options;
    const running = new RunningSubscription(prepared.holding);
    if (operation.controller.signal.aborted || !(operation.number in connection.subscriptions)) {
      await running.return(); // the client has completed it in the meantime
      return running;
    }
    running.reading = prepared.open(new SocketSink(this.#options, running));
    return running;
  }
}

/** The library's iterator of a subscription. It ends with the subscription and never yields. */
class RunningSubscription implements AsyncIterableIterator<ExecutionResult> {
  readonly #holding: Holding;
  reading: OpenSubscription | undefined;
  #end: (() => void) | undefined;
  #ended = false;

  /** @param holding released when the subscription ends. */
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

/** Writes the results of a subscription to the TCP connection of its socket. */
class SocketSink implements LiveSink {
  readonly transport = 'websocket';
  readonly #prefix: Buffer;
  readonly #socket: LiveSocket['socket'];
  /** Held here, since it takes a delivery less time than to read it from the connection. */
  readonly #stream: LiveSocket['stream'];
  readonly #connection: Connection;
  readonly #operation: SocketOperation;
  readonly #running: RunningSubscription;
  readonly #unread: UnreadAnswers;

  constructor({ connection, operation, unread }: SinkOptions, running: RunningSubscription) {
    this.#socket = connection.extra.socket;
    this.#stream = connection.extra.stream;
    this.#connection = connection;
    this.#operation = operation;
    this.#unread = unread;
    this.#running = running;
    this.#prefix = Buffer.from(`{"id":${JSON.stringify(operation.id)},"type":"next","payload":`);
  }

  get bufferedBytes(): number {
    return this.#stream.writableLength;
  }

  /** Sends a ping, which has a place for it: every client answers it, and none takes it for a result. */
  tell(extensions: object): void {
    const payload = { id: this.#operation.id, extensions };
    this.#socket.send(JSON.stringify({ type: 'ping', payload }));
  }

  next(results: readonly Result[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return; // its `close` event ends the subscription
    const bodies = results.map(({ bytes }) => bytes);
    if (this.#stream.write(textFrames(this.#prefix, bodies, SUFFIX))) return;
    // The kernel takes most messages at once, and these need not be counted.
    this.#unread.watch(this.#stream, this.#connection.extra.holding);
  }

  async drained(): Promise<void> {
    while (this.bufferedBytes > DRAINED_BYTES && this.#socket.readyState === this.#socket.OPEN) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_INTERVAL_MS));
    }
  }

  end(error: ReadoutError | null): void {
    if (error) {
      const payload = [{ message: error.message, extensions: { code: error.code, ...error.details } }];
      this.#socket.send(JSON.stringify({ id: this.#operation.id, type: 'error', payload }));
      delete (this.#connection.subscriptions as Record<string, unknown>)[this.#operation.number];
      if (error.code === 'SLOW_READER') closeSoon(this.#socket, CLOSE_TRY_AGAIN_LATER, error.code);
    }
    this.#running.finish();
  }
}
