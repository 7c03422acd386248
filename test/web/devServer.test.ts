import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestService, type TestService } from '../support/service.ts';

const TOKEN = 'a-token-to-look-for';

let database: TestDatabase;
let service: TestService;
let server: ViteDevServer;
let folder: string;
let origin: string;

beforeAll(async () => {
  database = await createTestDatabase({ seeded: false });
  service = await startTestService(database.url, { RECORDER_TOKEN: TOKEN, COST_PER_MINUTE: '100' });
  folder = await mkdtemp(join(tmpdir(), 'readout-vite-'));
  process.env.READOUT_ORIGIN = service.origin;
  server = await createServer({
    configFile: fileURLToPath(new URL('../../src/web/vite.config.ts', import.meta.url)),
    cacheDir: folder,
    logLevel: 'silent',
    optimizeDeps: { noDiscovery: true },
    server: { port: 0, host: '127.0.0.1' },
  });
  await server.listen();
  origin = new URL(server.resolvedUrls?.local[0] ?? '').origin;
});
afterAll(async () => {
  delete process.env.READOUT_ORIGIN;
  await server?.close();
  await service?.stop();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

describe('the development server', () => {
  it('gives no token to clients that open GraphiQL through it', async () => {
    const page = await fetch(`${origin}/graphql`, { headers: { accept: 'text/html' } });
    const html = await page.text();
    expect(html).toContain('<main id="graphiql">');
    expect(html).not.toContain(TOKEN);
  });

  it('exempts no client from the limits', async () => {
    const query = `{ record { position } } #${' '.repeat(5_000)}`;
    const statuses = [];
    for (let i = 0; i < 2; i += 1) {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      statuses.push(response.status);
    }
    expect(statuses).toContain(429);
  });
});
