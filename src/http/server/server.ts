import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { ReadoutError } from '../../base/errors.ts';
import { LATE, within } from '../../base/within.ts';
import type { Client, ClientAddresses } from '../client/address.ts';
import { type Holding, type MemoryBudget, REQUEST_BYTES } from '../load/memory.ts';
import type { Turns } from '../load/turns.ts';
import type { UnreadAnswers } from '../load/unread.ts';
import { type AllowedOrigins, answerPreflight, GRAPHQL_PATH, setBrowserHeaders } from './headers.ts';

/** Until the headers of a request have arrived. Beyond it HTTP 408. @limit ms */
export const HEADERS_TIMEOUT_MS = 10_000;
/** Until a request has arrived with its body. Beyond it HTTP 408. @limit ms */
export const REQUEST_TIMEOUT_MS = 20_000;
/** How long a connection is kept for another request. @limit ms */
export const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const CONNECTIONS_CHECK_INTERVAL_MS = 2_000;
/**
 * How long an idle connection stays open after a stop has begun, because its client may already have sent a request. Such a
 * request is answered with `Connection: close`.
 */
const LINGER_MS = 300;
const CLOSE_INTERVAL_MS = 50;

/** Answers a request, or returns false where the request is for another route. */
export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => boolean | Promise<boolean>;

export interface HttpServer {
  readonly server: Server;
  readonly port: number;
  /** `http://127.0.0.1:4000`, as a browser on this machine reaches it. */
  readonly origin: string;
  /** Stops accepting connections. Every answer from now on has `Connection: close`. */
  refuseNew(): void;
  /** Waits for open requests, at most `graceMs`, then closes the remaining ones. */
  stop(graceMs: number): Promise<void>;
}

export interface HttpServerOptions {
  readonly port: number;
  readonly host: string;
  readonly routes: readonly Route[];
  readonly addresses: ClientAddresses;
  readonly turns: Turns;
  /** Whether a request is a health check. */
  readonly isProbe: (request: IncomingMessage) => boolean;
  readonly memory: MemoryBudget;
  /** Origins whose pages may read answers. */
  readonly corsOrigins: AllowedOrigins;
  /** Charges a request; true where the client can't pay and was answered. */
  readonly charge?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Bounds the time that a client takes to read an answer. */
  readonly unread?: UnreadAnswers;
  readonly report: (error: unknown) => void;
}

/** Listens, and gives each request to the first route that takes it. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { report } = options;
  const received = new WeakMap<Socket, number>();
  let isStopping = false;
  /** During a stop, the answer to the last request of a connection closes the connection. */
  class Answer<Request extends IncomingMessage> extends ServerResponse<Request> {
    readonly #number: number;

    constructor(request: Request) {
      super(request);
      this.#number = (received.get(request.socket) ?? 0) + 1;
      received.set(request.socket, this.#number);
    }

    override writeHead(...args: [statusCode: number, ...rest: never[]]): this {
      if (isStopping && received.get(this.req.socket) === this.#number) this.setHeader('connection', 'close');
      return super.writeHead(...args);
    }
  }
  const timeouts = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: CONNECTIONS_CHECK_INTERVAL_MS,
    ServerResponse: Answer,
  };
  const server = createServer(timeouts, (request, response) => {
    dispatch(options, request, response).catch((error: unknown) => {
      report(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'Something went wrong in the service.' });
    });
  });
  const refuseNew = (): void => {
    if (isStopping) return;
    isStopping = true;
    closed = closeServer(server);
  };
  let closed: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(describeListenError(error, options)));
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const name = ['0.0.0.0', '::', '::1', 'localhost'].includes(options.host) ? 'localhost' : options.host;
  return {
    server,
    port,
    origin: `http://${name.includes(':') ? `[${name}]` : name}:${port}`,
    refuseNew,
    async stop(graceMs) {
      refuseNew();
      if ((await within(graceMs, closed)) === LATE) server.closeAllConnections();
      await closed;
    },
  };
}

function describeListenError(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): Error {
  if (error.code === 'EADDRINUSE') {
    return new ReadoutError(
      'START_FAILED',
      `Port ${port} on ${host} is in use by another program. Stop that one, or set PORT to another port.`,
    );
  }
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new ReadoutError('START_FAILED', `Can't listen on HOST=${host} PORT=${port}: ${error.message}.`);
  }
  return error;
}

const BASE = 'http://readout';
/** The address of most requests. Parsing it takes about 2 µs, a tenth of the time of an answer from the cache. */
const ENDPOINT = new URL(GRAPHQL_PATH, BASE);

