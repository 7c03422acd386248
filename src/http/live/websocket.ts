import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type ExecutionArgs, type ExecutionResult, type GraphQLError, parse } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { ReadoutError } from '../../base/errors.ts';
import type { Identity } from '../../domain/access/identity.ts';
import { schema } from '../../schema/schema.ts';
import type { Client, ClientAddresses } from '../client/address.ts';
import type { Sessions } from '../client/sessions.ts';
import { bodyPoints, MESSAGE_POINTS, OPEN_POINTS } from '../cost/prices.ts';
import { withoutHttp } from '../errors.ts';
import type { Guard } from '../limits/guard.ts';
import { documentIdOf } from '../limits/trusted.ts';
import {
  ANSWER_TEXT_BYTES_MAX,
  AnswerMemory,
  type Holding,
  heapBytesOf,
  type MemoryBudget,
  REQUEST_BYTES,
} from '../load/memory.ts';
import type { Connections } from '../load/sockets.ts';
import type { UnreadAnswers } from '../load/unread.ts';
import { REFUSAL_DELAY_MS } from '../server/charge.ts';
import { type AllowedOrigins, allowsOrigin } from '../server/headers.ts';
import { serveWithoutUpgrade } from '../server/server.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Live } from './live.ts';
import { CLOSE_TRY_AGAIN_LATER, type Connection, closeSoon, type Extra, Opening } from './sink.ts';
import { SocketOperations } from './socketOperations.ts';

/** Time that a WebSocket has to send `connection_init`. Beyond it close code 4408. @limit ms */
export const CONNECTION_INIT_WAIT_MS = 5_000;
/** A message over WebSocket. Beyond it close code 1009. @limit bytes */
export const MESSAGE_BYTES_MAX = 131_072;
/**
 * Id of an operation over WebSocket, which is in every message about it. Beyond it close code 4400.
 * @limit characters
 */
export const OPERATION_ID_LENGTH_MAX = 128;
/** A ping or pong with its header. */
const CONTROL_FRAME_BYTES_MAX = 131;
/** Bytes of an incomplete message that count as held with the socket. */
const ARRIVING_BYTES_FREE = 8_192;
/** The most that Node takes from a connection at once. Where a piece is as large, it takes more in the same turn. */
const CHUNK_BYTES = 65_536;
/**
 * The message `connection_init` with its parameters, which are kept while the socket is open. Beyond it close code 4400.
 * @limit characters
 */
export const CONNECTION_PARAMS_LENGTH_MAX = 16_384;
/** Memory of a socket without its subscriptions: its connection and the request that opened it. */
export const SOCKET_BYTES = 7_168;
/** Operations that run on one WebSocket. @limit operations */
export const SUBSCRIPTIONS_PER_SOCKET_MAX = 100;
/**
 * Frames that a message over WebSocket comes in. Each is kept until the message is complete. Beyond it close code 1008.
 * @limit frames
 */
export const MESSAGE_FRAGMENTS_MAX = 64;
/** Answers that wait for a WebSocket to read them. Beyond it the socket is ended. @limit bytes */
export const ANSWERS_BYTES_MAX = 16 * 1_048_576;
/** A close frame has room for 123 bytes, and some of the library's reasons quote ids, in UTF-8. */
const CLOSE_REASON_LENGTH_MAX = 40;
const CLOSE_GOING_AWAY = 1001;
export interface WebSocketOptions {
  readonly server: Server;
  readonly path: string;
  readonly live: Live;
  readonly sessions: Sessions;
  /** Says who opens a socket by its connection parameters; throws where they may not. */
  readonly identify: (connectionParams: Readonly<Record<string, unknown>>) => Promise<Identity>;
  readonly mask: (error: unknown) => GraphQLError;
  readonly guard: Guard;
  readonly addresses: ClientAddresses;
  readonly connections: Connections;
  /** Whose pages may open a socket. */
  readonly corsOrigins: AllowedOrigins;
  readonly memory: MemoryBudget;
  readonly unread: UnreadAnswers;
}

/** GraphQL over WebSocket (graphql-transport-ws) on the HTTP server's port. */
export class WebSockets {
  readonly #options: WebSocketOptions;
  readonly #server: WebSocketServer;
  readonly #heartbeat = new Heartbeat();
  #stopping = false;

