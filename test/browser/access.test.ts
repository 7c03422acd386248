import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GraphiqlPage } from './graphiqlPage.ts';
import { launchBrowser, openPage, seriousFaults, type WatchedPage } from './webBrowser.ts';
import { Service, TOKEN } from './webService.ts';

const CLOSED = { READ_ACCESS: 'token' };

let service: Service;
let browser: Browser;
let opened: WatchedPage;

beforeAll(async () => {
  [service, browser] = await Promise.all([Service.start(CLOSED), launchBrowser()]);
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

describe('the page of a record that needs a token', () => {
  it('asks for one, and then shows what was asked for, live', async () => {
    const { page } = opened;
    await page.goto('/events/call-2025-07-01');
    await page.getByRole('heading', { level: 1, name: 'Reading this record needs a token' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await enter(TOKEN);
    await page.getByRole('heading', { level: 1, name: /Call between/ }).waitFor();
    await live();

    await page.getByRole('link', { name: 'Statements', exact: true }).click();
    await live();
    await service.record({ text: 'Said to those who may read.' });
    await page.locator('.feed > li', { hasText: 'Said to those who may read.' }).waitFor();
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0);
  });

  it('says so where a token is wrong, and takes another', async () => {
    const { page } = opened;
    await page.goto('/');
    await enter('not-a-token-of-this-record');
    await page.getByRole('heading', { level: 1, name: 'This token is not accepted' }).waitFor();
    await page.getByText('This token is unknown, expired or revoked.').waitFor();
    await enter(TOKEN);
    await page.locator('.feed > li').first().waitFor();
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByRole('heading', { level: 1, name: 'Reading this record needs a token' }).waitFor();
    expect(await page.locator('.feed > li').count()).toBe(0);
  });

  it('asks again once the token is no longer good', async () => {
    const { page } = opened;
    await page.goto('/');
    await enter(TOKEN);
    await live();
    await service.down();
    await service.up({ ...CLOSED, RECORDER_TOKEN: 'another-recorder-for-the-browser-tests' });
    await page.getByRole('heading', { level: 1, name: 'This token is not accepted' }).waitFor();
    expect(await page.locator('.feed > li').count()).toBe(0);
    await service.down();
    await service.up(CLOSED);
    await enter(TOKEN);
    await page.locator('.feed > li').first().waitFor();
  });

  async function enter(token: string): Promise<void> {
    await opened.page.getByLabel('Token').fill(token);
    await opened.page.getByRole('button', { name: 'Read', exact: true }).click();
  }

  function live(): Promise<void> {
    return opened.page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
  }
});

it('GraphiQL has the token in every tab where reading needs one', async () => {
  const graphiql = await GraphiqlPage.with(browser, service.origin);
  await graphiql.open(`/graphql#token=${TOKEN}`);
  expect((await graphiql.run()).errors).toBeUndefined();
  await graphiql.answer('Call between Emmanuel Macron').waitFor();
  await graphiql.choose('FollowLive');
  await graphiql.startStream();
  await service.record({ text: 'Followed with a token.' });
  await graphiql.answer('Followed with a token.').waitFor();
  await graphiql.open(`/graphql?${new URLSearchParams({ query: 'query Linked { record { statements } }' })}`);
  expect((await graphiql.run()).errors).toBeUndefined();
  await graphiql.watched.context.close();
  expect(graphiql.watched.faults).toEqual([]);
});
