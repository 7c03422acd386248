import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine, escapeFormula, joinItems, splitItems, unescapeFormula } from '../../src/import/cell.ts';
import { rowOf, STATEMENT_COLUMNS, statementOf } from '../../src/import/cells.ts';

/** Texts of the characters that have a meaning in a cell, and a few others. */
const text = fc.string({ unit: fc.constantFrom(...'=+-@\'";\\,: \t\r\n/>aé😀＝'), maxLength: 8 });

const STATEMENT = {
  key: 'call-1',
  slug: 'a-truce-is-near',
  text: '=SUM(A1)',
  quote: 'One; two,\n"three"',
  mode: 'DIRECT',
  act: 'STATE',
  speakers: ['anna', 'boris'],
  attribution: [
    { actor: 'clara', form: 'READOUT' },
    { actor: 'daily-news', form: 'REPORT' },
  ],
  said: '2024-05~',
  topics: [{ topic: 'truce', stance: 'SUPPORTS' }, { topic: 'peace' }],
  source: 'the-call',
  anchors: [
    { start: 0, end: 4, digest: 'a'.repeat(64), exact: ' a; ' },
    { start: 9, end: 12, digest: 'b'.repeat(64) },
  ],
  links: [{ to: 'earlier', kind: 'SHIFTS_FROM' }],
};
const SOURCE = { title: 'The call', publisher: 'daily-news', url: 'https://example.org/1', length: 12 };

const cellsOf = (row: readonly string[]) =>
  Object.fromEntries(STATEMENT_COLUMNS.map((column, i) => [column, row[i]]));

describe('a cell', () => {
  it('keeps any text that could be a formula, and none begins with =, +, - or @', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(escapeFormula(given)).not.toMatch(/^[=+\-@＝\t\r\n]/);
        expect(unescapeFormula(escapeFormula(given))).toBe(given);
      }),
    );
  });

  it('keeps any list, with the separators and blanks in its items', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (items) => {
        expect(splitItems(joinItems(items))).toEqual(items);
      }),
    );
    expect(splitItems('a;b ; c')).toEqual(['a', 'b', 'c']);
    expect(splitItems('')).toEqual([]);
  });
});

describe('a row', () => {
  it('has a statement with every list, and the source that it describes', () => {
    const cells = cellsOf(rowOf(STATEMENT, SOURCE, 'papers'));
    expect(cells).toMatchObject({
      text: "'=SUM(A1)",
      speakers: 'anna; boris',
      attribution: 'clara/READOUT > daily-news/REPORT',
      topics: 'truce:SUPPORTS; peace',
      'source.title': 'The call',
      'anchor.start': '0; 9',
      'anchor.exact': '\\ a\\;\\ ; ',
      links: 'earlier:SHIFTS_FROM',
    });
    expect(statementOf(cells)).toEqual({ statement: STATEMENT, source: { slug: 'the-call', ...SOURCE } });
  });

  it('makes the slug of a source from its title where it has none', () => {
    const { statement, source } = statementOf({ text: 'A truce is near.', 'source.title': 'The call' });
    expect(statement.source).toBe('the-call');
    expect(source).toEqual({ slug: 'the-call', title: 'The call' });
  });

  it('is a line of CSV that ends with CRLF and quotes what has to be quoted', () => {
    expect(csvLine(['a', 'b,c', 'd "e"', 'f\ng', 'h; i', ''])).toBe('a,"b,c","d ""e""","f\ng","h; i",\r\n');
  });
});
