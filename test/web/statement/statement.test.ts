import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { StatementCardData } from '../../../src/web/cards/statementFragment.ts';
import { checkSource } from '../../../src/web/check/checkSource.ts';
import { citeAsBibtex, citeAsCsl, citeAsText } from '../../../src/web/statement/citation.ts';
import { wordDifference } from '../../../src/web/statement/wordDifference.ts';

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
const bytesOf = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

describe('checking a source', () => {
  const text = '𝔸 dove 🕊 said so.\nAnd no more.\n';
  const words = '🕊 said';
  const span = { start: 7, end: 13, digest: digestOf(words) };

  it('counts in code points', async () => {
    const { whole, length, spans } = await checkSource(bytesOf(text), digestOf(text), [span]);
    expect(whole).toBe(true);
    expect(length).toBe([...text].length);
    expect(spans).toEqual([
      { ...span, matches: true, before: '𝔸 dove ', words, after: ' so.\nAnd no more.\n' },
    ]);
  });

  it.each([
    ['a byte order mark', `\uFEFF${text}`],
    ['Windows line endings', text.replaceAll('\n', '\r\n')],
    ['the lack of a line feed at the end', text.slice(0, -1)],
  ])('undoes %s', async (undone, given) => {
    const check = await checkSource(bytesOf(given), digestOf(text), [span]);
    expect(check).toMatchObject({ whole: true, undone, spans: [{ matches: true }] });
  });

  it('tells another text, and which spans are the same in it', async () => {
    const check = await checkSource(bytesOf(text.replace('more', 'less')), digestOf(text), [
      span,
      { start: 18, end: 29, digest: digestOf('And no more') },
    ]);
    expect(check.whole).toBe(false);
    expect(check.spans.map(({ matches }) => matches)).toEqual([true, false]);
  });

  it('says that it can’t tell of the whole where the record has no digest', async () => {
    expect((await checkSource(bytesOf(text), null, [span])).whole).toBeNull();
  });

  it('refuses what is not UTF-8', async () => {
    await expect(checkSource(new Uint8Array([0xff, 0xd8]).buffer, null, [])).rejects.toThrow(TypeError);
  });
});

describe('the difference of two versions', () => {
  const shown = (before: string, after: string) =>
    wordDifference(before, after)
      .map(({ text, change }) =>
        change === 'same' ? text : `${change === 'added' ? '+' : '-'}{${text.trim()}} `,
      )
      .join('')
      .trim();

  it('is shown word by word', () => {
    expect(shown('Talks begin on Monday.', 'Talks begin on Tuesday.')).toBe(
      'Talks begin on -{Monday.} +{Tuesday.}',
    );
    expect(shown('All agree.', 'All sides agree.')).toBe('All +{sides} agree.');
    expect(shown('Same.', 'Same.')).toBe('Same.');
  });

  it('does not compare what is very long', () => {
    const long = 'word '.repeat(500);
    expect(wordDifference(long, `${long}more`)).toHaveLength(2);
  });
});

describe('citations', () => {
  const person = (slug: string, name: string) => ({ slug, name, kind: 'PERSON' as const });
  const statement = {
    slug: 'both-agree',
    text: 'Rights & duties go together: 100% of them.',
    quote: null,
    language: null,
    mentions: [],
    speakers: [person('a', 'Ann Ames'), person('b', 'Bo Berg')],
    attribution: [{ form: 'READOUT', actor: { slug: 'palace', name: 'Palace', kind: 'BODY' } }],
    said: { edtf: '2025-07~', earliest: '2025-07-01', latest: '2025-07-31' },
    source: { slug: 's', title: 'A report', url: null, publishedOn: '2025-08-01' },
    anchors: [
      { start: 3, end: 9, role: 'CONTENT', page: null, paragraph: null, timeCode: null, status: 'PLACED' },
    ],
    retraction: null,
  } as unknown as StatementCardData;
  const cited = {
    statement,
    publisher: null,
    address: 'http://x/statements/both-agree',
    cursor: '9.e',
    today: '2025-09-01',
  };

  it('say in one paragraph who, on whose account, when and where', () => {
    expect(citeAsText(cited)).toBe(
      'Ann Ames and Bo Berg (according to the Palace’s readout), about July 2025: Rights & duties go together: 100% of them. ' +
        'In: A report, 1 August 2025, code points 3–9. ' +
        'Readout, http://x/statements/both-agree (record at 9.e, read on 1 September 2025).',
    );
  });

  it('escape what LaTeX would take for its own', () => {
    const entry = citeAsBibtex(cited);
    expect(entry).toContain('title = {{Rights \\& duties go together: 100\\% of them.}}');
    expect(entry).toContain('author = {{Ann Ames} and {Bo Berg}}');
    expect(entry).toContain('month = {07}');
  });

  it('keep in CSL that the date is not certain', () => {
    const [item] = JSON.parse(citeAsCsl(cited));
    expect(item.issued).toEqual({ 'date-parts': [[2025, 7]], circa: true, raw: '2025-07~' });
  });

  it('have the day of a statement with a time of day', () => {
    const said = { edtf: '2025-07-01T14:30+02:00', earliest: '2025-07-01', latest: '2025-07-01' };
    const timed = { ...cited, statement: { ...statement, said } };
    expect(JSON.parse(citeAsCsl(timed))[0].issued).toEqual({ 'date-parts': [[2025, 7, 1]], raw: said.edtf });
    expect(citeAsText(timed)).toContain('1 July 2025 at 14:30 (UTC+02:00): ');
    expect(citeAsBibtex(timed)).toContain('month = {07}');
  });

  it('have the beginning of a long quote', () => {
    const quote = 'word '.repeat(2_000).trim();
    const text = citeAsText({ ...cited, statement: { ...statement, quote } });
    expect(text).toContain('word word …” In: A report');
    expect(text.length).toBeLessThan(1_000);
  });

  it('name speakers that are not identified as the source does, and give page and time code', () => {
    const [anchor] = statement.anchors;
    const coded = {
      ...statement,
      text: null,
      quote: 'We talk.',
      speakers: [],
      mentions: [{ as: 'the president', actor: null }],
      anchors: [
        { ...anchor, role: 'SPEAKER' },
        { ...anchor, start: null, end: null, page: '4', timeCode: '00:12:34' },
      ],
    } as unknown as StatementCardData;
    expect(citeAsText({ ...cited, statement: coded })).toContain(
      '“the president” (according to the Palace’s readout), about July 2025: “We talk.” In: A report, 1 August 2025, page 4, at 00:12:34.',
    );
    expect(citeAsBibtex({ ...cited, statement: coded })).toContain('author = {{“the president”}}');
    expect(JSON.parse(citeAsCsl({ ...cited, statement: coded }))[0].title).toBe('“We talk.”');
  });

  it('never hide a retraction', () => {
    const retraction = { reason: 'Wrong.', at: '2025-09-01T00:00:00.000Z', by: 'x' };
    expect(citeAsText({ ...cited, statement: { ...statement, retraction } })).toMatch(/^\[Retracted\]/);
  });
});
