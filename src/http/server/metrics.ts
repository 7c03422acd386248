import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METRICS_CONTENT_TYPE } from '../../observe/metric.ts';
import type { ReportError } from '../errors.ts';
import type { Route } from './dispatch.ts';
import { sendJson } from './send.ts';
import { describeListenError } from './server.ts';

export const METRICS_PATH = '/metrics';
/** How long a scraper has to send its request. It is small. */
const SCRAPE_REQUEST_TIMEOUT_MS = 5_000;
/** Scrapers that are connected at the same time. More are disconnected. */
const SCRAPERS_MAX = 20;
const NOT_SERVED =
  'The metrics are not served here. Start the service with METRICS_PORT for an address of their own, or with METRICS_TOKEN for this one.';

export interface MetricsOptions {
  /** The bearer token that a scraper needs; undefined where it needs none. */
  readonly token: string | undefined;
  /** The metrics in the text format of Prometheus. */
  readonly scrape: () => Promise<string>;
  readonly report: ReportError;
}

/** `/metrics` on the port of the service: the metrics for scrapers with the token, or how to have them served where there is no token. */
export function metricsRoute(options: MetricsOptions): Route {
  return async (request, response, { pathname }) => {
    if (pathname !== METRICS_PATH) return false;
    if (options.token === undefined) sendJson(response, 404, { error: NOT_SERVED });
    else await answer(options, request, response);
    return true;
  };
}

export interface MetricsServer {
  /** `http://127.0.0.1:9464` */
  readonly origin: string;
  stop(): Promise<void>;
}

/**
 * Serves `/metrics` at a separate address.
 * @throws ReadoutError START_FAILED where it can't listen there.
 */
export async function startMetricsServer(
  options: MetricsOptions & { readonly address: string; readonly port: number },
): Promise<MetricsServer> {
  const { address, port } = options;
  const timeouts = { headersTimeout: SCRAPE_REQUEST_TIMEOUT_MS, requestTimeout: SCRAPE_REQUEST_TIMEOUT_MS };
  const server = createServer(timeouts, (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== METRICS_PATH) sendJson(response, 404, { error: `Only ${METRICS_PATH} is here.` });
    else void answer(options, request, response);
  });
  server.maxConnections = SCRAPERS_MAX;
  await new Promise<void>((resolve, reject) => {
    const place = { host: address, port, settings: ['METRICS_ADDRESS', 'METRICS_PORT'] as const };
    server.once('error', (error: NodeJS.ErrnoException) => reject(describeListenError(error, place)));
    server.listen(port, address, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return { origin: `http://${host}:${taken}`, stop: () => close(server) };
}

async function answer(
  { token, scrape, report }: MetricsOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendJson(response, 405, { error: 'Read the metrics by GET.' }, { allow: 'GET, HEAD' });
  } else if (isOfPage(request)) {
    sendJson(response, 403, { error: 'Pages can’t read the metrics.' });
  } else if (token !== undefined && !hasToken(request, token)) {
    const headers = { 'www-authenticate': 'Bearer' };
    sendJson(
      response,
      401,
      { error: 'Send the token of METRICS_TOKEN as “Authorization: Bearer”.' },
      headers,
    );
  } else {
    const text = await scrape().catch((error: unknown) => {
      report(error, 'metrics');
      return null;
    });
    if (text === null) sendJson(response, 503, { error: 'The metrics can’t be read at the moment.' });
    else
      response
        .writeHead(200, { 'content-type': METRICS_CONTENT_TYPE, 'cache-control': 'no-store' })
        .end(text);
  }
}

/** Whether a script of a page sends the request. The name of its host can be made to resolve to this machine (DNS rebinding). */
function isOfPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return headers.origin !== undefined || (site !== undefined && site !== 'none');
}

/** Compares digests, so that the time of a comparison tells nothing about the token. */
function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
