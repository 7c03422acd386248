import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** How long a test waits for an element: less than its own time, so that the failure names the element. */
const WAIT_MS_MAX = 60_000;

/** Every view of the reader page, with addresses in the seeded record. */
export const VIEWS = {
  feed: '/',
  'feed with conditions': '/?actor=kremlin&stance=supports&from=2025-07-01',
  'empty feed': '/?actor=nobody-of-that-name',
  event: '/events/call-2025-07-01',
  'event of one side': '/events/macron-remarks-2025-07-04',
  events: '/events',
  actor: '/actors/emmanuel-macron',
  'actor without positions': '/actors/bfmtv',
  actors: '/actors',
  topic: '/topics/ukraine-ceasefire',
  'topic that groups': '/topics/ukraine-war',
  topics: '/topics',
  statement: '/statements/macron-eu-security-talks-with-russia',
  'statement with a quotation': '/statements/macron-reached-out-about-iran',
  source: '/sources/macron-putin-call-article',
  sources: '/sources',
  'missing statement': '/statements/nothing-of-that-name',
};

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: FLAGS });
}

/** A page with a record of everything that it should not have done. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors in the console or the page, refused by the policy or not, and requests to other hosts. */
  readonly faults: string[];
}

export async function openPage(
  browser: Browser,
  origin: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(WAIT_MS_MAX);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`page: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`request: ${request.url()}`);
  });
  return { page, context, faults };
}

/** What axe finds that is serious or critical, as `rule: element`. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = (await page.evaluate('axe.run({ resultTypes: ["violations"] })')) as {
    violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
  };
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
