import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { GraphQLError } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { ReadoutError } from '../../../base/errors.ts';
import type { OperationObserver } from '../../../observe/operations.ts';
import type { Client, ClientAddresses } from '../../client/address.ts';
import type { Sessions } from '../../client/sessions.ts';
import { MESSAGE_POINTS, OPEN_POINTS } from '../../cost/prices.ts';
import type { Billing } from '../../limits/billing.ts';
import type { Holding, MemoryBudget } from '../../load/memory.ts';
import type { Connections } from '../../load/sockets.ts';
import type { UnreadAnswers } from '../../load/unread.ts';
import { REFUSAL_DELAY_MS } from '../../server/charge.ts';
import { type AllowedOrigins, allowsOrigin } from '../../server/headers.ts';
import { serveWithoutUpgrade } from '../../server/upgrade.ts';
import type { Live } from '../live.ts';
import { holdArriving } from './arriving.ts';
import { Heartbeat } from './heartbeat.ts';
import { CLOSE_REASON_LENGTH_MAX, SocketMessages, type TakeMessage } from './messages.ts';
import { SocketOperations } from './operations.ts';
import { makeProtocol, type SocketProtocol } from './protocol.ts';
import { closeSoon, type LiveSocket } from './socket.ts';

/** A message over WebSocket. Beyond it close code 1009. @limit bytes */
export const MESSAGE_BYTES_MAX = 131_072;
/**
 * Frames of a message over WebSocket. Each is kept until the message is complete. Beyond it close code 1008.
 * @limit frames
 */
export const MESSAGE_FRAGMENTS_MAX = 64;
/** Memory of a socket without its subscriptions: its connection and the request that opened it. */
const SOCKET_BYTES = 7_168;
/** Answers that wait for a WebSocket to read them. Beyond it the socket is terminated. @limit bytes */
export const ANSWERS_BYTES_MAX = 16 * 1_048_576;
const CLOSE_GOING_AWAY = 1001;

export interface WebSocketOptions {
  readonly server: Server;
  readonly path: string;
  readonly live: Live;
  readonly observer: OperationObserver;
  readonly sessions: Sessions;
  readonly mask: (error: unknown) => GraphQLError;
  readonly billing: Billing;
  readonly addresses: ClientAddresses;
  readonly connections: Connections;
  /** Origins whose pages may open a socket. */
  readonly corsOrigins: AllowedOrigins;
  readonly memory: MemoryBudget;
  readonly unread: UnreadAnswers;
}

/** A socket that passed the checks of its upgrade request. */
interface Opened {
  readonly client: Client;
  readonly holding: Holding;
  readonly close: () => void;
}

/** GraphQL over WebSocket (graphql-transport-ws) on the HTTP server's port. */
export class WebSockets {
  readonly #options: WebSocketOptions;
  readonly #server: WebSocketServer;
  readonly #heartbeat = new Heartbeat();
  readonly #messages: SocketMessages;
  readonly #protocol: SocketProtocol;
  #stopping = false;

  constructor(options: WebSocketOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: MESSAGE_BYTES_MAX,
      maxFragments: MESSAGE_FRAGMENTS_MAX,
      perMessageDeflate: false,
      // One frame of a socket in each turn of the event loop. A packet can hold thousands, which would block it.
      allowSynchronousEvents: false,
      handleProtocols: (protocols) =>
        protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
    });
    this.#messages = new SocketMessages(options);
    this.#protocol = makeProtocol({ ...options, isStopping: () => this.#stopping });
    this.#server.on('connection', (socket: WebSocket, stream: Socket, { client, holding }: Opened) =>
      this.#accept({
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

  /** Refuses new sockets and new operations. */
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
    stream.on('error', destroy); // the client has gone before the answer
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
    const { path, addresses, connections, corsOrigins, billing, memory } = this.#options;
    if ((request.url ?? '').split('?', 1)[0] !== path) return { refusal: '404 Not Found' };
    if (this.#stopping) return { refusal: '503 Service Unavailable' };
    if (!allowsOrigin(request, corsOrigins)) return { refusal: '403 Forbidden' };
    const client = addresses.of(request);
    const { socket } = request; // a function that names the request would keep it while the socket is open
    try {
      billing.spend(client.key, OPEN_POINTS, { client });
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

  #accept(live: LiveSocket): void {
    const { socket, stream, holding, operations } = live;
    const { unread, memory } = this.#options;
    const messages = this.#messages;
    const readsNothing = (): boolean => socket.bufferedAmount > ANSWERS_BYTES_MAX;
    socket.on('ping', () => {
      if (readsNothing()) socket.terminate();
      else if (messages.pays(live, MESSAGE_POINTS) && stream.writableLength > 0) {
        unread.watch(stream, holding); // the pong, which `ws` sends
      }
    });
    const arriving = holdArriving(live, memory);
    const taken = ({ length }: Buffer): void => arriving.taken(length);
    socket.on('ping', taken).on('pong', taken);
    this.#heartbeat.add(socket, () => messages.pays(live, MESSAGE_POINTS));
    socket.on('error', () => socket.terminate()); // for example a frame that is too large; `close` follows
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => {
          if (readsNothing()) socket.terminate();
          if (socket.readyState !== socket.OPEN) return; // the client has gone
          socket.send(operations.outgoing(data));
          if (stream.writableLength > 0) unread.watch(stream, holding);
        },
        close: (code, reason) => socket.close(code, reason?.slice(0, CLOSE_REASON_LENGTH_MAX)),
        onMessage: (take) =>
          socket.on('message', (data: Buffer, isBinary) => {
            arriving.taken(data.length);
            if (socket.readyState !== socket.OPEN) return; // it is closing, so the message is ignored
            if (isBinary) socket.close(CloseCode.BadRequest, 'Messages must be text');
            else messages.take(live, String(data), take as TakeMessage);
          }),
      },
      live,
    );
    socket.once('close', (code, reason) => {
      arriving.end();
      operations.abort();
      this.#heartbeat.delete(socket);
      void closed(code, String(reason));
    });
  }
}

/** One function for all sockets: a closure for each one would keep the request that opened it. */
function destroy(this: Socket): void {
  this.destroy();
}
