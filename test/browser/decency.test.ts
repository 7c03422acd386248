import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, openPage, seriousFaults, VIEWS, type WatchedPage } from './webBrowser.ts';
import { Service } from './webService.ts';

const JS_BYTES_MAX = 150_000;
const LAYOUT_SHIFT_MAX = 0.01;
/** Views whose parts have queries of their own. */
const MORE_VIEWS = {
  'feed with words': '/?words=Macron',
  'actor that passes on': '/actors/kremlin',
  'actor with members': '/actors/france',
  collections: '/collections',
};
const PAINTED = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

let service: Service;
let browser: Browser;
let opened: WatchedPage;

beforeAll(async () => {
  [service, browser] = await Promise.all([Service.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
});
beforeEach(async () => {
  opened = await openPage(browser, service.origin);
});
afterEach(async () => {
  await opened.context.close();
});

/** Opens a view, and waits for all its parts. */
async function show(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.waiting').first().waitFor({ state: 'detached' });
}

/** Pixels by which the page is wider than a window of this width. */
async function excessAt(page: Page, width: number): Promise<number> {
  await page.setViewportSize({ width, height: 800 });
  await page.evaluate(PAINTED);
  return page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
}

/** Shows each answer to a query before the next one comes. */
async function answerOneByOne(page: Page): Promise<void> {
  let shown: Promise<unknown> = Promise.resolve();
  await page.route('**/graphql**', (route) => {
    const show = async (): Promise<void> => {
      await route.continue();
      await (await route.request().response())?.finished();
      await page.evaluate(PAINTED);
    };
    // A request of the view before has no answer.
    shown = shown.then(show).catch(() => undefined);
  });
}

describe('the reader page', () => {
  it.each(['light', 'dark'] as const)(
    'has nothing serious for axe on any view, in %s',
    async (colorScheme) => {
      const watched = await openPage(browser, service.origin, { colorScheme, reducedMotion: 'reduce' });
      const found: Record<string, string[]> = {};
      for (const [name, path] of Object.entries(VIEWS)) {
        await show(watched.page, path);
        found[name] = await seriousFaults(watched.page);
      }
      await watched.context.close();
      expect(found).toEqual(Object.fromEntries(Object.keys(VIEWS).map((name) => [name, []])));
      expect(watched.faults).toEqual([]);
    },
  );

  it('fits widths from 320 to 2000 pixels', async () => {
    const { page } = opened;
    for (const [name, path] of Object.entries(VIEWS)) {
      await show(page, path);
      for (const width of [320, 390, 1280, 2000]) {
        expect(await excessAt(page, width), `${name}, ${width}`).toBeLessThanOrEqual(0);
      }
    }
  });

  it('wraps a long word without a space, on a wide and a narrow page', async () => {
    const word = 'Donaudampfschifffahrtsgesellschaft'.repeat(5);
    const save = (noun: string, input: object) =>
      service.ask(`mutation($input: Save${noun}Input!) { save${noun}(input: $input) { position } }`, {
        input,
      });
    await save('Actor', { slug: 'long-name', name: word, kind: 'ORGANISATION', description: word });
    await save('Topic', { slug: 'long-name', name: word, proposition: word });
    await save('Source', {
      slug: 'long-name',
      title: word,
      url: `https://example.org/${word}`,
      publisher: 'long-name',
    });
    await save('Event', {
      slug: 'long-name',
      name: word,
      kind: 'CALL',
      date: '2025-07-01',
      participants: ['long-name'],
    });
    const { slug } = await service.record({
      text: word,
      quote: word,
      key: 'long-word',
      speakers: ['long-name'],
      addressees: ['long-name'],
      attribution: [{ actor: 'long-name', form: 'REMARKS' }],
      topics: [{ topic: 'long-name', stance: 'SUPPORTS' }],
      events: ['long-name'],
      source: 'long-name',
    });
    const { page } = opened;
    const lists = ['actors', 'topics', 'sources', 'events'];
    const paths = [
      '/?actor=long-name',
      `/statements/${slug}`,
      ...lists.flatMap((list) => [`/${list}`, `/${list}/long-name`]),
    ];
    const over: string[] = [];
    for (const path of paths) {
      await page.goto(path);
      await page.locator('main', { hasText: word }).waitFor();
      for (const width of [1280, 390]) {
        const excess = await excessAt(page, width);
        if (excess > 0) over.push(`${path}: ${excess} px at a width of ${width}`);
      }
    }
    expect(over).toEqual([]);
  });

  it('starts with little JavaScript, all of it compressed and kept', async () => {
    const { page } = opened;
    const sizes: number[] = [];
    const answers: Promise<void>[] = [];
    page.on('response', (response) => {
      if (!response.url().includes('/assets/')) return;
      expect(response.headers()['cache-control']).toContain('immutable');
      if (!response.url().endsWith('.js')) return;
      answers.push(
        response
          .request()
          .sizes()
          .then(({ responseBodySize }) => void sizes.push(responseBodySize)),
      );
    });
    await page.goto('/');
    await page.locator('.feed > li').first().waitFor();
    await Promise.all(answers);
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(JS_BYTES_MAX);
  });

  it.each([1280, 390])(
    'does not jump while it loads, however late each answer is, at a width of %i',
    async (width) => {
      const { page } = opened;
      await page.setViewportSize({ width, height: 850 });
      await page.addInitScript(`
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    `);
      await answerOneByOne(page);
      for (const [name, path] of Object.entries({ ...VIEWS, ...MORE_VIEWS })) {
        await show(page, path);
        expect(await page.evaluate('window.shift'), name).toBeLessThan(LAYOUT_SHIFT_MAX);
      }
    },
  );

  it('works by the keyboard alone', async () => {
    const { page } = opened;
    await page.goto('/');
    await page.locator('.feed > li').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.getByRole('combobox', { name: 'Topic' }).focus();
    await page.keyboard.type('ceasefire');
    await page.getByRole('option', { name: /Ceasefire in Ukraine/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('topic=ukraine-ceasefire');
    await page.getByRole('link', { name: 'A ceasefire is needed in Ukraine.' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'A ceasefire is needed in Ukraine.' }).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
  });
});
