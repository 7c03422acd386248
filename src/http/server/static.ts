import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import type { Route } from './dispatch.ts';
import { asksForPage, namesTag } from './headers.ts';
import { chooseEncoding } from './negotiation.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};
/** The compressed copies that the build writes, the smallest first. */
const ENCODINGS = ['br', 'gzip'] as const;
const EXTENSIONS = { br: '.br', gzip: '.gz' } as const;

/** The names of these files contain a digest of their content. */
const ASSETS = '/assets/';
const ASSET_HEADERS = { 'cache-control': 'public, max-age=31536000, immutable' };
/** The page loads only what it was built with, and connects only to this service. */
const PAGE_HEADERS = {
  'cache-control': 'no-cache',
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

interface StaticFile {
  readonly type: string;
  readonly etag: string;
  readonly content: Buffer;
  readonly compressed: { readonly [encoding in (typeof ENCODINGS)[number]]: Buffer | undefined };
}

/**
 * The files that Vite has built into a folder, in memory since the first request for one. Only these paths are found, so that
 * no path leads out of the folder, and a slow reader holds no copy and no open file.
 */
export class StaticFiles {
  readonly #dir: string;
  #loading: Promise<ReadonlyMap<string, StaticFile>> | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The content of a file as text; null where there is no such file. */
  async text(path: string): Promise<string | null> {
    return (await this.#load()).get(path)?.content.toString() ?? null;
  }

  /** Answers a request with a file. Returns false where there is no such file. */
  async send(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<boolean> {
    const file = (await this.#load()).get(path);
    if (!file) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return true;
    }
    const encodings = ENCODINGS.filter((encoding) => file.compressed[encoding]);
    const encoding = chooseEncoding(request.headers['accept-encoding'], encodings);
    const etag = `"${file.etag}-${encoding ?? 'identity'}"`;
    const all = { ...headers, etag, vary: 'accept-encoding' };
    if (namesTag(request.headers['if-none-match'], etag)) {
      response.writeHead(304, all).end();
      return true;
    }
    const body = (encoding && file.compressed[encoding]) ?? file.content;
    response.writeHead(200, {
      ...all,
      'content-type': file.type,
      'content-length': body.length,
      ...(encoding && { 'content-encoding': encoding }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  }

  #load(): Promise<ReadonlyMap<string, StaticFile>> {
    this.#loading ??= load(this.#dir);
    return this.#loading;
  }
}

async function load(dir: string): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []); // nothing was built
  const contents = new Map<string, Buffer>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    contents.set(`/${relative(dir, file).split(sep).join('/')}`, await readFile(file));
  }
  const files = new Map<string, StaticFile>();
  for (const [path, content] of contents) {
    const extension = extname(path);
    if (extension === EXTENSIONS.br || extension === EXTENSIONS.gzip) continue;
    files.set(path, {
      type: TYPES[extension] ?? 'application/octet-stream',
      etag: createHash('sha256').update(content).digest('base64url').slice(0, 22),
      content,
      compressed: {
        br: contents.get(path + EXTENSIONS.br),
        gzip: contents.get(path + EXTENSIONS.gzip),
      },
    });
  }
  return files;
}

/**
 * The reader page at `/` and at every address without another route, for clients that prefer HTML. The page itself decides which of these
 * addresses are views. Other clients get status 404 there.
 */
export function webRoute(files: StaticFiles): Route {
  return async (request, response, { pathname }) => {
    if (pathname.startsWith(ASSETS)) return files.send(request, response, pathname, ASSET_HEADERS);
    if (pathname !== '/' && !asksForPage(request)) return false;
    return files.send(request, response, '/index.html', PAGE_HEADERS);
  };
}
