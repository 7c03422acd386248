import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/domain/anchor.ts';
import { type AnchoredSource, chooseSource, verifySource } from '../../src/verify/source.ts';

const TEXT = 'Ruritania’s minister 🙂 spoke.\nThe talks go on.\n';
const span = (start: number, end: number) => ({
  start,
  end,
  digest: sha256([...TEXT].slice(start, end).join('')),
});
const source: AnchoredSource = {
  slug: 'report',
  digest: sha256(TEXT),
  length: [...TEXT].length,
  statements: [
    { slug: 'first', anchors: [span(0, 20), span(23, 28)] },
    { slug: 'second', anchors: [{ ...span(30, 46), exact: 'The talks go on.' }] },
  ],
};
const failed = (text: string) =>
  verifySource(source, text)
    .anchors.filter(({ reason }) => reason !== null)
    .map(({ statement, start }) => `${statement} ${start}`);

describe('checking a text against a source', () => {
  it('passes every anchor of the text that is meant, counting in code points', () => {
    const { ok, textFaults, hint, anchors } = verifySource(source, TEXT);
    expect({ ok, textFaults, hint }).toEqual({ ok: true, textFaults: [], hint: null });
    expect(anchors.map(({ statement, start, end }) => [statement, start, end])).toEqual([
      ['first', 0, 20],
      ['first', 23, 28],
      ['second', 30, 46],
    ]);
  });

  it('fails the anchor in which one character was changed', () => {
    expect(failed(TEXT.replace('spoke', 'spake'))).toEqual(['first 23']);
    expect(verifySource(source, TEXT.replace('spoke', 'spake')).ok).toBe(false);
  });

  it('counts the anchors that have no span to check', () => {
    const statements = [{ slug: 'first', anchors: [span(0, 20), { start: null, end: null, digest: null }] }];
    const { ok, anchors, withoutSpan } = verifySource({ ...source, statements }, TEXT);
    expect({ ok, checked: anchors.length, withoutSpan }).toEqual({ ok: true, checked: 1, withoutSpan: 1 });
  });

  it('fails by the digest where no anchor covers the change', () => {
    const { ok, anchors, hint } = verifySource(source, TEXT.replace('🙂', '🙁'));
    expect(anchors.every(({ reason }) => reason === null)).toBe(true);
    expect({ ok, hint }).toEqual({ ok: false, hint: expect.stringContaining('characters were replaced') });
  });

  it('fails the anchors after the end of a cut text', () => {
    expect(failed(TEXT.slice(0, 40))).toEqual(['second 30']);
  });

  it('fails what is quoted in other words', () => {
    const statements = [{ slug: 'first', anchors: [{ ...span(30, 46), exact: 'The talks went on.' }] }];
    expect(verifySource({ ...source, statements }, TEXT).anchors).toMatchObject([
      { reason: expect.stringContaining('exact') },
    ]);
  });

  it.each([
    ['a byte order mark', `\uFEFF${TEXT}`, 'a byte order mark at its start'],
    ['other line endings', TEXT.replaceAll('\n', '\r\n'), 'line endings (CRLF instead of LF)'],
    ['no line feed at its end', TEXT.trimEnd(), 'line ends after the last line (1 in the source)'],
    ['both of the first', `\uFEFF${TEXT.replaceAll('\n', '\r\n')}`, 'start and line endings'],
  ])('says that a text with %s differs only in that', (_, text, hint) => {
    const verification = verifySource(source, text);
    expect(verification.ok).toBe(false);
    expect(verification.hint).toContain(hint);
  });

  it('does not pass where there is nothing to check against', () => {
    const bare = { slug: 'bare', digest: null, length: null, statements: [] };
    expect(verifySource(bare, TEXT).ok).toBe(false);
  });
});

describe('the source of a text', () => {
  const other = { ...source, slug: 'other', digest: sha256('other') };

  it('is the one that is named', () => {
    expect(chooseSource([source, other], TEXT, 'other')).toEqual({ found: other });
    expect(chooseSource([source], TEXT, 'none')).toEqual({ found: null, slugs: ['report'] });
  });

  it('is found by the digest, or is the only one there is', () => {
    expect(chooseSource([other, source], TEXT, undefined)).toEqual({ found: source });
    expect(chooseSource([other], TEXT, undefined)).toEqual({ found: other });
    expect(chooseSource([other, source], 'third', undefined)).toEqual({
      found: null,
      slugs: ['other', 'report'],
    });
  });
});
