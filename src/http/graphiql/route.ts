import { schema } from '../../schema/schema.ts';
import { asksForPage } from '../server/headers.ts';
import { type Route, sendJson } from '../server/server.ts';
import { examples } from './examples/examples.ts';
import { createGraphiql } from './graphiql.ts';

export interface GraphiqlRouteOptions {
  readonly path: string;
  /** Whether anybody may read: then the page shows the schema to anybody. */
  readonly isPublic: boolean;
}

/** GraphiQL for browsers at the GraphQL endpoint, and its files. */
export function graphiqlRoute({ path, isPublic }: GraphiqlRouteOptions): Route {
  const graphiql = createGraphiql({
    ...{ endpoint: path, subscriptions: true, examples, readersNeedToken: !isPublic },
    ...(isPublic && { schema }),
  });
  const answer: Route = async (request, response, url) => {
    if (url.pathname.startsWith(`${path}/assets/`)) {
      const asset = await graphiql.asset(url.pathname, String(request.headers['accept-encoding'] ?? ''));
      if (!asset) sendJson(response, 404, { error: `There is no file ${url.pathname}.` });
      else response.writeHead(200, asset.headers).end(asset.body);
      return true;
    }
    if (url.pathname !== path || !asksForPage(request)) return false;
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
