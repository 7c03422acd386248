import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CuttableLine } from './cuttableLine.ts';
import { launchBrowser, openPage, type WatchedPage } from './webBrowser.ts';
import { Service } from './webService.ts';

const RUSSIA_ON_DIALOGUE = {
  act: 'REJECT',
  speakers: ['vladimir-putin'],
  said: '2025-07-03',
  topics: [{ topic: 'ukraine-dialogue', stance: 'OPPOSES' }],
  events: ['call-2025-07-01'],
};

let service: Service;
let another: Service;
let browser: Browser;
let line: CuttableLine;
let opened: WatchedPage;

beforeAll(async () => {
  [service, another, browser] = await Promise.all([Service.start(), Service.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([service?.stop(), another?.stop()]);
});
beforeEach(async () => {
  line = await CuttableLine.to(service.origin);
  opened = await openPage(browser, service.origin);
});
afterEach(async () => {
  await opened.context.close();
  await line.cut();
});

describe('the reader page, live,', () => {
  it('slides a new statement in where its order puts it, marked and announced', async () => {
    const { page, faults } = opened;
    await page.goto('/');
    await live();
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
    await live();
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
    await live();
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
    await live();
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
    await live();
    await opened.context.setOffline(true);
    await page.getByText(/Offline since \d\d:\d\d/).waitFor();
    await service.record({ text: 'Something was said in the dark.', said: '2025-07-04' });
    await service.record({ text: 'Something else was said in the dark.', said: '2025-07-04' });
    await opened.context.setOffline(false);
    await page.getByText('You missed 2 changes').waitFor();
    await live();
    expect(await page.locator('.feed > li', { hasText: 'said in the dark' }).count()).toBe(2);
    const dark = page.locator('.feed > li', { hasText: 'said in the dark' });
    expect(await dark.first().innerText()).toContain('Something else');
  });

  it('survives a restart of the service', async () => {
    const { page } = opened;
    await page.goto('/');
    await live();
    await service.down();
    await page.getByText(/Offline since/).waitFor();
    await service.up();
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await page.getByText('You missed nothing.').waitFor();
    await service.record({ text: 'Said after the restart.', said: '2025-07-04' });
    await page.locator('.feed > li', { hasText: 'Said after the restart.' }).waitFor();
  });

  it('goes to other views while the service is away, stays offline, and loads them when it is back', async () => {
    const { page } = opened;
    await page.goto('/');
    await live();
    await service.down();
    await page.getByText(/Offline since/).waitFor();
    const sections = page.getByRole('navigation', { name: 'Sections' });
    for (const name of ['Topics', 'Sources', 'Events', 'Actors']) {
      await sections.getByRole('link', { name }).click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.getByText('This page tries again by itself.').waitFor();
      expect(await page.locator('.live-sign').innerText()).toMatch(/^Offline since/);
    }
    await service.up();
    await page.getByRole('link', { name: 'Emmanuel Macron' }).waitFor();
    await page.locator('.live-sign', { hasText: /^$/ }).waitFor({ state: 'attached' });
    await page.getByRole('link', { name: 'Emmanuel Macron' }).click();
    await live();
  });

  it('shows each state that it goes through', async () => {
    const { page } = opened;
    await page.addInitScript(`
      window.states = [];
      new MutationObserver(() => {
        const state = document.querySelector('.live-sign')?.textContent;
        if (state && state !== window.states.at(-1)) window.states.push(state);
      }).observe(document, { subtree: true, childList: true, characterData: true });
    `);
    await page.goto(line.origin);
    await live();
    await line.cut();
    await page.getByText(/Offline since/).waitFor();
    await service.record({ text: 'Said while the line was cut.', said: '2025-07-04' });
    await line.mend();
    await page.locator('.feed > li', { hasText: 'Said while the line was cut.' }).waitFor();
    await live();
    const states = (await page.evaluate('window.states')) as string[];
    expect(states.map((state) => state.replace(/ since .*/, ''))).toEqual([
      'Connecting',
      'Live',
      'Offline',
      'Catching up',
      'Live',
    ]);
  });

  it('loads again where the record has another history', async () => {
    const { page } = opened;
    await service.record({ text: 'Said in one history.', said: '2025-07-04' });
    await page.goto(line.origin);
    await page.locator('.feed > li', { hasText: 'Said in one history.' }).waitFor();
    await live();
    await line.cut();
    await another.record({ text: 'Said in another history.', said: '2025-07-04' });
    await line.mend(another.origin);
    await page.locator('.feed > li', { hasText: 'Said in another history.' }).waitFor();
    expect(await page.locator('.feed > li', { hasText: 'Said in one history.' }).count()).toBe(0);
    await live();
    await another.record({ text: 'Said from then on.', said: '2025-07-04' });
    await page.locator('.feed > li', { hasText: 'Said from then on.' }).waitFor();
  });

  it('loads an event’s page again where the record has another history', async () => {
    const { page } = opened;
    await page.goto(`${line.origin}/events/call-2025-07-01`);
    const row = page.locator('#topic-ukraine-dialogue');
    await row.getByText('One-sided').waitFor();
    await live();
    await line.cut();
    await another.record({ ...RUSSIA_ON_DIALOGUE, text: 'Talks were refused in another history.' });
    await line.mend(another.origin);
    await row.getByText('Disputed').waitFor();
    await live();
    await another.record({ ...RUSSIA_ON_DIALOGUE, text: 'Talks were refused once more.' });
    await row.getByText('Talks were refused once more.').waitFor();
  });

  function live(): Promise<void> {
    return opened.page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
  }
});
