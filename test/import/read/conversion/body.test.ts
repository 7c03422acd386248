import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Item } from '../../../../src/import/item.ts';
import { BodyReader } from '../../../../src/import/read/conversion/body.ts';
import { type Format, READERS, readFile as readItemsOfFile } from '../../../../src/import/read/readers.ts';
import { withDnaFile } from '../../../support/dnaFile.ts';
import { readItems } from '../../../support/items.ts';
import { until } from '../../../support/until.ts';

const SEED = `
actors:
  - { slug: anna, name: Anna, kind: PERSON, aliases: [&other { name: Ana }] }
  - { slug: bea, name: Bea, aliases: [*other] }
topic: []
`;
const POPOLO = '{"persons": [\n{"id": "1", "name": "Ana Ruiz", "gender": "female"},\n{"id": "2"}]}';
const SITTING = `<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="ParlaMint-XX_2025-07-01">
<text><body><div><head>Debate</head><u who="#Anna"><seg>We will attend.</seg></u></div></body></text></TEI>`;

const reader = new BodyReader();

async function itemsOf(
  format: Format,
  body: string | Uint8Array,
  { own = reader, signal = new AbortController().signal, onWork = (_: number): void => undefined } = {},
): Promise<Item[]> {
  const items: Item[] = [];
  const bytes = Readable.from([Buffer.from(body)]);
  for await (const item of own.read(bytes, format, { file: 'body', signal, onWork })) items.push(item);
  return items;
}

/** A seed file that takes the parser some seconds. */
const longSeed = (): string =>
  `actors:\n${Array.from({ length: 10_000 }, (_, i) => `  - { slug: a-${i}, name: "A ${i}", kind: PERSON }\n`).join('')}`;

let directory: string;

beforeAll(async () => {
  // Other tests keep bodies at the same time.
  directory = await mkdtemp(join(tmpdir(), 'readout-bodies-'));
  vi.stubEnv('TMPDIR', directory);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

const temporary = async (): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.startsWith('readout-body-'));

it.each([
  ['YAML', 'seed', SEED],
  ['broken YAML', 'seed', '{ not: [YAML'],
  ['Popolo', 'popolo', POPOLO],
  ['broken JSON', 'popolo', '{'],
  ['a sitting', 'parlamint', SITTING],
  ['XML with words', 'parlamint', '<TEI>\n<w/></TEI>'],
] as const)('the items of a body are those of its reader, with their places: %s', async (_, format, body) => {
  const items = await itemsOf(format, body);
  expect(items.length).toBeGreaterThan(0);
  expect(items).toEqual(await readItems(READERS[format], [body], 'body'));
});

it('a DNA file is read, and another file is refused', async () => {
  await withDnaFile(3, async (path) => {
    const items: Item[] = [];
    for await (const item of readItemsOfFile(path, 'dna', { file: 'body' })) items.push(item);
    expect(items.length).toBeGreaterThan(5);
    expect(await itemsOf('dna', await readFile(path))).toEqual(items);
  });
  await expect(itemsOf('dna', 'no database')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

it('the event loop is free while a body is read, and the time is counted', async () => {
  let turns = 0;
  let workMs = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 10);
  const onWork = (ms: number): void => {
    workMs += ms;
  };
  expect(await itemsOf('seed', longSeed(), { onWork })).toHaveLength(10_000);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(20);
  expect(workMs).toBeGreaterThan(0);
});

it('a body that needs more memory or time than the process has is refused', async () => {
  for (const [limits, limit] of [
    [{ heapMbMax: 24 }, 'IMPORT_HEAP_MB_MAX'],
    [{ timeoutMs: 1 }, 'IMPORT_READ_TIMEOUT_MS'],
  ] as const)
    await expect(itemsOf('seed', longSeed(), { own: new BodyReader(limits) })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { limit },
    });
});

it('a process that can’t start is not taken for one without memory', async () => {
  const own = new BodyReader({ heapMbMax: Number.NaN });
  await expect(itemsOf('seed', SEED, { own })).rejects.toThrow(/has ended with the code \d+/);
});

it('the process ends with its import, and leaves no file', async () => {
  const abort = new AbortController();
  const items = itemsOf('seed', longSeed(), { signal: abort.signal });
  await until('the body is kept', async () => (await temporary()).length > 0);
  abort.abort();
  expect(await items).toEqual([]);
  expect(await temporary()).toEqual([]);
  expect(await itemsOf('seed', SEED), 'the next body is read').toHaveLength(3);
});
