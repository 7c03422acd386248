import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import type { Route } from './server.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};
/** Addresses that the page itself turns into views; keep in step with src/web/router/route.ts. */
const VIEW_PATH = /^\/(?:(?:statements|events|actors|topics)(?:\/[^/]*)?\/?)?$/;
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** The page runs only what it was built with, and talks to nobody but this service. */
const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'same-origin',
};

type Encoding = 'br' | 'gzip' | 'identity';
const DENSEST_FIRST: readonly Encoding[] = ['br', 'gzip'];

/** A file of the built page, held in memory with what a browser may take it as. */
interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly isPage: boolean;
  readonly isHashed: boolean;
  /** As it is, and as the build has compressed it. */
  readonly bodies: ReadonlyMap<Encoding, Buffer>;
}

/**
 * Serves the reader page that Vite has built into `dir`: hashed files for good, the page itself to be asked for again, and
 * the page for every address that it makes a view of. Takes only addresses of files that were there at the start, so that no
 * path leads out of `dir`. Where `dir` has no page, it takes nothing.
 */
export function webRoute(dir: string): Route {
  let loading: Promise<ReadonlyMap<string, Asset>> | undefined;
  return async (request, response, url) => {
    const isView = VIEW_PATH.test(url.pathname);
    if (!isView && !url.pathname.startsWith('/assets/')) return false;
    loading ??= loadAssets(dir);
    const assets = await loading;
    const asset = assets.get(isView ? '/index.html' : url.pathname);
    if (!asset) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return true;
    }
    send(request, response, asset);
    return true;
  };
}

async function loadAssets(dir: string): Promise<ReadonlyMap<string, Asset>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []); // not built: no page
  const files = new Map<string, Buffer>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(dir, file).split(sep).join('/')}`, await readFile(file));
  }
  const assets = new Map<string, Asset>();
  for (const [path, content] of files) {
    const extension = extname(path);
    if (extension === '.br' || extension === '.gz') continue;
    const [br, gzip] = [files.get(`${path}.br`), files.get(`${path}.gz`)];
    assets.set(path, {
      type: TYPES[extension] ?? 'application/octet-stream',
      etag: createHash('sha256').update(content).digest('base64url').slice(0, 22),
      isPage: extension === '.html',
      isHashed: path.startsWith('/assets/'),
      bodies: new Map<Encoding, Buffer>([
        ['identity', content],
        ...(br ? [['br', br] as const] : []),
        ...(gzip ? [['gzip', gzip] as const] : []),
      ]),
    });
  }
  return assets;
}

function send(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const encoding = chooseEncoding(request.headers['accept-encoding'], asset.bodies);
  const etag = `"${asset.etag}-${encoding}"`;
  const headers = {
    etag,
    vary: 'accept-encoding',
    'cache-control': asset.isHashed ? IMMUTABLE : 'no-cache',
    'x-content-type-options': 'nosniff',
    ...(asset.isPage && PAGE_HEADERS),
  };
  if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const body = asset.bodies.get(encoding) ?? Buffer.alloc(0);
  response.writeHead(200, {
    ...headers,
    'content-type': asset.type,
    'content-length': body.length,
    ...(encoding !== 'identity' && { 'content-encoding': encoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The densest encoding that there is and the browser takes; one with `q=0` is refused. */
function chooseEncoding(accepted: string | undefined, bodies: ReadonlyMap<Encoding, Buffer>): Encoding {
  const taken = new Set(
    (accepted ?? '')
      .split(',')
      .map((item) => item.trim().toLowerCase())
      .filter((item) => !/;\s*q=0(\.0*)?$/.test(item))
      .map((item) => item.split(';')[0]),
  );
  return DENSEST_FIRST.find((encoding) => taken.has(encoding) && bodies.has(encoding)) ?? 'identity';
}
