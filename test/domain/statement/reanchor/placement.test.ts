import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../../src/domain/anchor.ts';
import { IndexedText } from '../../../../src/domain/statement/reanchor/indexedText.ts';
import { type FormerSpan, placeSpans } from '../../../../src/domain/statement/reanchor/placement.ts';
import { REANCHOR_HASHED_CODE_POINTS_MAX } from '../../../../src/domain/statement/reanchor/wordSearch.ts';

const FORMER =
  'The minister 🙂 spoke. A truce is near, she said. The envoy 🎉 left. A truce is near, he said. All went home.';

/** The n-th place with these words, in code points. */
function spanOf(words: string, n = 0, fields: Partial<FormerSpan> = {}, text = FORMER): FormerSpan {
  let unit = -1;
  for (let i = 0; i <= n; i += 1) unit = text.indexOf(words, unit + 1);
  const start = [...text.slice(0, unit)].length;
  const digest = sha256(words);
  const end = start + [...words].length;
  return { start, end, digest, status: 'PLACED', prefix: null, suffix: null, quotes: [], ...fields };
}
function place(spans: readonly FormerSpan[], text: string, former: string | null = null): string[] {
  const length = [...FORMER].length;
  const work = placeSpans(
    spans,
    new IndexedText(text),
    former === null ? null : new IndexedText(former),
    length,
  );
  for (;;) {
    const step = work.next();
    if (!step.done) continue;
    return step.value.map(
      ({ outcome, start, end }) => `${outcome} ${[...text].slice(start, end).join('')}@${start}`,
    );
  }
}
const minister = spanOf('The minister 🙂');
const envoy = spanOf('The envoy 🎉 left');
const home = spanOf('home');
const truce = (n: number, fields: Partial<FormerSpan> = {}) => spanOf('A truce is near', n, fields);

describe('placing spans in a new text', () => {
  it('finds spans after a correction by their digests alone, in code points', () => {
    const text = FORMER.replace('The envoy', 'After that 🎈, the king smiled. The envoy');
    const added = [...'After that 🎈, the king smiled. '].length;
    expect(place([minister, envoy, home], text)).toEqual([
      'SAME The minister 🙂@0',
      `MOVED The envoy 🎉 left@${envoy.start + added}`,
      `MOVED home@${home.start + added}`,
    ]);
  });

  it('finds spans between several corrections, which only their windows show', () => {
    const text = `Corrected. ${FORMER.replace('The envoy', 'In the end the envoy came. The envoy').replace('All went', 'All of them went')}`;
    expect(place([minister, envoy, home], text)).toEqual([
      'MOVED The minister 🙂@11',
      `MOVED The envoy 🎉 left@${[...text.slice(0, text.indexOf('The envoy'))].length}`,
      `MOVED home@${[...text.slice(0, text.indexOf('home'))].length}`,
    ]);
  });

  it('gives up a span in which a word was changed, and one that was deleted', () => {
    const text = FORMER.replace('envoy', 'ambassador').replace('All went home.', '');
    expect(place([minister, envoy, home], text).map((placed) => placed.split(' ')[0])).toEqual([
      'SAME',
      'ORPHANED',
      'ORPHANED',
    ]);
  });

  it('does not choose between repeated words without their context', () => {
    const text = `New. ${FORMER} And more.`;
    const [first] = place([truce(1)], text);
    expect(first).toContain('AMBIGUOUS');
    const second = [...text.slice(0, text.lastIndexOf('A truce'))].length;
    const said = `MOVED A truce is near@${second}`;
    expect(place([truce(1, { suffix: ', he said' })], text)).toEqual([said]);
    expect(place([truce(1, { prefix: 'left. ', suffix: ', it is said' })], text)).toEqual([said]);
    expect(place([truce(1)], text, FORMER)).toEqual([said]);
  });

  it('chooses between repeated words by the spans around them, where these have moved equally far', () => {
    const text = `New. ${FORMER}`;
    const second = [...text.slice(0, text.lastIndexOf('A truce'))].length;
    expect(place([envoy, truce(1), home], text)[1]).toBe(`MOVED A truce is near@${second}`);
    const between = text.replace('All went', 'At last all of them went');
    expect(place([envoy, truce(1), home], between)[1]).toBe(`MOVED A truce is near@${second}`);
  });

  it('does not keep the former place of repeated words if everything around it has moved', () => {
    const noes = 'no '.repeat(10);
    const former = `Firstly, ${noes}Last.`;
    const text = `${'no '.repeat(8)}Firstly, so: ${noes}- and yet Last.`;
    const spans = [
      spanOf('Firstly', 0, {}, former),
      spanOf('no', 3, {}, former),
      spanOf('Last', 0, {}, former),
    ];
    const placed = place(spans, text)[1];
    expect(placed, 'the place of the words in the new text').toContain('AMBIGUOUS');
  });

  it('knows the context of a span again if only blanks, quotation marks or the normalization form differ', () => {
    const context = { prefix: 'Das Café\n“öffnet”: ', suffix: '.\nÜber den Preis' };
    const span = { ...spanOf('ja', 0, context, 'ja'), start: 20, end: 22 };
    const text = 'Das Café «öffnet» : ja .\n\n Über den Preis sagten alle: Ja, ja.'.normalize('NFD');
    const start = [...text.slice(0, text.indexOf('ja .'))].length;
    expect(place([span], text)).toEqual([`MOVED ja@${start}`]);
    const once = text.replace('Ja, ja', 'nein');
    expect(place([span], once)).toEqual([`MOVED ja@${start}`]);
  });

  it('does not take the place that is left for a repeated one that was deleted', () => {
    const text = FORMER.replace('The envoy 🎉 left. A truce is near, he said. ', '');
    expect(place([truce(1)], text, FORMER)[0]).toContain('AMBIGUOUS');
    expect(place([truce(1, { prefix: 'left. ' })], text)[0]).toContain('AMBIGUOUS');
  });

  it('finds an orphaned span again in a text that has its words again', () => {
    const orphaned = { ...envoy, start: 3, end: 3 + (envoy.end - envoy.start), status: 'ORPHANED' as const };
    expect(place([orphaned], FORMER)).toEqual([`MOVED The envoy 🎉 left@${envoy.start}`]);
    expect(place([{ ...minister, status: 'ORPHANED' }], FORMER)).toEqual(['MOVED The minister 🙂@0']);
  });

  it('refuses to hash more windows than the limit, and says what to do', () => {
    const text = 'x'.repeat(1_000_000);
    const spans = [{ ...spanOf('home'), start: 0, end: 600 }];
    expect(text.length * 600).toBeGreaterThan(REANCHOR_HASHED_CODE_POINTS_MAX);
    const start = () => [...placeSpans(spans, new IndexedText(text), null, null)];
    expect(start).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED', inputPath: ['input', 'text'] }));
  });
});
