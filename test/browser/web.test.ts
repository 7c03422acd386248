import { createHash } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, openPage, seriousFaults, type WatchedPage } from './webBrowser.ts';
import { Service } from './webService.ts';

const JS_BYTES_MAX = 150_000;
const LAYOUT_SHIFT_MAX = 0.05;
const PAGES = {
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
  'missing statement': '/statements/nothing-of-that-name',
};

let service: Service;
let browser: Browser;
let opened: WatchedPage;
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

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

describe('the feed', () => {
  it('says who said what, on whose account, about what and where it is written', async () => {
    const { page } = opened;
    await page.goto('/');
    const statement = page.locator('article', { hasText: 'Iran has to meet its obligations' });
    const text = await statement.innerText();
    expect(text).toMatch(/Vladimir Putin and Emmanuel Macron agree, according to the Kremlin’s readout/);
    expect(text).toMatch(/Supports\s+Iran's compliance with the Non-Proliferation Treaty/);
    expect(text).toMatch(/1 July 2025/);
    expect(text).toMatch(/\[1199–1294, 1352–1396\]/);
  });

  it('loads the rest by its cursor when the end comes near', async () => {
    const { page } = opened;
    await page.goto('/');
    await page.locator('.feed > li').first().waitFor();
    await page.mouse.wheel(0, 20_000);
    await page.getByText('That is the whole list.').waitFor();
    expect(await page.locator('.feed > li').count()).toBe(25);
    expect(await page.locator('.feed > li').last().innerText()).toContain('about 2024');
  });

  it('is narrowed by its fields, keeps all of it in the address, and follows the address', async () => {
    const { page } = opened;
    await page.goto('/');
    await page.getByRole('combobox', { name: 'Actor' }).fill('Moscow');
    await page.getByRole('option', { name: /Russia/ }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('actor=russia');
    await page.getByRole('checkbox', { name: 'Supports' }).check();
    await page.getByLabel('Said from').fill('2025-07-01');
    await expect.poll(() => page.url()).toMatch(/stance=supports.*from=2025-07-01/);
    await page.getByText('1 statement, newest first').waitFor();
    await page.getByText('Russia and France will keep up').waitFor();

    const address = page.url();
    await page.goto('/');
    await page.getByText('25 statements').waitFor();
    await page.goto(address);
    await page.getByText('1 statement, newest first').waitFor();
    await page.goBack();
    await page.getByText('25 statements').waitFor();
  });

  it('finds words', async () => {
    const { page } = opened;
    await page.goto('/');
    await page.getByLabel('Words').fill('root causes');
    await page.getByText('1 statement, newest first').waitFor();
    expect(page.url()).toContain('q=root+causes');
  });

  it('says so when nothing fits', async () => {
    const { page } = opened;
    await page.goto('/?topic=ukraine-territory&stance=opposes');
    await page.getByRole('heading', { name: 'No statement fits' }).waitFor();
  });
});

describe('live', () => {
  it('slides a new statement in where its order puts it, marked and announced', async () => {
    const { page, faults } = opened;
    await page.goto('/');
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    const text = 'The alliance took note of the call.';
    await service.record({ text, said: '2025-07-04' });
    const item = page.locator('.feed > li', { hasText: text });
    await item.getByText('New', { exact: true }).waitFor();
    expect(await page.locator('.feed > li').first().innerText()).toContain(text);
    await expect.poll(() => page.locator('[aria-live=polite]').innerText()).toContain(text);
    await page.getByText('26 statements').waitFor();
    expect(faults).toEqual([]);
  });

  it('leaves out what does not fit the conditions', async () => {
    const { page } = opened;
    await page.goto('/?actor=united-nations');
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await service.record({ text: 'The alliance has nothing to add.', said: '2025-07-05' });
    await service.record({
      text: 'The organisation calls for calm.',
      said: '2025-07-05',
      speakers: ['united-nations'],
    });
    await page.getByText('calls for calm').first().waitFor();
    expect(await page.locator('.feed > li').count()).toBe(1);
  });

  it('shows revisions and retractions on the screen', async () => {
    const { page } = opened;
    const { id, slug } = await service.record({
      text: 'The talks will begin on Monday.',
      said: '2025-07-06',
    });
    await page.goto('/');
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await service.revise(id, 'The talks will begin on Tuesday.');
    const item = page.locator('.feed > li', { hasText: 'on Tuesday' });
    await item.getByText('Revised', { exact: true }).waitFor();
    await service.retract(id, 'It was never said.');
    await item.getByText('It was never said.').waitFor();

    await page.goto(`/statements/${slug}`);
    await page.getByText('The record no longer stands by this.').waitFor();
    expect(await page.locator('.revisions del').allInnerTexts()).toEqual(['Monday.']);
    expect(await page.locator('.revisions ins').allInnerTexts()).toEqual(['Tuesday.']);
  });

  it('keeps a statement’s and an event’s page up to date', async () => {
    const { page } = opened;
    await page.goto('/events/call-2025-07-01');
    await page.getByText('Russia is silent on this.').first().waitFor();
    const row = page.locator('#topic-ukraine-ceasefire');
    await row.getByText('One-sided').waitFor();
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    const { id } = await service.record({
      text: 'A ceasefire is out of the question for now.',
      act: 'REJECT',
      speakers: ['vladimir-putin'],
      said: '2025-07-03',
      topics: [{ topic: 'ukraine-ceasefire', stance: 'OPPOSES' }],
      events: ['call-2025-07-01'],
    });
    await row.getByText('Disputed').waitFor();
    await service.retract(id, 'Recorded by the tests of the page.');
    await row.getByText('One-sided').waitFor();
  });

  it('says since when it is offline, resumes without loss, and shows what was missed', async () => {
    const { page } = opened;
    await page.goto('/');
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await opened.context.setOffline(true);
    await page.getByText(/Offline since \d\d:\d\d/).waitFor();
    await service.record({ text: 'Something was said in the dark.', said: '2025-07-04' });
    await service.record({ text: 'Something else was said in the dark.', said: '2025-07-04' });
    await opened.context.setOffline(false);
    await page.getByText('You missed 2 changes').waitFor();
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    expect(await page.locator('.feed > li', { hasText: 'said in the dark' }).count()).toBe(2);
    const dark = page.locator('.feed > li', { hasText: 'said in the dark' });
    expect(await dark.first().innerText()).toContain('Something else');
  });

  it('survives a restart of the service', async () => {
    const { page } = opened;
    await page.goto('/');
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await service.down();
    await page.getByText(/Offline since/).waitFor();
    await service.up();
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor({ timeout: 30_000 });
    await page.getByText('You missed nothing.').waitFor();
    await service.record({ text: 'Said after the restart.', said: '2025-07-04' });
    await page.locator('.feed > li', { hasText: 'Said after the restart.' }).waitFor();
  });
});

describe('the views', () => {
  it('lead from the feed to the comparison, with verdicts and silence', async () => {
    const { page } = opened;
    await page.goto('/');
    await page
      .getByRole('complementary')
      .getByRole('link', { name: /Call between/ })
      .click();
    await page.getByRole('heading', { level: 1, name: /Call between Emmanuel Macron/ }).waitFor();
    expect(await page.title()).toBe('Call between Emmanuel Macron and Vladimir Putin · Readout');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    const rows = page.locator('.overview tbody tr');
    expect(await rows.filter({ hasText: 'War in Ukraine' }).first().innerText()).toMatch(/4.*3.*Disputed/s);
    expect(await rows.filter({ hasText: 'Ceasefire' }).innerText()).toMatch(/silent.*One-sided/s);
    expect(await page.locator('#topic-ukraine-war .row-why').innerText()).toMatch(
      /^Russia: .* disputes France: /,
    );
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Who said what' }).waitFor();
  });

  it('draw an actor’s positions with the shift, and give them as a table', async () => {
    const { page } = opened;
    await page.goto('/actors/emmanuel-macron');
    await page.locator('.chart-step').waitFor({ state: 'attached' });
    await page.getByText('The same as a table').click();
    const row = page.getByRole('row', { name: /Regional security talks/ });
    expect(await row.innerText()).toMatch(/Supports.*shifts from Troops from France and NATO/s);
    await page.getByRole('link', { name: /^Supports: Ceasefire in Ukraine/ }).click();
    await page.getByRole('heading', { level: 1, name: 'A ceasefire is needed in Ukraine.' }).waitFor();
  });

  it('check a source’s text in the browser only, by code points', async () => {
    const { page, faults } = opened;
    const words = 'the minister 🤝 agreed';
    const text = `🕊 On Monday ${words} to talks.\n`;
    const start = [...text.slice(0, text.indexOf(words))].length;
    await service.ask('mutation($input: SaveSourceInput!) { saveSource(input: $input) { position } }', {
      input: { slug: 'made-up', title: 'A made-up report', digest: digestOf(text), length: [...text].length },
    });
    const { slug } = await service.record({
      text: 'The minister agreed to talks.',
      source: 'made-up',
      anchors: [{ start, end: start + [...words].length, digest: digestOf(words) }],
    });
    await page.goto(`/statements/${slug}`);
    const field = page.locator('input[type=file]');
    await field.setInputFiles({ name: 'report.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
    await page.getByText('report.txt is the very text').waitFor();
    expect(await page.locator('.check mark').innerText()).toBe(words);

    const windows = Buffer.from(`\uFEFF${text.replace('\n', '\r\n')}`);
    await field.setInputFiles({ name: 'windows.txt', mimeType: 'text/plain', buffer: windows });
    await page.getByText(/windows\.txt is the very text.*once Windows line endings are undone/).waitFor();

    const other = Buffer.from(text.replace('Monday', 'Sunday'));
    await field.setInputFiles({ name: 'other.txt', mimeType: 'text/plain', buffer: other });
    await page.getByText('other.txt is another text').waitFor();
    await page.getByText('✓ Matches: code points').waitFor(); // the span itself is unchanged

    await field.setInputFiles({
      name: 'photo.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from([0xff, 0xd8, 0xff]),
    });
    await page.getByText('photo.jpg is not text in UTF-8').waitFor();
    expect(faults).toEqual([]);
  });

  it('cite a statement in three forms', async () => {
    const { page } = opened;
    await page.goto('/statements/leaders-agree-iran-npt-compliance');
    const plain = await page.getByRole('textbox', { name: 'Plain text' }).inputValue();
    expect(plain).toMatch(
      /^Vladimir Putin and Emmanuel Macron \(according to the Kremlin’s readout\), 1 July 2025:/,
    );
    expect(plain).toContain(`${service.origin}/statements/leaders-agree-iran-npt-compliance`);
    const csl = JSON.parse(await page.getByRole('textbox', { name: 'CSL-JSON' }).inputValue());
    expect(csl[0].issued['date-parts']).toEqual([[2025, 7, 1]]);
    expect(await page.getByRole('textbox', { name: 'BibTeX' }).inputValue()).toMatch(/^@misc\{leaders-agree/);
  });

  it('open the very operation behind them in GraphiQL', async () => {
    const { page } = opened;
    for (const path of Object.values(PAGES).filter((path) => !path.includes('nothing'))) {
      await page.goto(path);
      const href = await page.getByRole('link', { name: 'Ask this in GraphiQL' }).getAttribute('href');
      const { searchParams } = new URL(href ?? '', service.origin);
      const variables = JSON.parse(searchParams.get('variables') ?? '{}');
      await service.ask(searchParams.get('query') ?? '', variables);
      expect(searchParams.get('operationName')).toMatch(/^[A-Z]/);
    }
  });

  it('say what is not there', async () => {
    const { page } = opened;
    await page.goto('/statements/nothing-of-that-name');
    await page.getByRole('heading', { name: 'There is no statement “nothing-of-that-name”' }).waitFor();
  });
});

describe('decency', () => {
  it.each(['light', 'dark'] as const)(
    'has nothing serious for axe on any view, in %s',
    async (colorScheme) => {
      const watched = await openPage(browser, service.origin, { colorScheme, reducedMotion: 'reduce' });
      const found: Record<string, string[]> = {};
      for (const [name, path] of Object.entries(PAGES)) {
        await watched.page.goto(path);
        await watched.page.getByRole('heading', { level: 1 }).waitFor();
        await watched.page.locator('.waiting').waitFor({ state: 'detached' });
        found[name] = await seriousFaults(watched.page);
      }
      await watched.context.close();
      expect(found).toEqual(Object.fromEntries(Object.keys(PAGES).map((name) => [name, []])));
      expect(watched.faults).toEqual([]);
    },
  );

  it.each([320, 390, 1280, 2000])('fits a width of %i pixels', async (width) => {
    const { page } = opened;
    await page.setViewportSize({ width, height: 800 });
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('.waiting').waitFor({ state: 'detached' });
      const over = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      expect(over, name).toBeLessThanOrEqual(0);
    }
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

  it('does not jump while it loads', async () => {
    const { page } = opened;
    await page.addInitScript(`
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    `);
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('.waiting').waitFor({ state: 'detached' });
      expect(await page.evaluate('window.shift'), name).toBeLessThan(LAYOUT_SHIFT_MAX);
    }
  });

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