  constructor(options: WebSocketOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: MESSAGE_BYTES_MAX,
      maxFragments: MESSAGE_FRAGMENTS_MAX,
      perMessageDeflate: false,
      handleProtocols: (protocols) =>
        protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
    });
    const protocol = this.#makeProtocol();
    this.#server.on('connection', (socket: WebSocket, stream: Socket, { client, holding }: Opened) =>
      this.#accept(protocol, {
        ...{ socket, stream, client, holding },
        ...{ payer: client.key, operations: new SocketOperations() },
      }),
    );
    options.server.on('upgrade', this.#upgrade);
  }

  /** Open sockets. */
  get count(): number {
    return this.#server.clients.size;
  }

  /** Takes no new sockets and no new operations. */
  refuseNew(): void {
    this.#stopping = true;
  }

  /** Closes every socket with 1001. */
  async stop(): Promise<void> {
    this.refuseNew();
    this.#heartbeat.stop();
    this.#options.server.off('upgrade', this.#upgrade);
    const closed = [...this.#server.clients].map(
      (socket) => new Promise((resolve) => socket.once('close', resolve)),
    );
    for (const socket of this.#server.clients) closeSoon(socket, CLOSE_GOING_AWAY, 'The service is stopping');
    await Promise.all(closed);
    this.#server.close();
  }

  #upgrade = (request: IncomingMessage, stream: Socket, head: Buffer): void => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      serveWithoutUpgrade(this.#options.server, request, stream, head);
      return;
    }
    stream.on('error', destroy); // the client has gone before it was answered
    const opened = this.#open(request);
    if ('refusal' in opened) {
      const { refusal } = opened;
      const end = (): void =>
        void stream.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      if (refusal.startsWith('429')) setTimeout(end, REFUSAL_DELAY_MS);
      else end();
      return;
    }
    stream.once('close', opened.close);
    this.#server.handleUpgrade(request, stream, head, (socket) =>
      this.#server.emit('connection', socket, stream, opened),
    );
  };

  #open(request: IncomingMessage): Opened | { refusal: string } {
    const { path, addresses, connections, corsOrigins, guard, memory } = this.#options;
    if ((request.url ?? '').split('?', 1)[0] !== path) return { refusal: '404 Not Found' };
    if (this.#stopping) return { refusal: '503 Service Unavailable' };
    if (!allowsOrigin(request, corsOrigins)) return { refusal: '403 Forbidden' };
    const client = addresses.of(request);
    const { socket } = request; // a function that names the request would keep it while the socket is open
    try {
      guard.spend(client.key, OPEN_POINTS, { client });
      const holding = memory.hold(client, SOCKET_BYTES, () => socket.destroy());
      try {
        const leave = connections.open(client);
        const close = (): void => {
          leave();
          holding.release();
        };
        return { client, holding, close };
      } catch (error) {
        holding.release();
        throw error;
      }
    } catch (error) {
      const isFull = error instanceof ReadoutError && error.code === 'UNAVAILABLE';
      return { refusal: `${isFull ? '503 Service Unavailable' : '429 Too Many Requests'}\r\nRetry-After: 5` };
    }
  }

  #accept(protocol: Protocol, extra: Extra): void {
    const { socket, stream, holding, operations } = extra;
    const readsNothing = (): boolean => socket.bufferedAmount > ANSWERS_BYTES_MAX;
    socket.on('ping', () => {
      if (readsNothing()) socket.terminate();
      else if (this.#pays(extra, MESSAGE_POINTS) && stream.writableLength > 0) {
        this.#options.unread.watch(stream, holding); // its answer, which the library sends
      }
    });
    stream.on('data', (chunk: Buffer) => {
      if (chunk.length >= CHUNK_BYTES) pauseForTurn(socket);
    });
    const arriving = this.#holdArriving(extra);
    socket.on('ping', arriving.control).on('pong', arriving.control);
    this.#heartbeat.add(socket, () => this.#pays(extra, MESSAGE_POINTS));
    socket.on('error', () => socket.terminate()); // such as a frame that is too large; `close` follows
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => {
          if (readsNothing()) socket.terminate();
          if (socket.readyState !== socket.OPEN) return; // the client has gone
          socket.send(operations.outgoing(data));
          if (stream.writableLength > 0) this.#options.unread.watch(stream, holding);
        },
        close: (code, reason) => socket.close(code, reason?.slice(0, CLOSE_REASON_LENGTH_MAX)),
        onMessage: (take) =>
          socket.on('message', (data, isBinary) => {
            arriving.complete();
            if (socket.readyState !== socket.OPEN) return; // it closes, and what still comes is not looked at
            if (isBinary) socket.close(CloseCode.BadRequest, 'Messages must be text');
            else this.#take(extra, String(data), take as Take);
          }),
      },
      extra,
    );
    socket.once('close', (code, reason) => {
      arriving.complete();
      operations.abort();
      this.#heartbeat.delete(socket);
      void closed(code, String(reason));
    });
  }

  /** Takes the price of what a client sends; closes its socket where there is not enough left. */
  #pays({ socket, client, payer }: Extra, points: number): boolean {
    if (socket.readyState !== socket.OPEN) return false;
    try {
      this.#options.guard.spend(payer, points, { client });
      return true;
    } catch {
      closeSoon(socket, CLOSE_TRY_AGAIN_LATER, 'Too many messages. Try again later');
      return false;
    }
  }

  /** Holds a message that comes in several pieces until it is complete. */
  #holdArriving({ socket, stream, client }: Extra): Arriving {
    let bytes = 0;
    let held: Holding | null = null;
    // Before the library reads it, and after: what it completes of a piece needs no room.
    stream.prependListener('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('data', () => {
      if (bytes <= ARRIVING_BYTES_FREE || socket.readyState !== socket.OPEN) return;
      try {
        if (held) held.resize(bytes);
        else held = this.#options.memory.hold(client, bytes, () => socket.terminate());
      } catch {
        socket.terminate();
      }
    });
    return {
      complete: () => {
        bytes = 0;
        held?.release();
        held = null;
      },
      control: () => {
        if (bytes <= CONTROL_FRAME_BYTES_MAX) bytes = 0;
      },
    };
  }

  /** Gives a message to the protocol, with its costs and limits, and with a number for the id of its operation. */
  #take(extra: Extra, text: string, take: Take): void {
    const { socket, holding, operations } = extra;
    if (!this.#pays(extra, MESSAGE_POINTS + bodyPoints(text.length))) return;
    const failed = (error: unknown): void => {
      // The library reports a message that only servers send as an internal error.
      if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
        socket.close(CloseCode.BadRequest, 'Invalid message received');
        return;
      }
      this.#options.mask(error);
      socket.close(CloseCode.InternalServerError, 'Something went wrong in the service');
    };
    const message = parseMessage(text);
    const { type, id } = message ?? {};
    if (type === 'connection_init') {
      if (text.length > CONNECTION_PARAMS_LENGTH_MAX) {
        closeSoon(socket, CloseCode.BadRequest, 'Connection parameters are too long');
        return;
      }
      try {
        holding.grow(PARAMS_FACTOR * text.length);
      } catch {
        closeSoon(socket, CLOSE_TRY_AGAIN_LATER, 'Too much is kept for this address');
        return;
      }
    }
    if (!message || typeof id !== 'string' || id === '') {
      // Not a message about an operation. The library refuses invalid messages.
      take(message ?? text).catch(failed);
    } else if (id.length > OPERATION_ID_LENGTH_MAX) {
      closeSoon(socket, CloseCode.BadRequest, 'The id of an operation is too long');
    } else if (type === 'subscribe') {
      if (operations.has(id)) {
        socket.close(
          CloseCode.SubscriberAlreadyExists,
          `Subscriber for ${id} already exists`.slice(0, CLOSE_REASON_LENGTH_MAX),
        );
        return;
      }
      const operation = operations.begin(id);
      take({ ...message, id: operation.number })
        .catch(failed)
        .finally(() => operations.end(operation));
    } else if (type === 'complete') {
      const number = operations.complete(id);
      if (number !== null) take({ ...message, id: number }).catch(failed);
    } else take(message).catch(failed);
  }

  #makeProtocol() {
    const { identify, sessions, guard } = this.#options;
    return makeServer<Record<string, unknown>, Extra>({
      connectionInitWaitTimeout: CONNECTION_INIT_WAIT_MS,
      onConnect: async (connection) => {
        const { socket, client } = connection.extra;
        try {
          const identity = await identify(connection.connectionParams ?? {});
          if (socket.readyState !== socket.OPEN) return false; // its `close` has gone by
          connection.extra.payer = guard.payerOf(identity, { client });
          const forget = sessions.add(identity, (reason) => closeSoon(socket, CloseCode.Forbidden, reason));
          socket.once('close', forget);
          return true;
        } catch (error) {
          const { extensions } = this.#options.mask(error);
          if (extensions.code === 'UNAUTHENTICATED') return false;
          socket.close(CLOSE_TRY_AGAIN_LATER, 'The service can’t tell who this is. Try again later');
          return false;
        }
      },
      onSubscribe: (connection, id, payload) => this.#subscribe(connection as Connection, id, payload),
      // What `onSubscribe` prepared: an operation that has run, or one that is to be opened.
      execute: (args) => (args as unknown as { result: ExecutionResult }).result,
      subscribe: (args) => (args as unknown as { opening: Opening }).opening.open(),
    });
  }

  async #subscribe(
    connection: Connection,
    number: string,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { live, memory, unread } = this.#options;
    const mask = (error: unknown): GraphQLError => withoutHttp(this.#options.mask(error));
    const { client, operations } = connection.extra;
    const operation = operations.find(number);
    if (!operation) throw new Error('an operation was begun before it is prepared');
    if (this.#stopping)
      return [mask(new ReadoutError('UNAVAILABLE', 'The service is stopping. Connect again.'))];
    if (Object.keys(connection.subscriptions).length > SUBSCRIPTIONS_PER_SOCKET_MAX) {
      return [
        mask(
          new ReadoutError(
            'LIMIT_EXCEEDED',
            `At most ${SUBSCRIPTIONS_PER_SOCKET_MAX} operations can run on one socket. Complete one, or open another socket.`,
          ),
        ),
      ];
    }
    const params = {
      query: payload.query,
      operationName: payload.operationName,
      variables: payload.variables,
      documentId: documentIdOf(payload as unknown as Record<string, unknown>),
    };
    // The library keeps the message while the operation runs, so the parts already read are removed from it.
    Object.assign(payload, { query: '', variables: undefined, extensions: undefined });
    let holding: Holding;
    try {
      // Held before its turn, because waiting operations take memory too.
      holding = memory.hold(client, REQUEST_BYTES + params.query.length + heapBytesOf(params.variables));
    } catch (error) {
      return [mask(error)];
    }
    const opened = await live
      .run(params, {
        connectionParams: connection.connectionParams ?? {},
        client,
        memory: new AnswerMemory(ANSWER_TEXT_BYTES_MAX, holding),
        signal: operation.controller.signal,
      })
      .finally(() => holding.release());
    if (opened.type === 'refused') return opened.errors;
    if (opened.type === 'result') return preparedArgs('query', { result: opened.result });
    const options = { connection, operation, unread };
    return preparedArgs('subscription', { opening: new Opening(options, opened.operation) });
  }
}

