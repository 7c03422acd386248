import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build, type Plugin } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CuttableLine } from './cuttableLine.ts';
import { launchBrowser } from './webBrowser.ts';
import { Service } from './webService.ts';

const PRINTED = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const CLIENTS = [...PRINTED.matchAll(/^## ([^\n]+)\n(?:(?!^## ).)*?^```js\n(.*?)^```$/gms)].map(
  ([, title = '', code = '']) => ({ title, code }),
);
const ORIGIN_LINE = /^const ORIGIN = '(.*)';$/gm;
/** How many statements each of them loads. */
const PAGE_SIZE = 20;

let service: Service;
let another: Service;
let browser: Browser;
beforeAll(async () => {
  [service, another, browser] = await Promise.all([Service.start(), Service.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([service?.stop(), another?.stop()]);
});

it('prints three clients', () => {
  expect(CLIENTS.map(({ title }) => title)).toEqual([
    'urql and graphql-ws',
    'Without a library',
    'Apollo Client and graphql-ws',
  ]);
});

describe.each(CLIENTS)('$title, as it is printed', ({ title, code }) => {
  let line: CuttableLine;
  let pages: Server;
  let context: BrowserContext;
  let page: Page;
  let loads: number;
  const faults: string[] = [];
  const shown = (text: string) => page.locator('li', { hasText: text });

  beforeEach(async () => {
    loads = 0;
    faults.length = 0;
    line = await CuttableLine.to(service.origin);
    pages = await servePage(await bundle(withOrigin(code, line.origin)));
    context = await browser.newContext();
    page = await context.newPage();
    page.on('request', (request) => {
      if (request.postData()?.includes('query List')) loads += 1;
    });
    page.on('pageerror', ({ message, stack }) => faults.push(stack || message));
    await page.goto(`http://127.0.0.1:${(pages.address() as { port: number }).port}/`);
    await page
      .locator('li')
      .nth(PAGE_SIZE - 1)
      .waitFor();
  });
  afterEach(async () => {
    await context?.close();
    await line?.cut();
    pages?.close();
  });

  it('shows what is recorded, once, over a connection that is cut', async () => {
    expect(await page.locator('li').count()).toBe(PAGE_SIZE);
    await service.record({ text: `Said to ${title} live.` });
    await shown(`Said to ${title} live.`).waitFor();
    expect(await page.locator('li').first().innerText()).toBe(`NATO, 2025-07-02: Said to ${title} live.`);

    await line.cut();
    await service.record({ text: `Said to ${title} in the dark.` });
    await service.record({ text: `Said to ${title} in the dark too.` });
    await line.mend();
    await shown(`Said to ${title} in the dark too.`).waitFor();
    await service.record({ text: `Said to ${title} at last.` });
    await shown(`Said to ${title} at last.`).waitFor();
    expect((await shown(`Said to ${title}`).allInnerTexts()).map((text) => text.split(title)[1])).toEqual([
      ' at last.',
      ' in the dark too.',
      ' in the dark.',
      ' live.',
    ]);
    expect(loads).toBe(1); // the rest came by resuming
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('goes on after a restart of the service', async () => {
    await service.record({ text: `Said to ${title} before the restart.` });
    await shown(`Said to ${title} before the restart.`).waitFor();
    await service.down();
    await service.up();
    await service.record({ text: `Said to ${title} after the restart.` });
    await shown(`Said to ${title} after the restart.`).waitFor();
    expect(await shown('the restart.').filter({ hasText: title }).count()).toBe(2);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('loads again where the record has another history', async () => {
    await service.record({ text: `Said to ${title} in one history.` });
    await shown(`Said to ${title} in one history.`).waitFor();
    await line.cut();
    await another.record({ text: `Said to ${title} in another history.` });
    await line.mend(another.origin);
    await shown(`Said to ${title} in another history.`).waitFor();
    expect(loads).toBeGreaterThan(1);
    expect(await shown('in one history').count()).toBe(0);
    await another.record({ text: `Said to ${title} from then on.` });
    await shown(`Said to ${title} from then on.`).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  if (code.includes('recordChanged')) {
    it('shows revisions and drops what is retracted', async () => {
      const { id } = await service.record({ text: `Said to ${title} on Monday.` });
      await shown(`Said to ${title} on Monday.`).waitFor();
      await service.revise(id, `Said to ${title} on Tuesday.`);
      await shown(`Said to ${title} on Tuesday.`).waitFor();
      expect(await shown(`Said to ${title} on Monday.`).count()).toBe(0);
      await service.retract(id, 'It was never said.');
      await shown(`Said to ${title} on Tuesday.`).waitFor({ state: 'detached' });
      expect(faults).toEqual([]);
    });
  }
});

describe('a fault of the operation', () => {
  it.each(CLIENTS)('is shown by $title', async ({ code }) => {
    const { page, close } = await openFaulty(code);
    await page.getByRole('alert').filter({ hasText: 'GRAPHQL_VALIDATION_FAILED' }).waitFor();
    await close();
  });

  /** The one case that a block as printed can't show: its list asks for a field that is not there. */
  async function openFaulty(code: string): Promise<{ page: Page; close(): Promise<void> }> {
    const faulty = withOrigin(code, service.origin).replace('    text\n', '    words\n');
    const pages = await servePage(await bundle(faulty));
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(pages.address() as { port: number }).port}/`);
    return {
      page,
      close: async () => {
        await context.close();
        pages.close();
      },
    };
  }
});

/** The block with another origin and nothing else changed. */
function withOrigin(code: string, origin: string): string {
  expect(code.match(ORIGIN_LINE)).toHaveLength(1);
  return code.replace(ORIGIN_LINE, `const ORIGIN = '${origin}';`);
}

/** What imports packages is bundled as a front end would be; the rest is taken as it is. */
async function bundle(code: string): Promise<string> {
  if (!/^import /m.test(code)) return code;
  const id = fileURLToPath(new URL('printed-client.js', import.meta.url));
  const printed: Plugin = {
    name: 'printed-client',
    resolveId: (source) => (source === id ? id : null),
    load: (source) => (source === id ? code : null),
  };
  const built = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [printed],
    build: { write: false, minify: false, rolldownOptions: { input: id } },
  });
  const [output] = 'output' in built ? built.output : [];
  if (output?.type !== 'chunk') throw new Error('The client was not bundled.');
  return output.code;
}

/** A site of its own origin, which has nothing but the client. */
async function servePage(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/client.js') {
      response.setHeader('content-type', 'text/javascript; charset=utf-8').end(script);
    } else {
      response
        .setHeader('content-type', 'text/html; charset=utf-8')
        .end('<!doctype html><title>A client</title><body><script type="module" src="/client.js"></script>');
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
