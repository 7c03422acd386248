import type { IncomingMessage } from 'node:http';
import { schema } from '../schema/schema.ts';
import { examples } from './examples/examples.ts';
import { createGraphiql, type Graphiql } from './graphiql.ts';
import { type Route, sendJson } from './server.ts';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface GraphiqlRouteOptions {
  readonly path: string;
  /** A recorder's token to fill in, for whoever opens the page on this very machine. */
  readonly token: string | undefined;
  /** Whether the page may show the schema to anybody. */
  readonly isPublic: boolean;
}

/**
 * Whether a request comes from this machine and was addressed to it by name: only then may the page hold the token.
 * The name keeps out a foreign page whose host name was made to lead here.
 */
function isLocal(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress ?? '';
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const direct = request.headers.forwarded === undefined && request.headers['x-forwarded-for'] === undefined;
  return direct && LOOPBACK_NAMES.has(host) && (/^(::ffff:)?127\./.test(address) || address === '::1');
}

/** GraphiQL for browsers at the GraphQL endpoint, and its files. */
export function graphiqlRoute({ path, token, isPublic }: GraphiqlRouteOptions): Route {
  const options = { endpoint: path, subscriptions: true, examples, ...(isPublic && { schema }) };
  const open: Graphiql = createGraphiql(options);
  const local: Graphiql = token === undefined ? open : createGraphiql({ ...options, token });
  return async (request, response, url) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    if (url.pathname.startsWith(`${path}/assets/`)) {
      const asset = await open.asset(url.pathname, String(request.headers['accept-encoding'] ?? ''));
      if (!asset) sendJson(response, 404, { error: `There is no file ${url.pathname}.` });
      else response.writeHead(200, asset.headers).end(asset.body);
      return true;
    }
    if (url.pathname !== path || !(request.headers.accept ?? '').includes('text/html')) return false;
    const graphiql = isLocal(request) ? local : open;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': graphiql.contentSecurityPolicy,
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    response.end(await graphiql.render());
    return true;
  };
}
