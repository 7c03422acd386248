import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphiqlRoute } from '../../../src/http/server/graphiql.ts';
import { StaticFiles, webRoute } from '../../../src/http/server/static.ts';

const SCRIPT = `console.log(${JSON.stringify('x'.repeat(2_000))});`;
/** As a browser asks for a page. */
const HTML = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
let root: string;
let server: Server;
let port: number;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'readout-assets-'));
  await mkdir(join(root, 'web/assets'), { recursive: true });
  await writeFile(join(root, 'secret.txt'), 'not for readers');
  await writeFile(join(root, 'web/index.html'), `<!doctype html><title>Page</title>${' '.repeat(1_000)}`);
  const script = join(root, 'web/assets/index-abc123.js');
  await writeFile(script, SCRIPT);
  await writeFile(`${script}.br`, brotliCompressSync(SCRIPT));
  await writeFile(`${script}.gz`, gzipSync(SCRIPT));
  await writeFile(join(root, 'web/assets/icon-abc123.svg'), '<svg/>');
  await mkdir(join(root, 'web/graphiql'));
  await writeFile(join(root, 'web/graphiql/index.html'), '<html data-read-access="public">GraphiQL');
  const files = new StaticFiles(join(root, 'web'));
  const routes = [
    graphiqlRoute({ path: '/graphql', files, readersNeedToken: false }),
    graphiqlRoute({ path: '/closed', files, readersNeedToken: true }),
    webRoute(files),
  ];
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://readout');
    for (const route of routes) if (await route(request, response, url)) return;
    response.writeHead(404).end('not of the page');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(root, { recursive: true });
});

/** Sends the path as it is, which `fetch` would tidy up. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      request({ port, host: '127.0.0.1', path, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      })
        .on('error', reject)
        .end();
    },
  );
}

describe('the built page', () => {
  it.each([
    '/',
    '/?q=x',
    '/statements/a',
    '/events/b',
    '/events',
    '/actors/c/',
    '/topics/%C3%A9',
    '/elsewhere',
  ])('answers a browser at %s with the page, its policy, and to be asked for again', async (path) => {
    const { status, headers, body } = await get(path, HTML);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe/);
    expect(body.toString()).toContain('<title>Page');
  });

  it('answers a hashed file for good, compressed as the browser takes it', async () => {
    const path = '/assets/index-abc123.js';
    const [plain, gzip, brotli, refused] = await Promise.all([
      get(path),
      get(path, { 'accept-encoding': 'gzip' }),
      get(path, { 'accept-encoding': 'gzip, deflate, br' }),
      get(path, { 'accept-encoding': 'br;q=0, gzip;q=0.5' }),
    ]);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(plain.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(plain.headers.vary).toBe('accept-encoding');
    expect(plain.body.toString()).toBe(SCRIPT);
    expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT);
    expect(brotliDecompressSync(brotli.body).toString()).toBe(SCRIPT);
    expect(refused.headers['content-encoding']).toBe('gzip');
    expect(Number(brotli.headers['content-length'])).toBe(brotli.body.length);
  });

  it('answers what the build has not compressed as it is', async () => {
    const { headers, body } = await get('/assets/icon-abc123.svg', { 'accept-encoding': 'br' });
    expect(headers['content-encoding']).toBeUndefined();
    expect(body.toString()).toBe('<svg/>');
  });

  it('answers 304 to what the browser has already', async () => {
    const first = await get('/', { 'accept-encoding': 'br' });
    const again = await get('/', { 'accept-encoding': 'br', 'if-none-match': String(first.headers.etag) });
    expect(again.status).toBe(304);
    expect(again.body.length).toBe(0);
  });

  it('answers HEAD without a body, and refuses to be written to', async () => {
    const head = await get('/', {}, 'HEAD');
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
    expect(await get('/', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('answers the start page to every client', async () => {
    for (const accept of ['*/*', 'application/json']) expect((await get('/', { accept })).status).toBe(200);
  });

  it.each(['/assets/nothing.js', '/assets/..%2f..%2fsecret.txt', '/assets/index-abc123.js.br'])(
    'answers not even a browser at %s',
    async (path) => {
      expect((await get(path, HTML)).status).toBe(404);
    },
  );

  it.each([
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/index.html',
    '/graphiql/index.html',
    '/assets/index-abc123.js.br',
    '/elsewhere',
    '/healthz',
    '/actors/a/b',
  ])('leaves %s to status 404 for a client that does not prefer HTML', async (path) => {
    for (const accept of ['*/*', 'application/json, text/html;q=0.9', 'text/html;q=0, */*', '']) {
      const { status, body } = await get(path, accept === '' ? {} : { accept });
      expect(status, accept).toBe(404);
      expect(body.toString()).not.toContain('not for readers');
    }
  });

  it('takes nothing where no page was built', async () => {
    const route = webRoute(new StaticFiles(join(root, 'nowhere')));
    const url = new URL('http://readout/');
    expect(await route({ method: 'GET', headers: {} } as never, {} as never, url)).toBe(false);
  });
});

describe('GraphiQL', () => {
  it('is answered to clients that prefer HTML, under a policy that allows scripts of this origin only', async () => {
    const { status, headers, body } = await get('/graphql', HTML);
    expect(status).toBe(200);
    expect(body.toString()).toContain('data-read-access="public"');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toMatch(/unsafe-eval|blob:|https?:|\*/);
    expect(policy.match(/unsafe-inline/g)).toHaveLength(1);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('says in the page whether reading needs a token', async () => {
    expect((await get('/closed', HTML)).body.toString()).toContain('data-read-access="token"');
  });

  it.each([
    '*/*',
    'application/json',
    'text/html;q=0, application/json',
    'text/event-stream',
    'application/json, text/html',
  ])('is not answered to a client that accepts %s', async (accept) => {
    expect((await get('/graphql', { accept })).status).toBe(404);
  });

  it('is not answered to POST', async () => {
    expect((await get('/graphql', HTML, 'POST')).status).toBe(404);
  });
});