/** One function for all sockets: one made for each would keep the request that opened it. */
function destroy(this: Socket): void {
  this.destroy();
}

/** Takes no more from a socket in this turn of the event loop: a megabyte of messages would block it. */
function pauseForTurn(socket: WebSocket): void {
  socket.pause();
  setImmediate(() => socket.resume());
}

/** Bytes of the kept connection parameters for each character of their message. */
const PARAMS_FACTOR = 8;

/** The part of an incomplete message that has arrived. */
interface Arriving {
  /** The message is complete, or no more of it will come. */
  readonly complete: () => void;
  /** A ping or pong has arrived, which is no part of a message. */
  readonly control: () => void;
}

/** A socket that passed the checks of its upgrade request. */
interface Opened {
  readonly client: Client;
  readonly holding: Holding;
  readonly close: () => void;
}

type Protocol = ReturnType<typeof makeServer<Record<string, unknown>, Extra>>;
type Message = Readonly<Record<string, unknown>>;
/** The library also accepts parsed messages, though its types don't say so. */
type Take = (message: Message | string) => Promise<void>;

/** A message as an object; null for anything else. */
function parseMessage(text: string): Message | null {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null && !Array.isArray(message)
      ? (message as Message)
      : null;
  } catch {
    return null;
  }
}

const QUERY = parse('query { __typename }');
const SUBSCRIPTION = parse('subscription { __typename }');

/** Arguments that carry what was prepared past the library, which looks only at the kind of operation. */
function preparedArgs(kind: 'query' | 'subscription', prepared: object): ExecutionArgs {
  const document = kind === 'query' ? QUERY : SUBSCRIPTION;
  return { schema, document, contextValue: {}, rootValue: {}, ...prepared };
}
