import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { examples } from '../../src/web/graphiql/examples.ts';
import { GraphiqlPage } from './graphiqlPage.ts';
import { launchBrowser } from './webBrowser.ts';
import { Service, TOKEN } from './webService.ts';

const FIRST_LOAD_BYTES_MIN = 500_000;
const RELOAD_BYTES_MAX = 50_000;
const TABS = [
  'CompareAccounts',
  'Search',
  'FindNames',
  'Positions',
  'TopicsByStance',
  'KremlinReports',
  'SaidForFrance',
  'FollowLive',
  'LoadThenFollow',
  'Record',
  'Revise',
  'Retract',
  'RecordMention',
  'Save',
  'Collect',
  'MergeActors',
];

let service: Service;
let browser: Browser;
let graphiql: GraphiqlPage;

beforeAll(async () => {
  [service, browser] = await Promise.all([Service.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
});
beforeEach(async () => {
  graphiql = await GraphiqlPage.with(browser, service.origin);
});
afterEach(async () => {
  await graphiql.watched.context.close();
  expect(graphiql.watched.faults).toEqual([]);
});

describe('GraphiQL', () => {
  it('opens with the guide and the examples', async () => {
    await graphiql.open();
    await graphiql.page.getByText('Each tab is a working example').waitFor();
    expect(await graphiql.tabNames()).toEqual(TABS);
    expect(await graphiql.shown('Operation Editor')).toContain(
      '# Readout: who said what, and on whose account.',
    );
    await graphiql.page.getByText('Examples', { exact: true }).click();
    for (const { title } of examples) await graphiql.page.getByRole('link', { name: title }).waitFor();
    const settings = await graphiql.page.getByRole('button', { name: 'Open settings dialog' }).boundingBox();
    expect((settings?.y ?? 0) + (settings?.height ?? 0)).toBeLessThanOrEqual(900); // nothing is cut off below
  });

  it('runs what it opens with at the keys that the guide names', async () => {
    await graphiql.open();
    await graphiql.page.keyboard.press('Control+Enter');
    await graphiql.answer('Call between Emmanuel Macron').waitFor();
  });

  it('runs its examples without errors', async () => {
    await graphiql.open();
    for (const [tab, words] of [
      ['CompareAccounts', '"comparison": ['],
      ['Search', '"totalCount": 2'],
      ['Positions', '"name": "Emmanuel Macron"'],
      ['KremlinReports', '"totalCount":'],
    ] as const) {
      await graphiql.choose(tab);
      const { errors } = await graphiql.run();
      expect(errors, tab).toBeUndefined();
      await graphiql.answer(words).waitFor();
    }
  });

  it('shows what is recorded while a subscription runs, one event after the other', async () => {
    await graphiql.open();
    await graphiql.choose('FollowLive');
    await graphiql.startStream();
    await service.record({ text: 'The first thing said while it follows.' });
    await graphiql.answer('The first thing said while it follows.').waitFor();
    await service.record({ text: 'The second thing said while it follows.' });
    await graphiql.answer('The second thing said while it follows.').waitFor();
    await graphiql.page.getByRole('button', { name: 'Stop query' }).click();
    await graphiql.ready();
  });

  it('loads, then follows from the cursor that it has loaded', async () => {
    await graphiql.open();
    await graphiql.choose('LoadThenFollow');
    const { data } = await graphiql.run('LoadThenFollow');
    const { cursor } = (data as { record: { cursor: string } }).record;
    await graphiql.answer(cursor).waitFor();
    await service.record({ text: 'Said between loading and following.' });
    await graphiql.fillVariables({ after: cursor });
    await graphiql.startStream('FollowOn');
    await graphiql.answer('Said between loading and following.').waitFor();
    await graphiql.answer(`"previous": "${cursor}"`).waitFor();
    await service.record({ text: 'Said while following on.' });
    await graphiql.answer('Said while following on.').waitFor();
  });

  it('records, revises and retracts with the token that its address brings', async () => {
    await graphiql.open(`/graphql#token=${TOKEN}`);
    await graphiql.choose('Record');
    expect((await graphiql.run()).errors).toBeUndefined();
    await graphiql.answer('"created": true').waitFor();
    const recorded = await newest();
    expect(recorded).toMatchObject({ text: textOf('record'), status: 'CURRENT' });
    expect((await graphiql.run()).errors).toBeUndefined();
    await graphiql.answer('"created": false').waitFor(); // the key makes it safe to repeat

    await graphiql.choose('Revise');
    expect((await graphiql.run('Newest')).data).toEqual({
      statements: {
        edges: [{ node: { id: recorded.id, position: recorded.position, text: recorded.text } }],
      },
    });
    await graphiql.fillVariables({
      input: { id: recorded.id, ifPosition: recorded.position, text: textOf('revise') },
    });
    expect((await graphiql.run('Revise')).errors).toBeUndefined();
    expect(await newest()).toMatchObject({ id: recorded.id, text: textOf('revise') });
    const [conflict] = (await graphiql.run('Revise')).errors ?? []; // as its comment says
    expect(conflict?.extensions.code).toBe('CONFLICT');

    await graphiql.choose('Retract');
    await graphiql.fillVariables({ input: { id: recorded.id, reason: 'Recorded to try out GraphiQL.' } });
    expect((await graphiql.run('Retract')).errors).toBeUndefined();
    await graphiql.answer('"status": "RETRACTED"').waitFor();
    expect(await newest()).toMatchObject({ id: recorded.id, status: 'RETRACTED' });
  });

  it('keeps its own files: a reload sends next to nothing', async () => {
    const session = await graphiql.watched.context.newCDPSession(graphiql.page);
    await session.send('Network.enable');
    const urls = new Map<string, string>();
    const received = new Map<string, number>(); // bytes by URL
    session.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (encodedDataLength > 0) received.set(urls.get(requestId) ?? requestId, encodedDataLength);
    });
    const total = () => [...received.values()].reduce((sum, bytes) => sum + bytes, 0);
    await graphiql.open();
    await graphiql.page.keyboard.press('Control+Enter');
    await graphiql.answer('Call between Emmanuel Macron').waitFor();
    const files = () => [...received.keys()];
    await expect.poll(files).toContainEqual(expect.stringContaining('.ttf')); // the icons' font comes last
    expect(total()).toBeGreaterThan(FIRST_LOAD_BYTES_MIN);
    received.clear();
    await graphiql.page.reload();
    await graphiql.ready();
    await graphiql.page.keyboard.press('Control+Enter');
    await graphiql.answer('Call between Emmanuel Macron').waitFor();
    expect(total()).toBeGreaterThan(0);
    expect(total(), JSON.stringify([...received])).toBeLessThan(RELOAD_BYTES_MAX);
  });

  it('keeps what was written over a reload, and puts the examples back on demand', async () => {
    await graphiql.open();
    await graphiql.choose('Search');
    await graphiql.fillVariables({ words: 'ceasefire' });
    await expect.poll(async () => (await graphiql.keptTab())?.variables).toContain('ceasefire');
    await graphiql.page.reload();
    await graphiql.selected('Search').waitFor();
    expect(await graphiql.shown('Variables')).toContain('"words": "ceasefire"');
    await graphiql.open('/graphql?examples');
    await graphiql.choose('Search');
    await expect.poll(() => graphiql.shown('Variables')).toContain('"words": "proliferation treaties"');
  });

  it('opens the operation of a link, with its variables', async () => {
    const query = 'query Named($slug: String!) {\n  actor(slug: $slug) {\n    name\n  }\n}';
    const variables = JSON.stringify({ slug: 'kremlin' });
    await graphiql.open(`/graphql?${new URLSearchParams({ query, variables })}`);
    await graphiql.selected('Named').waitFor();
    expect(await graphiql.tabNames()).toEqual([...TABS, 'Named']);
    expect(await graphiql.shown('Variables')).toContain('"slug": "kremlin"');
    expect((await graphiql.run()).data).toEqual({ actor: { name: 'Kremlin' } });
    await graphiql.answer('"name": "Kremlin"').waitFor();
  });

  it('copies a short link to the chosen tab, which opens it elsewhere, and says so where a link is cut', async () => {
    await graphiql.open(`/graphql#token=${TOKEN}`);
    await graphiql.choose('Record');
    await graphiql.watched.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await graphiql.page.getByRole('button', { name: 'Copy a link to this tab' }).click();
    await graphiql.page.getByText('Copied', { exact: true }).waitFor();
    const link = await graphiql.page.evaluate<string>('navigator.clipboard.readText()');
    const { query = '', variables = '' } = (await graphiql.keptTab()) ?? {};
    const address = `${service.origin}/graphql?${new URLSearchParams({ query, variables: variables ?? '' })}`;
    expect(link.length).toBeLessThan(0.7 * address.length);

    const other = await GraphiqlPage.with(browser, service.origin);
    await other.open(link);
    await other.selected('Record').waitFor();
    await expect.poll(async () => (await other.keptTab())?.title).toBe('Record');
    const kept = await other.keptTab();
    expect(kept).toMatchObject({ query, headers: '' });
    expect(JSON.parse(kept?.variables ?? '')).toEqual(JSON.parse(variables ?? ''));
    expect(other.page.url()).toBe(`${service.origin}/graphql`);
    await other.page.evaluate(`location.hash = '#operation=${link.split('=')[1]?.slice(0, 40)}'`);
    await expect.poll(() => other.shown('Operation Editor')).toContain('incomplete or damaged');
    await other.watched.context.close();
  });

  it('opens and runs the operation behind a view of the reader page', async () => {
    await graphiql.page.goto('/topics/ukraine-ceasefire');
    await graphiql.page.getByRole('link', { name: 'Ask this in GraphiQL' }).click();
    await graphiql.selected('Topic').waitFor();
    const { data, errors } = await graphiql.run();
    expect(errors).toBeUndefined();
    expect(data?.topic).toMatchObject({ name: 'Ceasefire in Ukraine' });
  });
});

