import { createHash } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { operationOf } from '../../src/web/graphiql/address.ts';
import { launchBrowser, openPage, VIEWS, type WatchedPage } from './webBrowser.ts';
import { Service, TOKEN } from './webService.ts';

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
    await statement.waitFor(); // what is hidden while a part above it loads has no line breaks
    const text = await statement.innerText();
    expect(text).toMatch(/Vladimir Putin and Emmanuel Macron agree, according to the Kremlin’s readout/);
    expect(text).toMatch(/Supports\s+Iran's compliance with the Non-Proliferation Treaty/);
    expect(text).toMatch(/1 July 2025/);
    expect(text).toMatch(/\[1199–1294; 1352–1396\]/);
  });

  it('loads the rest by its cursor when the end comes near', async () => {
    const { page } = opened;
    await page.goto('/');
    await page.locator('.feed > li').first().waitFor();
    await page.mouse.wheel(0, 20_000);
    await page.getByText('That is the complete list.').waitFor();
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

  it('draws its statements over time, counts speakers, topics and sides, and is narrowed by each of these', async () => {
    const { page } = opened;
    await page.goto('/');
    await page.getByRole('link', { name: 'January 2024: 1 statement' }).waitFor();
    const july = page.getByRole('link', { name: 'July 2025: 20 statements' });
    await july.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('from=2025-07-01&to=2025-07-31');
    await page.getByRole('link', { name: '1 July 2025: ' }).waitFor();
    await page.getByText('with a vague date may be older').waitFor();
    const sides = page.locator('details', { hasText: 'Sides' });
    await sides.getByRole('link', { name: 'Russia' }).click();
    await expect.poll(() => page.url()).toContain('side=russia');
    await page.locator('details', { hasText: 'Speakers' }).getByText('Vladimir Putin').waitFor();
  });

  it('finds words', async () => {
    const { page } = opened;
    await page.goto('/');
    await page.getByLabel('Words').fill('root causes');
    await page.getByText('1 statement, newest first').waitFor();
    expect(page.url()).toContain('q=root+causes');
  });

  it('offers who and what has the words as a name, with the number of statements', async () => {
    const { page } = opened;
    await page.goto('/?q=macron');
    await page.getByRole('link', { name: /^Statements by Emmanuel Macron \(\d+\)$/ }).click();
    await page.waitForURL('**/actors/emmanuel-macron');
    await page.goto('/?q=article');
    await page.getByRole('link', { name: /^Statements from .* \(\d+\)$/ }).click();
    await page.waitForURL('**/sources/*');
    await page.getByText(/^\d+ statements, in the order of the text$/).waitFor();
  });

  it('says so when nothing fits', async () => {
    const { page } = opened;
    await page.goto('/?topic=ukraine-territory&stance=opposes');
    await page.getByRole('heading', { name: 'No statement matches' }).waitFor();
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

  it('show all counts of a topic on a narrow page, each with its stance', async () => {
    const { page } = await openPage(browser, service.origin, { viewport: { width: 375, height: 800 } });
    await page.goto('/actors/emmanuel-macron');
    const row = page.locator('.topic-counts tr', { hasText: 'Nuclear non-proliferation' });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/Supports\s+2/);
    const counts = await row.locator('td:not(:empty)').all();
    const boxes = await Promise.all(counts.map((count) => count.boundingBox()));
    expect(boxes.map((box) => box && box.x + box.width <= 375)).toEqual([true, true, true]);
    await page.context().close();
  });

  it('have no section of topics where an actor speaks about none', async () => {
    const { page } = opened;
    await service.ask('mutation($input: SaveActorInput!) { saveActor(input: $input) { position } }', {
      input: { slug: 'brief-speaker', name: 'A brief speaker', kind: 'PERSON' },
    });
    await service.record({ text: 'The sitting is open.', speakers: ['brief-speaker'] });
    await page.goto('/actors/brief-speaker');
    await page.getByText('The sitting is open.').waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.getByRole('heading', { name: /speaks about/ }).count()).toBe(0);
  });

  it('draw the time of the statements, and lead to the few that are far from the others', async () => {
    await service.ask('mutation($input: SaveActorInput!) { saveActor(input: $input) { position } }', {
      input: { slug: 'wrong-year', name: 'Wrong Year', kind: 'PERSON' },
    });
    for (const said of ['1066-10-14', '2025-01', '2025-02', '2025-03', '2025-04', '2025-05'])
      await service.record({ text: `It was ${said}.`, speakers: ['wrong-year'], said });
    const { page } = await openPage(browser, service.origin, { viewport: { width: 375, height: 800 } });
    await page.goto('/actors/wrong-year');
    await page.getByRole('link', { name: 'January 2025: 1 statement' }).waitFor();
    expect(await page.locator('.histogram li').count()).toBe(5);
    await page.getByRole('link', { name: '1 earlier' }).click();
    await page.getByText('1 statement, newest first').waitFor();
    await page.getByText('It was 1066-10-14.').waitFor();
    expect(page.url()).toContain('?to=2024-12-31');
    await page.context().close();
  });

  it('set the number of statements that a cell does not show apart from those that it shows', async () => {
    await service.ask('mutation($input: SaveEventInput!) { saveEvent(input: $input) { position } }', {
      input: {
        slug: 'long-talks',
        name: 'Long talks',
        kind: 'MEETING',
        date: '2025-07',
        participants: ['nato', 'russia'],
      },
    });
    for (const number of [1, 2, 3, 4, 5])
      await service.record({
        ...{ text: `Point ${number} of the long talks.`, events: ['long-talks'] },
        topics: [{ topic: 'nuclear-non-proliferation' }],
      });
    const { page } = opened;
    await page.goto('/events/long-talks');
    const rest = page.getByText('Shown are the oldest 3 of 5 statements.');
    await rest.waitFor();
    const shown = page.locator('.cell', { has: rest }).locator('.said').last();
    for (const width of [375, 1_280]) {
      await page.setViewportSize({ width, height: 800 });
      const [above, below] = await Promise.all([shown.boundingBox(), rest.boundingBox()]);
      if (!above || !below) throw new Error('the cell is not on the page');
      expect(below.y - above.y - above.height, `pixels between them on a screen of ${width}`).toBeGreaterThan(
        8,
      );
    }
  });

  it('count an actor’s statements by topic and stance, with a way to these', async () => {
    const { page } = opened;
    await page.goto('/actors/emmanuel-macron');
    const row = page.locator('.topic-counts tr', { hasText: 'Nuclear non-proliferation' });
    await row.waitFor();
    expect((await row.getByRole('cell').allInnerTexts()).filter(Boolean)).toEqual(['2', '3', '5']);
    await page.getByText('Showing 10 of 13.').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('row', { name: /Deployment of French and NATO troops/ }).waitFor();
    await row.getByRole('link', { name: '2', exact: true }).click();
    await expect
      .poll(() => page.url())
      .toContain('actor=emmanuel-macron&topic=nuclear-non-proliferation&stance=supports');
  });

  it('show the first of many aliases and roles of an actor, say so, and show all on demand', async () => {
    const numbered = <Item>(item: (i: number) => Item) => Array.from({ length: 12 }, (_, i) => item(i + 1));
    await service.ask('mutation($input: SaveActorInput!) { saveActor(input: $input) { position } }', {
      input: {
        slug: 'many-names',
        name: 'Many Names',
        kind: 'PERSON',
        aliases: numbered((i) => ({ name: `Alias ${i}` })),
        affiliations: numbered((i) => ({ role: `Role ${i}`, in: 'nato' })),
      },
    });
    const { page } = opened;
    await page.goto('/actors/many-names');
    await page.getByRole('heading', { level: 1, name: 'Many Names' }).waitFor();
    for (const last of ['Alias 12', 'Role 12']) {
      expect(await page.getByText(last, { exact: true }).count(), `${last} at first`).toBe(0);
      const part = page.locator('main').getByText('Showing 10 of 12.').first();
      await part.getByRole('button', { name: 'Show all' }).click();
      await page.getByText(last, { exact: true }).waitFor();
    }
    expect(await page.getByText('Showing 10 of 12.').count()).toBe(0);
  });

  it('say who reports where an actor stands, and draw it hollow', async () => {
    const { page } = opened;
    await page.goto('/actors/emmanuel-macron');
    const reported = page.getByRole('region', { name: /As others report it/ });
    await reported.waitFor();
    expect(await reported.getByRole('listitem').count()).toBe(2);
    expect(await reported.innerText()).toMatch(/Supports according to the Kremlin/);
    const mark = page.getByRole('link', { name: /^Supports, according to the Kremlin: Iran.s right/ });
    expect(await mark.locator('.is-reported').count()).toBe(1);
    const own = page.getByRole('link', { name: /^Supports: Ceasefire in Ukraine/ });
    expect(await own.locator('.is-reported').count()).toBe(0);
    const before = page.getByRole('region', { name: /: Before$/ });
    expect(await before.innerText()).toMatch(/Troops from France and NATO.*Has since shifted to/s);
    await page.goto('/topics/iran-peaceful-nuclear-energy');
    expect(
      await page.getByRole('listitem').filter({ hasText: 'Emmanuel Macron' }).first().innerText(),
    ).toMatch(/Emmanuel Macron\s+according to the Kremlin/);
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
    await page.getByText('report.txt is the text').waitFor();
    expect(await page.locator('.check mark').innerText()).toBe(words);

    const windows = Buffer.from(`\uFEFF${text.replace('\n', '\r\n')}`);
    await field.setInputFiles({ name: 'windows.txt', mimeType: 'text/plain', buffer: windows });
    await page.getByText(/windows\.txt is the text.*once Windows line endings are undone/).waitFor();

    const other = Buffer.from(text.replace('Monday', 'Sunday'));
    await field.setInputFiles({ name: 'other.txt', mimeType: 'text/plain', buffer: other });
    await page.getByText('other.txt is not the text').waitFor();
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
    const { feed, event, events, actor, actors, topic, topics, statement, source, sources } = VIEWS;
    for (const path of [feed, event, events, actor, actors, topic, topics, statement, source, sources]) {
      await page.goto(path);
      // The link becomes one when its address is compressed.
      const href =
        (await page.getByRole('link', { name: 'Ask this in GraphiQL' }).getAttribute('href')) ?? '';
      const operation = await operationOf(new URL(href, service.origin).hash);
      const query = operation?.get('query') ?? '';
      const variables = operation?.get('variables') ?? '';
      await service.ask(query, JSON.parse(variables || '{}'));
      expect(query).toMatch(/^(#.*\n)?query [A-Z]/);
      const parameters = new URLSearchParams({ query, variables });
      expect(href.length, `length of the address on ${path}`).toBeLessThan(String(parameters).length);
    }
  });

  it('say what is not there', async () => {
    const { page } = opened;
    await page.goto('/statements/nothing-of-that-name');
    await page.getByRole('heading', { name: 'There is no statement “nothing-of-that-name”' }).waitFor();
  });
});

describe('a doubtful statement', () => {
  it('is marked as without a place and in the future, and a list shows the beginning of its long quote', async () => {
    const { page, faults } = opened;
    const quote = `${'The talks go on. '.repeat(500)}They end.`;
    const { slug } = await service.record({
      ...{ text: 'The talks will go on for long.', quote, language: 'en' },
      said: '2999-07-02T14:30:00+02:00',
    });
    await page.goto('/');
    const card = page.locator('article', { hasText: 'The talks will go on for long.' });
    await card.getByText('2 July 2999 at 14:30 (UTC+02:00)').waitFor();
    const text = await card.innerText();
    expect(text).toContain('(in the future)');
    expect(text).toContain('(no place in its source is recorded)');
    expect(text).not.toContain('They end.');
    await card.getByRole('link', { name: `The whole quote has ${quote.length} characters` }).click();
    await page.locator('blockquote', { hasText: 'They end.' }).waitFor();
    expect(page.url()).toContain(`/statements/${slug}`);
    await page.getByText('No place in its source is recorded').waitFor();
    await page.getByText('(in the future)').waitFor();
    expect(faults).toEqual([]);
  });
});

describe('a source', () => {
  it('shows what is known of it and its statements in the order of its text', async () => {
    const { page } = opened;
    await page.goto('/sources');
    await page.getByLabel('Find a source by title').fill('nothing like it at all');
    await page.getByText('No source matches “nothing like it at all”.').waitFor();
    await page.getByLabel('Find a source by title').fill('artcle on the call');
    await page.getByRole('link', { name: /News article on the call/ }).click();
    await page.getByText('The text is not public: check it with your own copy.').waitFor();
    await page.getByText('2436 Unicode code points').waitFor();
    await page.locator('.feed .anchor').first().waitFor();
    const places = (await page.locator('.feed .anchor').allInnerTexts()).map((place) =>
      Number(/\d+/.exec(place)?.[0]),
    );
    expect(places.length).toBe(25);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('shows its text with the spans of its statements marked, each a link to its statement', async () => {
    const { page } = opened;
    const text = '🦊 NATO says yes. It also says no.';
    await service.ask('mutation($input: SaveSourceInput!) { saveSource(input: $input) { position } }', {
      input: {
        slug: 'open-text',
        title: 'An open text',
        text,
        digest: digestOf(text),
        length: [...text].length,
      },
    });
    const anchor = (words: string) => {
      const start = [...text.slice(0, text.indexOf(words))].length;
      return { start, end: start + [...words].length, digest: digestOf(words) };
    };
    await service.record({
      text: 'It says no.',
      source: 'open-text',
      anchors: [anchor('It also says no.')],
    });
    await service.record({
      text: 'NATO says yes.',
      source: 'open-text',
      anchors: [anchor('NATO says yes.')],
    });
    await service.record({ text: 'NATO says it somewhere.', source: 'open-text' });
    await page.goto('/sources/open-text');
    await page.getByText('3 statements, in the order of the text').waitFor();
    expect(await page.locator('.source-text mark').allInnerTexts()).toEqual([
      'NATO says yes.',
      'It also says no.',
    ]);
    expect(await page.locator('.feed .statement-text').allInnerTexts()).toEqual([
      'NATO says yes.',
      'It says no.',
      'NATO says it somewhere.',
    ]);
    await page.getByText('(no place in its source is recorded)').waitFor();
    await page.locator('.source-text a').first().click();
    await page.locator('.feed > li:target', { hasText: 'NATO says yes.' }).waitFor();
  });
});

describe('the page of a collection', () => {
  it('says where it is from, and shows what was imported, with coders and unresolved speakers', async () => {
    const { page } = opened;
    const statement = { act: 'PLEDGE', said: '2025-07-01', source: 'imported-gazette' };
    const lines = [
      {
        readout: 1,
        collection: { slug: 'papers', title: 'Papers of 2025', version: '3', licence: 'CC BY 4.0' },
      },
      { source: { slug: 'imported-gazette', title: 'A gazette' } },
      { statement: { ...statement, text: 'France will attend.', mode: 'INDIRECT', speakers: ['france'] } },
      {
        statement: {
          ...{ ...statement, quote: 'We shall go.', mode: 'DIRECT' },
          ...{ mentions: [{ as: 'the minister' }], coder: 'anna', confidence: 0.7 },
        },
      },
    ];
    const imported = await fetch(`${service.origin}/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
    });
    expect(await imported.text()).toContain('"refused":0');
    await page.goto('/collections');
    await page.getByRole('link', { name: 'Papers of 2025' }).click();
    await page.getByRole('heading', { name: '2 statements' }).waitFor();
    const text = await page.locator('.collection-view').innerText();
    expect(text).toMatch(/Version\s+3\s+Licence\s+CC BY 4.0/);
    expect(text).toContain('2 statements, 0 actors, 0 topics, 1 source, 0 events');
    await page.getByText('France will attend.').waitFor();
    const coded = page.locator('.feed article', { hasText: 'We shall go.' });
    expect(await coded.innerText()).toMatch(/“the minister” pledges[\s\S]*coded by anna, confidence 70 %/);
  });
});
