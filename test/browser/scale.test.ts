import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEBATE, makeDebate } from '../support/debate.ts';
import { LARGE, makeLargeRecord } from './largeRecord.ts';
import { launchBrowser, openPage, type WatchedPage } from './webBrowser.ts';
import { Service } from './webService.ts';

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const DEBATE_STATEMENTS = 2_000;
/** Elements of a page that stays readable. */
const ELEMENTS_MAX = 6_000;

let service: Service;
let browser: Browser;
let opened: WatchedPage;

beforeAll(async () => {
  [service, browser] = await Promise.all([Service.start(), launchBrowser()]);
  const pool = service.database();
  try {
    await makeLargeRecord(pool);
    await makeDebate({ pool }, DEBATE_STATEMENTS);
  } finally {
    await pool.end();
  }
  // The names that SQL has written are made searchable at the start.
  await service.down();
  await service.up();
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

/** Fails if the page scrolls sideways on a wide screen or a phone, or has too many elements to be read. */
async function expectReadable(page: Page): Promise<void> {
  for (const size of [WIDE, PHONE]) {
    await page.setViewportSize(size);
    const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(beyond, `pixels beyond a screen of ${size.width}`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(WIDE);
  expect(await page.evaluate('document.querySelectorAll("*").length'), 'elements').toBeLessThan(ELEMENTS_MAX);
}

describe(`the reader page with ${LARGE.statements} statements of one actor among ${LARGE.actors}`, () => {
  it('shows the newest statements of the actor, and more on demand', async () => {
    const { page, faults } = opened;
    await page.goto(`/actors/${LARGE.speaker}`);
    await page.getByRole('heading', { name: `${LARGE.statements} statements by Speaker Number 1` }).waitFor();
    await page.getByText(`${LARGE.statements} statements, newest first`).waitFor();
    const cards = page.locator('.dated-statements .feed > li');
    expect(await cards.first().innerText()).toContain(`Statement number ${LARGE.statements} `);
    expect(await cards.count()).toBe(20);
    await expectReadable(page);
    await page.locator('.dated-statements').getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => cards.count()).toBe(40);
    expect(faults).toEqual([]);
  });

  it('narrows them to a bar of the histogram and to days, and keeps these in the address', async () => {
    const { page } = opened;
    await page.goto(`/actors/${LARGE.speaker}`);
    await page.getByRole('link', { name: '2015: 730 statements' }).click();
    await expect.poll(() => page.url()).toContain('?from=2015-01-01&to=2015-12-31');
    await page.getByText('730 statements, newest first').waitFor();
    await page.getByLabel('to', { exact: true }).fill('2015-01-02');
    await page.getByText('4 statements, newest first').waitFor();
    await page.reload();
    await page.getByText('4 statements, newest first').waitFor();
    await page.goBack();
    await page.getByText('730 statements, newest first').waitFor();
    await page.getByRole('link', { name: 'All days' }).click();
    await page.getByText(`${LARGE.statements} statements, newest first`).waitFor();
  });

  it('gives a topic the same choice of days', async () => {
    const { page } = opened;
    await page.goto('/topics/ukraine-ceasefire?from=2015-01-01&to=2015-01-02');
    await page.getByText('4 statements, newest first').waitFor();
    await expectReadable(page);
  });

  it('offers who speaks most first, and finds any of them by name', async () => {
    const { page } = opened;
    await page.setViewportSize(PHONE);
    await page.goto('/');
    await page.getByRole('button', { name: 'Filters' }).click();
    const actor = page.getByRole('combobox', { name: 'Actor' });
    await actor.focus();
    const options = page.getByRole('listbox', { name: 'Actor' }).getByRole('option');
    await options.first().waitFor();
    expect(await options.first().innerText()).toBe(`Speaker Number 1 ${LARGE.statements} statements`);
    await actor.fill('Speaker Number 19876');
    await options.filter({ hasText: 'Speaker Number 19876 0 statements' }).waitFor();
    await page.getByRole('combobox', { name: 'Event' }).focus();
    const event = page.getByRole('option', { name: `General debate ${DEBATE_STATEMENTS} statements` });
    await event.waitFor();
    const source = page.getByRole('combobox', { name: 'Source' });
    await source.fill('many years');
    await page.getByRole('option', { name: `Record of many years ${LARGE.statements} statements` }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('source=large-record');
  });

  it('lists the actors with most statements above those by name', async () => {
    const { page } = opened;
    await page.goto('/actors');
    const most = page.locator('.most-active li');
    expect(await most.first().innerText()).toBe(`Speaker Number 1: ${LARGE.statements} statements`);
    await expectReadable(page);
  });
});

describe(`the page of an event with ${DEBATE.sides} sides`, () => {
  it('finds sides, names the silent ones, and compares those that are chosen', async () => {
    const { page, faults } = opened;
    await page.goto(`/events/${DEBATE.slug}`);
    await page.getByText(`${DEBATE.sides - DEBATE.silent} of ${DEBATE.sides} sides speak.`).waitFor();
    const silent = page.locator('.sides .silent-sides');
    expect(await silent.innerText()).toContain('State 191, State 192 and State 193');
    await expectReadable(page);
    for (const state of ['State 002', 'State 150']) {
      await page.getByLabel('Find a side').fill(state);
      await page.getByRole('checkbox', { name: state }).check();
    }
    await page.getByRole('button', { name: 'Compare these 2' }).click();
    await expect.poll(() => page.url()).toContain('side=state-2&side=state-150');
    await page.getByRole('columnheader', { name: 'State 150' }).waitFor();
    await expectReadable(page);
    expect(faults).toEqual([]);
  });

  it('stacks the columns from four sides on', async () => {
    const { page } = opened;
    const sideBySide = page.getByRole('heading', { name: 'Side by side' });
    await page.goto(`/events/${DEBATE.slug}?side=state-2&side=state-150&side=state-3`);
    await sideBySide.waitFor();
    await page.goto(`/events/${DEBATE.slug}?side=state-2&side=state-150&side=state-3&side=state-4`);
    await page.getByRole('heading', { name: 'Topic by topic' }).waitFor();
    expect(await sideBySide.count()).toBe(0);
    await expectReadable(page);
  });
});
