import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { chooseType } from './negotiation.ts';

export const GRAPHQL_PATH = '/graphql';
/** Paths whose answers pages of other origins may read. */
const SHARED_PATHS = new Set([GRAPHQL_PATH, '/live', '/schema.graphql', '/export.jsonl', '/export.csv']);
const SHARED_METHODS = 'GET, POST, OPTIONS';
const SHARED_REQUEST_HEADERS =
  'accept, authorization, content-type, if-none-match, last-event-id, x-readout-cost, x-readout-min-position';
const SHARED_RESPONSE_HEADERS = 'etag, ratelimit, ratelimit-policy, retry-after, x-readout-cursor';
const PREFLIGHT_SECONDS = 7_200;

/** The types of answers. A client that accepts everything gets the first. */
const PAGE_LAST = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'text/html',
] as const;

/** Headers of every answer. Pages have their own content security policy. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
/** Further headers of every answer that a browser may show as a page. */
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** Origins whose pages may read answers. Browsers send them no credentials; a page that has a token sends it itself. */
export type AllowedOrigins = '*' | readonly string[];

/** Whether a client prefers a page to an answer of the API. */
export function asksForPage({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  return (method === 'GET' || method === 'HEAD') && chooseType(headers.accept, PAGE_LAST) === 'text/html';
}

/** Whether a browser may let a page of the request's origin read the answer, or open a WebSocket. */
export function allowsOrigin(
  { headers }: Pick<IncomingMessage, 'headers'>,
  allowed: AllowedOrigins,
): boolean {
  const { origin, host } = headers;
  return origin === undefined || allowed === '*' || allowed.includes(origin) || isOwn(origin, host);
}

/**
 * Whether a page comes from this service. A matching host is not enough: the owner of any name can make it resolve to this
 * service after the page has loaded (DNS rebinding). Addresses and `localhost` can't be rebound, and over HTTPS the
 * certificate proves the name.
 */
function isOwn(origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: ofPage, hostname } = new URL(origin);
  if (ofPage !== host) return false;
  return protocol === 'https:' || hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

/** Sets the headers that tell a browser what it may do with an answer. */
export function setBrowserHeaders(
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
  allowed: AllowedOrigins,
): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  if (!SHARED_PATHS.has(pathname) || asksForPage(request)) {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    return;
  }
  const { origin } = request.headers;
  if (allowed !== '*') response.setHeader('Vary', 'Origin');
  if (origin === undefined || !allowsOrigin(request, allowed)) return;
  response.setHeader('Access-Control-Allow-Origin', allowed === '*' ? '*' : origin);
  response.setHeader('Access-Control-Expose-Headers', SHARED_RESPONSE_HEADERS);
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
}

/** Answers a preflight request; returns false for any other. */
export function answerPreflight(
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
): boolean {
  if (request.method !== 'OPTIONS' || !SHARED_PATHS.has(pathname)) return false;
  response.setHeader('Allow', SHARED_METHODS);
  if (response.hasHeader('access-control-allow-origin')) {
    response.setHeader('Access-Control-Allow-Methods', SHARED_METHODS);
    response.setHeader('Access-Control-Allow-Headers', SHARED_REQUEST_HEADERS);
    response.setHeader('Access-Control-Max-Age', String(PREFLIGHT_SECONDS));
  }
  response.writeHead(204).end();
  return true;
}

/** Whether the header If-None-Match has this tag, so that the answer is 304. */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) ?? false;
}
