import type { Route } from './dispatch.ts';
import { asksForPage } from './headers.ts';
import type { StaticFiles } from './static.ts';

/**
 * Scripts, workers and connections of this origin only; no script in the page. The editor (Monaco) writes its theme and
 * its measured sizes into style elements and attributes, and has icons as `data:` in its style sheet.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface GraphiqlOptions {
  readonly path: string;
  readonly files: StaticFiles;
  readonly readersNeedToken: boolean;
}

/** GraphiQL at the GraphQL endpoint, for browsers. The page is the same for every client and has no token. */
export function graphiqlRoute({ path, files, readersNeedToken }: GraphiqlOptions): Route {
  return async (request, response, { pathname }) => {
    if (pathname !== path || !asksForPage(request)) return false;
    const page = await files.text('/graphiql/index.html');
    if (page === null) return false;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
    });
    response.end(
      readersNeedToken ? page.replace('data-read-access="public"', 'data-read-access="token"') : page,
    );
    return true;
  };
}
