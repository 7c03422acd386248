import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, type GraphQLError, parse } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { ReadoutError } from '../errors.ts';
import type { Identity } from '../schema/identity.ts';
import { schema } from '../schema/schema.ts';
import { type AllowedOrigins, allowsOrigin } from './browser.ts';
import type { Client, ClientAddresses } from './clientAddress.ts';
import type { Connections } from './connections.ts';
import type { Guard } from './guard.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Live } from './live.ts';
import { bodyPoints, MESSAGE_POINTS, OPEN_POINTS } from './prices.ts';
import type { Sessions } from './sessions.ts';
import { CLOSE_TRY_AGAIN_LATER, type Connection, closeSoon, type Extra, Opening } from './socketSink.ts';
import { documentIdOf } from './trusted.ts';

export const CONNECTION_INIT_WAIT_MS = 5_000;
export const MESSAGE_BYTES_MAX = 256 * 1_024;
export const SUBSCRIPTIONS_PER_SOCKET_MAX = 100;
/** Answers that may wait for a client to read them; one that sends and does not read is closed. */
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
      perMessageDeflate: false,
      handleProtocols: (protocols) =>
        protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
    });
    const protocol = this.#makeProtocol();
    this.#server.on('connection', (socket: WebSocket, stream: Duplex, client: Client) =>
      this.#accept(protocol, { socket, stream, client, running: new Map() }),
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

  #upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', destroy); // the client has gone before it was answered
    const opened = this.#open(request);
    if ('refusal' in opened) {
      stream.end(`HTTP/1.1 ${opened.refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    stream.once('close', opened.close);
    this.#server.handleUpgrade(request, stream, head, (socket) =>
      this.#server.emit('connection', socket, stream, opened.client),
    );
  };

  #open(request: IncomingMessage): { client: Client; close: () => void } | { refusal: string } {
    const { path, addresses, connections, corsOrigins, guard } = this.#options;
    if ((request.url ?? '').split('?', 1)[0] !== path) return { refusal: '404 Not Found' };
    if (this.#stopping) return { refusal: '503 Service Unavailable' };
    if (!allowsOrigin(request, corsOrigins)) return { refusal: '403 Forbidden' };
    const client = addresses.of(request);
    try {
      guard.spend(client.key, OPEN_POINTS, { client });
      return { client, close: connections.open(client) };
    } catch (error) {
      const isFull = error instanceof ReadoutError && error.code === 'UNAVAILABLE';
      return { refusal: `${isFull ? '503 Service Unavailable' : '429 Too Many Requests'}\r\nRetry-After: 5` };
    }
  }

  #accept(protocol: ReturnType<typeof makeServer<Record<string, unknown>, Extra>>, extra: Extra): void {
    const { socket, running } = extra;
    const readsNothing = (): boolean => socket.bufferedAmount > ANSWERS_BYTES_MAX;
    socket.on('ping', () => readsNothing() && socket.terminate());
    this.#heartbeat.add(socket);
    socket.on('error', () => socket.terminate()); // such as a frame that is too large; `close` follows
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => {
          if (readsNothing()) socket.terminate();
          else if (socket.readyState === socket.OPEN) socket.send(data); // else nobody is there to be told
        },
        close: (code, reason) => socket.close(code, reason?.slice(0, CLOSE_REASON_LENGTH_MAX)),
        onMessage: (take) =>
          socket.on('message', (data, isBinary) => {
            if (socket.readyState !== socket.OPEN) return; // it closes, and what still comes is not looked at
            if (isBinary) socket.close(CloseCode.BadRequest, 'Messages must be text');
            else if (this.#mayAsk(extra, String(data)))
              take(String(data)).catch((error: unknown) => {
                // A message that only a server sends is one that the library takes for a fault of its own.
                if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
                  socket.close(CloseCode.BadRequest, 'Invalid message received');
                  return;
                }
                this.#options.mask(error);
                socket.close(CloseCode.InternalServerError, 'Something went wrong in the service');
              });
          }),
      },
      extra,
    );
    socket.once('close', (code, reason) => {
      for (const controller of running.values()) controller.abort();
      this.#heartbeat.delete(socket);
      void closed(code, String(reason));
    });
  }

  /** Sees a message before the protocol does: what it costs, and whether it completes a query that runs. */
  #mayAsk({ socket, client, running }: Extra, message: string): boolean {
    try {
      this.#options.guard.spend(client.key, MESSAGE_POINTS + bodyPoints(message.length), { client });
    } catch {
      closeSoon(socket, CLOSE_TRY_AGAIN_LATER, 'Too many messages. Try again later');
      return false;
    }
    if (running.size > 0 && message.length < COMPLETE_LENGTH_MAX && message.includes('"complete"')) {
      running.get(completedId(message) ?? '')?.abort();
    }
    return true;
  }

  #makeProtocol() {
    const { identify, sessions } = this.#options;
    return makeServer<Record<string, unknown>, Extra>({
      connectionInitWaitTimeout: CONNECTION_INIT_WAIT_MS,
      onConnect: async (connection) => {
        const { socket } = connection.extra;
        try {
          const identity = await identify(connection.connectionParams ?? {});
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
    id: string,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { live, mask } = this.#options;
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
    const { client, running } = connection.extra;
    const controller = new AbortController();
    running.set(id, controller);
    const opened = await live
      .run(params, {
        connectionParams: connection.connectionParams ?? {},
        client,
        signal: controller.signal,
      })
      .finally(() => running.get(id) === controller && running.delete(id));
    if (opened.type === 'refused') return opened.errors;
    if (opened.type === 'result') return preparedArgs('query', { result: opened.result });
    return preparedArgs('subscription', { opening: new Opening(connection, id, opened.operation) });
  }
}

/** One function for all sockets: one made for each would keep the request that opened it. */
function destroy(this: Duplex): void {
  this.destroy();
}

/** An id of the usual length, and the rest of the message. */
const COMPLETE_LENGTH_MAX = 1_000;

/** The id that a message completes; null where it is none of that kind, or no message at all, which the protocol refuses. */
function completedId(message: string): string | null {
  try {
    const { type, id } = JSON.parse(message) as { type?: unknown; id?: unknown };
    return type === 'complete' && typeof id === 'string' ? id : null;
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
