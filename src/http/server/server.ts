import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { ReadoutError } from '../../base/errors.ts';
import { LATE, within } from '../../base/within.ts';
import { REFUSAL_DELAY_MS } from './charge.ts';
import { type DispatchOptions, dispatch } from './dispatch.ts';
import { hasUnread, requestsThatPay } from './requestBody.ts';
import { sendJson } from './send.ts';

/** Until the headers of a request have arrived. Beyond it HTTP 408. @limit ms */
export const HEADERS_TIMEOUT_MS = 10_000;
/** Until a request has arrived with its body. Beyond it HTTP 408. An import can take longer. @limit ms */
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

export interface HttpServerOptions extends DispatchOptions {
  readonly port: number;
  readonly host: string;
  readonly report: (error: unknown) => void;
  /** Connections whose present request may take longer than `REQUEST_TIMEOUT_MS` to arrive. */
  readonly longRequests: WeakSet<Socket>;
}

/** Listens, and gives each request to the first route that takes it. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { report, longRequests, charges } = options;
  const received = new WeakMap<Socket, number>();
  let isStopping = false;
  /** Closes the connection during a stop, with the answer to its last request, and where the request has not arrived completely. */
  class Answer<Request extends IncomingMessage> extends ServerResponse<Request> {
    readonly #number: number;

    constructor(request: Request) {
      super(request);
      this.#number = (received.get(request.socket) ?? 0) + 1;
      received.set(request.socket, this.#number);
    }

    override writeHead(...args: [statusCode: number, ...rest: never[]]): this {
      const isLast = isStopping && received.get(this.req.socket) === this.#number;
      if (isLast || hasUnread(this.req)) this.setHeader('connection', 'close');
      return super.writeHead(...args);
    }
  }
  const timeouts = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: CONNECTIONS_CHECK_INTERVAL_MS,
    requireHostHeader: false, // `dispatch` refuses requests without one, after it has charged them
    ServerResponse: Answer,
    IncomingMessage: requestsThatPay((request, pieces) => charges.paysPieces(request, pieces), longRequests),
  };
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    dispatch(options, request, response).catch((error: unknown) => {
      report(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'Something went wrong in the service.' });
    });
  };
  const server = createServer(timeouts, take);
  server.on('checkExpectation', take); // an unknown expectation is ignored
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && longRequests.has(socket)) return;
    if (charges.paysBroken(socket)) refuseBroken(error, socket);
    else setTimeout(() => refuseBroken(error, socket), REFUSAL_DELAY_MS);
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

/** The status of a request that can't be read, by the code of its error. Any other is a bad request. */
const BROKEN_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers a request that can't be read, as Node does where nothing listens, unless an answer has begun. */
function refuseBroken({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  const { _httpMessage: answering } = socket as { _httpMessage?: { headersSent: boolean } | null };
  if (socket.writable && !answering?.headersSent)
    socket.write(`HTTP/1.1 ${BROKEN_STATUS[code] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`);
  socket.destroySoon();
}

/** The error of a server that can't listen, with the settings that name the place. */
export function describeListenError(
  error: NodeJS.ErrnoException,
  {
    host,
    port,
    settings: [hostSetting, portSetting] = ['HOST', 'PORT'],
  }: { host: string; port: number; settings?: readonly [string, string] },
): Error {
  if (error.code === 'EADDRINUSE') {
    return new ReadoutError(
      'START_FAILED',
      `Port ${port} on ${host} is in use by another program. Stop that one, or set ${portSetting} to another port.`,
    );
  }
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new ReadoutError(
      'START_FAILED',
      `Can't listen on ${hostSetting}=${host} ${portSetting}=${port}: ${error.message}.`,
    );
  }
  return error;
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
