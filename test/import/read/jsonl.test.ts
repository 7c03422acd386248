import { describe, expect, it } from 'vitest';
import { INPUT_MAX } from '../../../src/domain/input/field.ts';
import type { ImportItem, Unread } from '../../../src/import/item.ts';
import {
  IMPORT_ENTRY_LENGTH_MAX,
  IMPORT_LINE_VALUES_MAX,
  jsonlLine,
  readJsonl,
} from '../../../src/import/read/jsonl.ts';
import { IMPORT_LINE_BYTES_MAX } from '../../../src/import/read/lines.ts';
import { readItems } from '../../support/items.ts';

const read = (pieces: readonly (string | Uint8Array)[]) => readItems(readJsonl, pieces);
const at = (line: number) => ({ file: 'a.jsonl', line });

describe('Readout JSONL', () => {
  it('is read line by line, however its bytes are cut, with LF or CRLF and a byte order mark', async () => {
    const text =
      '\uFEFF{"readout":1,"content":"current"}\r\n\n{"actor":{"slug":"zaïre"}}\r\n{"statement":{"text":"🕊"}}';
    const whole = await read([text]);
    expect(whole).toEqual([
      { kind: 'header', value: { readout: 1, content: 'current' }, place: at(1) },
      { kind: 'actor', value: { slug: 'zaïre' }, place: at(3) },
      { kind: 'statement', value: { text: '🕊' }, place: at(4) },
    ]);
    expect(await read([...Buffer.from(text)].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it.each([
    ['{"actor":', 'is not JSON'],
    ['[1]', 'is not an object'],
    ['{}', 'must have one key'],
    ['{"actor":{},"topic":{}}', 'must have one key'],
    ['{"actress":{}}', 'is not a kind of line'],
    ['{"readout":2}', 'is not a version that this service reads'],
    [Uint8Array.of(0x7b, 0xff, 0x7d), 'is not UTF-8'],
  ])('refuses the line %j with its reason, and reads the next one', async (line, reason) => {
    const [refused, next] = await read([line, '\n{"actor":{"slug":"a"}}']);
    expect(refused).toMatchObject({ kind: 'unread', place: at(1), reason: expect.stringContaining(reason) });
    expect(next).toMatchObject({ kind: 'actor', place: at(2) });
  });

  it('refuses a line that is too long without keeping it', async () => {
    const piece = Buffer.alloc(IMPORT_LINE_BYTES_MAX / 2, 'x');
    const items = await read([piece, piece, piece, '\n{"actor":{"slug":"a"}}\n']);
    expect(items).toMatchObject([
      { kind: 'unread', place: at(1), reason: expect.stringContaining('is longer than') },
      { kind: 'actor', place: at(2) },
    ]);
  });

  it('refuses an entry with more than it can have, but not the text of a source', async () => {
    const entry = (kind: string, field: string, length: number) =>
      `${JSON.stringify({ [kind]: { slug: 'a', [field]: 'ж'.repeat(length) } })}\n`;
    const items = await read([
      entry('actor', 'description', IMPORT_ENTRY_LENGTH_MAX),
      entry('source', 'text', INPUT_MAX.sourceText),
      entry('source', 'text', 4 * INPUT_MAX.sourceText),
      entry('actor', 'description', 2_000),
    ]);
    expect(items.map(({ kind, length = 0 }) => [kind, length > 0])).toEqual([
      ['unread', false],
      ['source', true],
      ['unread', false],
      ['actor', true],
    ]);
  });

  it('takes turns with other work while it reads a long line', async () => {
    let turns = 0;
    let isReading = true;
    const count = (): void => {
      turns += 1;
      if (isReading) setImmediate(count);
    };
    setImmediate(count);
    await read([JSON.stringify({ source: { slug: 'a', text: '"'.repeat(IMPORT_LINE_BYTES_MAX / 3) } })]);
    isReading = false;
    expect(turns).toBeGreaterThan(1);
  });

  it('refuses a line of too many values, but not a long text, and reads the next one', async () => {
    const quoted = JSON.stringify({ source: { slug: 'a', text: '[{"\\,'.repeat(IMPORT_LINE_VALUES_MAX) } });
    const values = (count: number) => `{"actor":[${'0,'.repeat(count - 3)}0]}`;
    const lines = [
      quoted,
      values(IMPORT_LINE_VALUES_MAX),
      values(IMPORT_LINE_VALUES_MAX + 1),
      '['.repeat(100_000),
    ];
    const items = await read([`${lines.join('\n')}\n{"actor":{"slug":"a"}}\n`]);
    expect(items.map(({ kind }) => kind)).toEqual(['source', 'actor', 'unread', 'unread', 'actor']);
    const refusal = { reason: expect.stringContaining(`more than ${IMPORT_LINE_VALUES_MAX} values`) };
    expect(items.slice(2, 4)).toMatchObject([refusal, refusal]);
  });

  it('keeps the place and the reason of what was converted from another format', async () => {
    const place = { file: 'table.csv', line: 12 };
    const items: (ImportItem | Unread)[] = [
      { kind: 'collection', value: { slug: 'papers', title: 'Papers' }, place },
      { kind: 'statement', value: { text: 'T' }, place, collection: 'papers' },
      { kind: 'unread', place, path: ['topics', 0], reason: 'names no topic' },
    ];
    expect(await read(items.map((item) => jsonlLine(item, true)))).toEqual(items);
  });
});