describe('the token', () => {
  const placeholder = "Bearer a recorder's token";

  it('moves from the address into the tabs that need it, is stored, and is sent to no server', async () => {
    const sent: string[] = [];
    graphiql.page.on('request', (request) => {
      sent.push([request.url(), request.postData(), ...Object.values(request.headers())].join(' '));
    });
    await graphiql.open(`/graphql#token=${TOKEN}`);
    expect(graphiql.page.url()).toBe(`${service.origin}/graphql`);
    expect(await graphiql.authorizationIn('Record')).toBe(`Bearer ${TOKEN}`);
    await graphiql.open('/graphql?examples');
    expect(await graphiql.authorizationIn('Retract')).toBe(`Bearer ${TOKEN}`);
    await graphiql.choose('Search');
    expect((await graphiql.keptTab())?.headers ?? '').toBe('');
    await graphiql.run();
    expect(sent.filter((text) => text.includes(TOKEN))).toEqual([]);
    expect(sent.length).toBeGreaterThan(5);
  });

  it('is missing for other visitors, who see a placeholder', async () => {
    await graphiql.open();
    expect(await graphiql.authorizationIn('Record')).toBe(placeholder);
    expect(await graphiql.page.content()).not.toContain(TOKEN);
    const [refused] = (await graphiql.run()).errors ?? [];
    expect(refused?.extensions.code).toBe('UNAUTHENTICATED');
    graphiql.watched.faults.length = 0; // the browser reports the status 401 in its console
  });

  it('replaces the former token in the tabs of earlier visits, and keeps their text', async () => {
    await graphiql.open();
    await graphiql.choose('Record');
    await graphiql.fillVariables({ input: {} });
    await expect
      .poll(async () => (await graphiql.keptTab())?.variables)
      .toBe(JSON.stringify({ input: {} }, null, 2));
    for (const token of ['the-first-one', 'the-second-one']) {
      // The page is open already: the browser goes nowhere, and the page loads itself again.
      const loaded = graphiql.page.waitForEvent('load');
      await graphiql.page.evaluate(`location.hash = 'token=${token}'`);
      await loaded;
      await graphiql.ready();
      expect(graphiql.page.url()).toBe(`${service.origin}/graphql`);
      expect(await graphiql.authorizationIn('Record')).toBe(`Bearer ${token}`);
      expect(await graphiql.authorizationIn('Retract')).toBe(`Bearer ${token}`);
      await graphiql.choose('Record');
      expect(JSON.parse((await graphiql.keptTab())?.variables ?? '')).toEqual({ input: {} });
    }
    expect(await graphiql.tabNames()).toEqual(TABS);
  });

  it('is never added to a mutation from a link', async () => {
    const query = 'mutation Brought {\n  saveTopic(input: { slug: "x", name: "X" }) {\n    position\n  }\n}';
    await graphiql.open(`/graphql?${new URLSearchParams({ query })}#token=${TOKEN}`);
    await graphiql.selected('Brought').waitFor();
    const [refused] = (await graphiql.run()).errors ?? [];
    expect(refused?.extensions.code).toBe('UNAUTHENTICATED');
    expect((await graphiql.keptTab())?.headers ?? '').toBe('');
  });
});

function textOf(example: string): string {
  const { variables = '{}' } = examples.find(({ name }) => name === example) ?? {};
  return JSON.parse(variables).input.text;
}

/** What was recorded last, retracted or not. */
async function newest(): Promise<{ id: string; position: string; text: string; status: string }> {
  const { statements } = await service.ask<{
    statements: { nodes: { id: string; position: string; text: string; status: string }[] };
  }>(
    `query($filter: StatementFilter) {
      statements(filter: $filter, orderBy: RECORDED_DESC, first: 1) { nodes { id position text status } }
    }`,
    { filter: { includeRetracted: true } },
  );
  const [node] = statements.nodes;
  if (!node) throw new Error('The record is empty.');
  return node;
}
