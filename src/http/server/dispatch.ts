import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientAddresses } from '../client/address.ts';
import type { MemoryBudget } from '../load/memory.ts';
import type { Turns } from '../load/turns.ts';
import type { UnreadAnswers } from '../load/unread.ts';
import { type RequestCharges, sendUnpaid } from './charge.ts';
import { type AllowedOrigins, answerPreflight, GRAPHQL_PATH, setCommonHeaders } from './headers.ts';
import { afterEarlier, inTurn } from './pipelining.ts';
import { endUnread } from './requestBody.ts';
import { sendJson } from './send.ts';

/** Answers a request, or returns false where the request is for another route. */
export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => boolean | Promise<boolean>;

/** How requests are dispatched. */
export interface DispatchOptions {
  readonly routes: readonly Route[];
  readonly addresses: ClientAddresses;
  readonly turns: Turns;
  /** Whether a request is a health check. */
  readonly isProbe: (request: IncomingMessage) => boolean;
  readonly memory: MemoryBudget;
  /** Origins whose pages may read answers. */
  readonly corsOrigins: AllowedOrigins;
  readonly charges: RequestCharges;
  /** Bounds the time that a client takes to read an answer. */
  readonly unread: UnreadAnswers;
}

const BASE = 'http://readout';
/** The address of most requests. Parsing it takes about 2 µs, a tenth of the time of an answer from the cache. */
const ENDPOINT = new URL(GRAPHQL_PATH, BASE);

/**
 * The address of a request; null where it can't be parsed. A path that begins with `//` is a path and names no host, as it is for
 * a proxy, which may refuse some paths.
 */
function addressOf({ url = '/' }: IncomingMessage): URL | null {
  if (url === GRAPHQL_PATH) return ENDPOINT;
  const whole = url.startsWith('/') ? BASE + url : url;
  return URL.canParse(whole) ? new URL(whole) : null;
}

const namesHost = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.host !== undefined || httpVersion === '1.0';

/**
 * Charges a request, waits for the earlier answers of its connection and for its turn, and gives it to the first route that takes it. What was
 * parsed is charged even where it is not answered.
 */
export async function dispatch(
  { routes, corsOrigins, charges, turns, isProbe, memory, unread, addresses }: DispatchOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const unpaid = charges.charge(request);
  if (request.socket.destroyed) return; // a further request of the same packet
  const client = addresses.of(request);
  const earlier = afterEarlier(response, client, memory);
  if (earlier && !(await earlier)) return;
  endUnread(request, response);
  const turn = turns.take(client.key, isProbe(request));
  if (turn && !(await inTurn(turn, request, client, memory))) return;
  if (response.destroyed) return;
  const url = addressOf(request);
  setCommonHeaders(request, response, url?.pathname ?? '', corsOrigins);
  if (unpaid) {
    sendUnpaid(response, unpaid);
    return;
  }
  if (!url || !namesHost(request)) {
    const what = url
      ? 'A request of HTTP/1.1 must have the header “host”.'
      : 'The address of this request can’t be read.';
    response.setHeader('connection', 'close');
    sendJson(response, 400, { error: what });
    return;
  }
  if (answerPreflight(request, response, url.pathname)) return;
  for (const route of routes) {
    const taken = route(request, response, url); // most routes return false at once
    if (!(typeof taken === 'boolean' ? taken : await taken)) continue;
    if (response.writableEnded && response.writableLength > 0) unread.watch(request.socket);
    return;
  }
  sendJson(response, 404, { error: `There is nothing at ${url.pathname}. The API is at /graphql.` });
}
