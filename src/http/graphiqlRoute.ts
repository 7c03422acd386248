import type { IncomingMessage } from 'node:http';
import { schema } from '../schema/schema.ts';
import { asksForPage } from './browser.ts';
import type { ClientAddresses } from './clientAddress.ts';
import { examples } from './examples/examples.ts';
import { createGraphiql, type Graphiql } from './graphiql.ts';
import { type Route, sendJson } from './server.ts';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface GraphiqlRouteOptions {
  readonly path: string;
  /** A recorder's token to fill in, for whoever opens the page on this very machine. */
  readonly token: string | undefined;
  /** Whether anybody may read: then the page shows the schema to anybody. */
  readonly isPublic: boolean;
  readonly addresses: ClientAddresses;
}

/**
 * Whether a request comes from this machine and was addressed to it by name: only then may the page hold the token.
 * The name keeps out a foreign page whose host name was made to lead here, and what a browser says of where the request
 * comes from keeps out a script of one.
 */
function isLocal(request: IncomingMessage, addresses: ClientAddresses): boolean {
  const { host = '', origin } = request.headers;
  const site = request.headers['sec-fetch-site'] ?? 'none';
  const ownDoing = origin === undefined && (site === 'none' || site === 'same-origin');
  return ownDoing && LOOPBACK_NAMES.has(host.replace(/:\d+$/, '')) && addresses.of(request).local;
}

/** GraphiQL for browsers at the GraphQL endpoint, and its files. */
export function graphiqlRoute({ path, token, isPublic, addresses }: GraphiqlRouteOptions): Route {
  const options = {
    ...{ endpoint: path, subscriptions: true, examples, readersNeedToken: !isPublic },
    ...(isPublic && { schema }),
  };
  const open: Graphiql = createGraphiql(options);
  const local: Graphiql = token === undefined ? open : createGraphiql({ ...options, token });
  const answer: Route = async (request, response, url) => {
    if (url.pathname.startsWith(`${path}/assets/`)) {
      const asset = await open.asset(url.pathname, String(request.headers['accept-encoding'] ?? ''));
      if (!asset) sendJson(response, 404, { error: `There is no file ${url.pathname}.` });
      else response.writeHead(200, asset.headers).end(asset.body);
      return true;
    }
    if (url.pathname !== path || !asksForPage(request)) return false;
    const graphiql = isLocal(request, addresses) ? local : open;
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
  return (request, response, url) =>
    request.method === 'GET' || request.method === 'HEAD' ? answer(request, response, url) : false;
}
