import { afterAll, beforeAll, expect, it } from 'vitest';
import { NOUN_KINDS } from '../../../src/import/nounCells.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { exportedContent, loadContent } from '../../support/exported.ts';
import { CHANGED, TestSocket } from '../../support/follow.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';

/** A service over a record that began empty. */
interface Copy {
  readonly test: TestDatabase;
  readonly service: TestService;
  readonly recorder: { readonly authorization: string };
}

const copies: Copy[] = [];
let first: Copy;

async function startCopy(): Promise<Copy> {
  const test = await createTestDatabase({ seeded: false });
  const service = await startTestService(test.url);
  const copy = { test, service, recorder: await bearer(test.db, 'recorder') };
  copies.push(copy);
  return copy;
}

async function exportOf({ service }: Copy, path: string): Promise<string> {
  const response = await fetch(`${service.origin}${path}`);
  expect(response.status, path).toBe(200);
  return response.text();
}

async function importInto({ service, recorder }: Copy, body: string, query = ''): Promise<void> {
  const response = await fetch(`${service.origin}/import${query}`, {
    method: 'POST',
    body,
    headers: recorder,
  });
  const last = JSON.parse((await response.text()).trim().split('\n').at(-1) as string);
  expect(last).toMatchObject({ report: { complete: true, refusals: [] } });
}

const afterHeader = (text: string): string => text.slice(text.indexOf('\n') + 1);
const filterOf = (filter: object): string => `filter=${encodeURIComponent(JSON.stringify(filter))}`;
const lines = (...values: object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

const statement = (slug: string, more: object = {}) => ({
  slug,
  text: `The words of ${slug}; “quoted”, and = more.`,
  mode: 'INDIRECT',
  act: 'STATE',
  speakers: ['anna'],
  said: '2025-07-01',
  source: 'gazette',
  ...more,
});

/** A record whose entries belong to two collections and to none. */
const RECORD = [
  lines(
    { readout: 1, collection: { slug: 'papers', title: 'Papers', version: '2', licence: 'CC0-1.0' } },
    {
      actor: {
        slug: 'anna',
        name: 'Anna',
        kind: 'PERSON',
        aliases: [
          { name: '-A; b', language: 'de' },
          { name: 'Nan', from: '2001~' },
        ],
        affiliations: [{ in: 'state', role: 'Minister', from: '2020', to: '2025-07' }],
        identifiers: [{ scheme: 'wikidata', value: 'Q1' }],
      },
    },
    { actor: { slug: 'state', name: 'State', kind: 'STATE' }, collection: null },
    { topic: { slug: 'truce', name: 'Truce', proposition: 'There should be a truce.', parent: 'peace' } },
    { topic: { slug: 'peace', name: 'Peace' }, collection: 'others' },
    { source: { slug: 'gazette', title: 'Gazette', publishedOn: '2025-07-01', text: 'Some\nwords.' } },
    {
      event: {
        slug: 'talks',
        name: 'Talks',
        kind: 'MEETING',
        date: '2025-06/2025-07',
        participants: ['anna'],
      },
    },
    { statement: statement('one', { topics: [{ topic: 'truce', stance: 'SUPPORTS' }], events: ['talks'] }) },
    { statement: statement('two', { links: [{ to: 'one', kind: 'ECHOES' }] }), collection: 'others' },
    { statement: statement('three'), collection: null },
  ),
  lines({ readout: 1, collection: { slug: 'others', title: 'Others' } }, { statement: statement('four') }),
  lines({ readout: 1, content: 'current' }, { statement: statement('five', { key: 'the fifth' }) }),
].join('');

beforeAll(async () => {
  first = await startCopy();
  await importInto(first, RECORD);
});
afterAll(async () => {
  for (const { test, service } of copies) {
    await service.stop();
    await test.drop();
  }
});

it('the content of several collections is the same after an import into an empty record', async () => {
  const content = await exportOf(first, '/export.jsonl');
  expect(content).toContain(
    '{"collection":{"slug":"papers","title":"Papers","version":"2","licence":"CC0-1.0"}}',
  );
  const second = await startCopy();
  await importInto(second, content);
  expect(afterHeader(await exportOf(second, '/export.jsonl'))).toBe(afterHeader(content));
  const { data } = await second.service.ask<{ statements: { nodes: unknown[] } }>(
    '{ statements { nodes { slug collection { slug title } } } }',
  );
  const papers = { slug: 'papers', title: 'Papers' };
  const others = { slug: 'others', title: 'Others' };
  expect(data?.statements.nodes).toEqual([
    { slug: 'five', collection: null },
    { slug: 'four', collection: others },
    { slug: 'three', collection: null },
    { slug: 'two', collection: others },
    { slug: 'one', collection: papers },
  ]);
});

it('the content of a filter is the same, with what belongs to other collections than the one of the filter', async () => {
  for (const filter of [{ collections: ['others'] }, { topics: ['peace'] }]) {
    const content = await exportOf(first, `/export.jsonl?${filterOf(filter)}`);
    const copy = await createTestDatabase({ seeded: false });
    expect(await loadContent(copy.db, content)).toEqual([]);
    expect((await exportedContent(copy.db, filter)).body).toBe(afterHeader(content));
    await copy.drop();
    // “two” links to a statement of another collection.
    expect(content.includes('"cutLinks":1')).toBe('collections' in filter);
  }
});

it('the tables of CSV are the same after an import into an empty record', async () => {
  const tables = [...NOUN_KINDS.map((kind) => `/export.csv?of=${kind}s`), '/export.csv?bom=1'];
  const second = await startCopy();
  for (const table of tables) await importInto(second, await exportOf(first, table), '?format=csv');
  for (const table of tables) expect(await exportOf(second, table)).toBe(await exportOf(first, table));
});

it('everything belongs to the collection that the address names, whatever the lines say', async () => {
  const second = await startCopy();
  await importInto(second, await exportOf(first, '/export.jsonl'), '?collection=all');
  const again = await exportOf(second, '/export.jsonl');
  expect(again).not.toContain('"papers"');
  expect(again.match(/,"collection":"all"\}$/gm)).toHaveLength(11);
});

it('a client goes on with its old cursor where the history was restored', async () => {
  const { data } = await first.service.ask<{ record: { cursor: string } }>('{ record { cursor } }');
  const cursor = data?.record.cursor as string;
  await importInto(first, lines({ statement: statement('later') }));
  const second = await startCopy();
  await importInto(second, await exportOf(first, '/export.jsonl?content=history'));
  const socket = new TestSocket(second.service.origin);
  const received = socket.follow({ query: CHANGED, variables: { after: cursor } });
  await received.count(1);
  expect(received.slugs).toEqual(['later']);
  expect(received.hasUnbrokenChain(cursor)).toBe(true);
  await socket.close();
});