/** The address of a request; null where it can't be parsed. */
function addressOf({ url = '/' }: IncomingMessage): URL | null {
  if (url === GRAPHQL_PATH) return ENDPOINT;
  return URL.canParse(url, BASE) ? new URL(url, BASE) : null;
}

/** Headers of an upgrade request that name the new protocol. */
const UPGRADE_HEADERS: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/**
 * Serves an upgrade request for an unsupported protocol as a normal request (RFC 9110, section 7.8). Node passes such a request
 * to the upgrade listener only, so it is written back without its upgrade headers and parsed again with its body.
 */
export function serveWithoutUpgrade(
  server: Server,
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  socket: Socket,
  rest: Buffer,
): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    if (UPGRADE_HEADERS.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), rest]));
  server.emit('connection', socket);
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  return options.filter((option) => !/^(upgrade|http2-settings)$/i.test(option)).join(', ') || 'keep-alive';
}

/** The answers of each connection that wait behind an earlier one. */
const pipelined = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Closes a pipelined answer with its connection. Node closes only the answer that is being sent, so the memory that is held
 * for the others would never be released.
 */
function closeWithSocket(answer: ServerResponse): void {
  const { socket } = answer.req;
  let answers = pipelined.get(socket);
  if (!answers) {
    const all = new Set<ServerResponse>();
    socket.once('close', () => {
      for (const behind of all) {
        if (behind.socket) continue;
        behind.destroy();
        behind.emit('close');
      }
    });
    pipelined.set(socket, all);
    answers = all;
  }
  const own = answers;
  own.add(answer);
  answer.once('close', () => own.delete(answer));
}

/**
 * Waits for the turn of a request and holds its memory meanwhile, because thousands can arrive on one connection at a time.
 * @returns false where its client has no memory left. The connection is then closed.
 */
async function inTurn(
  turn: Promise<void>,
  { socket }: IncomingMessage,
  client: Client,
  memory: MemoryBudget,
): Promise<boolean> {
  let holding: Holding;
  try {
    holding = memory.hold(client, REQUEST_BYTES, () => socket.destroy());
  } catch (error) {
    if (!(error instanceof ReadoutError)) throw error;
    socket.destroy();
    return false;
  }
  try {
    await turn;
  } finally {
    holding.release();
  }
  return true;
}

async function dispatch(
  { routes, corsOrigins, charge, turns, isProbe, memory, unread, addresses }: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.socket.destroyed) return; // a further request of the same packet
  if (!response.socket) closeWithSocket(response);
  const client = addresses.of(request);
  const turn = turns.take(client.key, isProbe(request));
  if (turn && !(await inTurn(turn, request, client, memory))) return;
  if (response.destroyed) return;
  const url = addressOf(request);
  setBrowserHeaders(request, response, url?.pathname ?? '', corsOrigins);
  if (charge?.(request, response)) return;
  if (!url) {
    sendJson(response, 400, { error: 'The address of this request can’t be read.' });
    return;
  }
  if (answerPreflight(request, response, url.pathname)) return;
  for (const route of routes) {
    const taken = route(request, response, url); // most routes return false at once
    if (!(typeof taken === 'boolean' ? taken : await taken)) continue;
    if (response.writableEnded && response.writableLength > 0) unread?.watch(request.socket);
    return;
  }
  sendJson(response, 404, { error: `There is nothing at ${url.pathname}. The API is at /graphql.` });
}

/** A small JSON answer that nothing caches. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** Sends an expected failure, before GraphQL, in the form of a GraphQL answer. */
export function sendError(
  response: ServerResponse,
  status: number,
  { code, message, details }: ReadoutError,
  headers: Record<string, string> = {},
): void {
  const retry: Record<string, string> = status === 503 ? { 'retry-after': '2' } : {};
  sendJson(
    response,
    status,
    { errors: [{ message, extensions: { code, ...details } }] },
    { ...retry, ...headers },
  );
}

/** Stops listening and resolves when all connections have closed. Idle connections are closed after a while. */
function closeServer(server: Server): Promise<void> {
  const startMs = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - startMs >= LINGER_MS) server.closeIdleConnections();
  }, CLOSE_INTERVAL_MS);
  return new Promise((resolve) => {
    // Not `http.Server.close`, which closes idle connections at once, with requests that it has not read yet.
    NetServer.prototype.close.call(server, () => {
      clearInterval(timer);
      resolve();
    });
  });
}
