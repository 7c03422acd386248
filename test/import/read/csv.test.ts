import { describe, expect, it } from 'vitest';
import { ReadoutError } from '../../../src/base/errors.ts';
import { readCsv } from '../../../src/import/read/csv.ts';
import { parseCsvMap } from '../../../src/import/read/csvMap.ts';
import { readItems } from '../../support/items.ts';

const HEADER = ['text', 'speakers', 'said', 'source', 'source.title'];
const table = (separator: string, end: string, rows: readonly string[][]): string =>
  [HEADER, ...rows].map((cells) => cells.join(separator)).join(end);
const read = (text: string | Uint8Array, map?: string) =>
  readItems(
    (bytes, options) =>
      readCsv(bytes, { ...options, ...(map !== undefined && { map: parseCsvMap('map.yaml', map) }) }),
    [text],
    'a.csv',
  );

describe('CSV', () => {
  it.each([
    ['commas and LF', ',', '\n', ''],
    ['semicolons, CRLF and a byte order mark', ';', '\r\n', '\uFEFF'],
    ['tabs', '\t', '\n', ''],
  ])('is read with %s', async (_, separator, end, mark) => {
    const rows = [
      ['"One, two;\tthree\nlines"', 'anna', '2025-07-01', 'gazette', 'Gazette'],
      ['Four.', 'boris', '2025-07', 'gazette', 'Gazette'],
    ];
    expect(await read(mark + table(separator, end, rows))).toEqual([
      { kind: 'source', value: { slug: 'gazette', title: 'Gazette' }, place: { file: 'a.csv', line: 2 } },
      {
        kind: 'statement',
        value: { text: 'One, two;\tthree\nlines', speakers: ['anna'], said: '2025-07-01', source: 'gazette' },
        place: { file: 'a.csv', line: 2 },
      },
      {
        kind: 'statement',
        value: { text: 'Four.', speakers: ['boris'], said: '2025-07', source: 'gazette' },
        place: { file: 'a.csv', line: 4 },
      },
    ]);
  });

  it.each([
    ['in pieces that are smaller than the first line', 'text;said\nOne.;2025\n', 1],
    ['with blank lines and rows of blank cells', '\n\ntext;said\n;\n \nOne.;2025\n;', 1_000],
    ['with CRLF behind the first line only', 'text;said\r\nOne.;2025\n', 3],
    ['with CRLF behind the rows only', 'text;said\nOne.;2025\r\n', 2],
    ['with CR', 'text;said\rOne.;2025\r', 4],
  ])('is read %s', async (_, text, length) => {
    const pieces = Array.from({ length: Math.ceil(text.length / length) }, (_, i) =>
      text.slice(i * length, (i + 1) * length),
    );
    const items = await readItems(readCsv, pieces, 'a.csv');
    const line = text.startsWith('\n') ? 6 : 2;
    expect(items).toEqual([
      { kind: 'statement', value: { text: 'One.', said: '2025' }, place: { file: 'a.csv', line } },
    ]);
  });

  it('takes quotation marks within a cell as they are, and loses no row after them', async () => {
    const items = await read('text,said\nThey said "no" twice,2025\n"No" again,2025\nab "c,2025\nTwo.,2025');
    expect(items.map((item) => (item.kind === 'statement' ? item.value : item))).toEqual([
      { text: 'They said "no" twice', said: '2025' },
      { text: '"No" again', said: '2025' },
      { text: 'ab "c', said: '2025' },
      { text: 'Two.', said: '2025' },
    ]);
  });

  it('refuses a table that has a column twice', async () => {
    expect(await read('text,text,said\nOne.,Two.,2025')).toEqual([
      expect.objectContaining({
        kind: 'unread',
        reason: expect.stringContaining('several columns with the name “text”'),
      }),
    ]);
  });

  it('refuses rows that are not UTF-8, and takes others with the character for what can’t be shown', async () => {
    const rows = Buffer.from('text,said\nOne.,2025\nGr\xf6\xdfe,2025\nTwo.,2025', 'latin1');
    expect(await read(rows)).toMatchObject([
      { kind: 'statement', value: { text: 'One.' } },
      { kind: 'unread', place: { line: 3 }, reason: expect.stringContaining('CSV UTF-8') },
      { kind: 'statement', value: { text: 'Two.' } },
    ]);
    const text = 'Größe \uFFFD';
    expect(await read(`text\n${text}`)).toMatchObject([{ value: { text } }]);
  });

  it('reads UTF-16 with a byte order mark in both byte orders, and refuses what is incomplete', async () => {
    const rows = '\uFEFFtext\tsaid\nGröße, Ċ 🦊 \uFFFD\t2025';
    const little = Buffer.from(rows, 'utf16le');
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      const text = 'Größe, Ċ 🦊 \uFFFD';
      expect(await read(bytes)).toMatchObject([{ value: { text, said: '2025' } }]);
      expect(await read(bytes.subarray(0, -1))).toMatchObject([{ kind: 'unread', place: { line: 2 } }]);
    }
    expect(await read(Buffer.from('text\nMalm\xf6', 'latin1'))).toMatchObject([
      { kind: 'unread', place: { line: 2 }, reason: expect.stringContaining('CSV UTF-8') },
    ]);
  });

  it('counts the cells of columns that it does not read', async () => {
    const place = { file: 'a.csv', line: 2 };
    const rows = 'text,Note,said,Page\nOne.,seen,2025,\nTwo.,seen again,2025,';
    expect((await read(rows)).at(-1)).toEqual({
      ...{ kind: 'omitted', place, what: 'cells of the column “Note”', count: 2 },
    });
    const mapped = await read('Words,Note\nOne.,seen', 'columns: { Words: text }');
    expect(mapped.at(-1)).toMatchObject({ kind: 'omitted', what: 'cells of the column “Note”', count: 1 });
  });

  it('refuses what a spreadsheet has spoilt, and rows that are broken, and reads the others', async () => {
    const items = await read(
      table(',', '\n', [
        ['One.', 'anna', '45123', 'gazette', ''],
        ['####', 'anna', '2025', 'gazette', ''],
        ['Two.', 'anna', '2025', 'gazette', '', 'more'],
        ['Three.', 'anna', '2025', 'gazette', ''],
        ['"Four.', 'anna', '2025', 'gazette', ''],
      ]),
    );
    expect(items).toMatchObject([
      { kind: 'unread', place: { line: 2 }, path: ['said'], reason: expect.stringContaining('spreadsheet') },
      { kind: 'unread', place: { line: 3 }, path: ['text'], reason: expect.stringContaining('too narrow') },
      { kind: 'unread', place: { line: 4 }, reason: expect.stringContaining('6 cells') },
      { kind: 'statement', place: { line: 5 }, value: { text: 'Three.' } },
      { kind: 'unread', place: { line: 6 }, reason: expect.stringContaining('CSV') },
    ]);
  });

  it('with other columns needs a mapping', async () => {
    expect(await read('Speaker,Words\nAnna,Hello\n')).toMatchObject([{ kind: 'unread', place: { line: 1 } }]);
  });

  it('is mapped by columns, splits, choices, dates, slugs and constants', async () => {
    const map = `
columns:
  Words: text
  When: { to: said, date: D.M.YYYY }
  Who: { to: speakers, split: "|", slug: true }
  Concept: { to: topics, slug: true, adds: proposition }
  Agreement: { to: topics, enum: { "1": SUPPORTS, "0": OPPOSES } }
  Paper: source.title
constants: { mode: INDIRECT, act: STATE }
`;
    const items = await read(
      'Who;When;Words;Concept;Agreement;Paper\nAnna Alt | Bo;1.7.2025;Hello;Free trade;0;The Paper\nBo;7/1/25;Hi;Free trade;1;The Paper\nBo;1.7.2025;Hi;Free trade;2;The Paper\n',
      map,
    );
    expect(items).toMatchObject([
      { kind: 'topic', value: { slug: 'free-trade', name: 'Free trade', proposition: 'Free trade' } },
      { kind: 'source', value: { slug: 'the-paper', title: 'The Paper' } },
      {
        kind: 'statement',
        value: {
          ...{ text: 'Hello', said: '2025-07-01', mode: 'INDIRECT', act: 'STATE', source: 'the-paper' },
          speakers: ['anna-alt', 'bo'],
          topics: [{ topic: 'free-trade', stance: 'OPPOSES' }],
        },
      },
      { kind: 'unread', path: ['When'], reason: expect.stringContaining('D.M.YYYY') },
      { kind: 'unread', path: ['Agreement'], reason: expect.stringContaining('the mapping does not name') },
    ]);
  });

  it('refuses a mapping to a column that does not exist, with its path', () => {
    expect(() => parseCsvMap('map.yaml', 'columns: { Words: txt }')).toThrow(ReadoutError);
    expect(() => parseCsvMap('map.yaml', 'columns: { Words: txt }')).toThrow('columns.Words');
    const wrong = 'columns: { Words: { to: txt } }';
    expect(() => parseCsvMap('map.yaml', wrong)).toThrow(/columns\.Words must be a column of the export/);
  });
});
