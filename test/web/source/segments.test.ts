import { expect, it } from 'vitest';
import { segmentsOf } from '../../../src/web/source/segments.ts';

it('a text is divided where spans begin and end, in code points, and overlapping spans share a segment', () => {
  expect(
    segmentsOf('🦊 says yes and no.', [
      { start: 2, end: 10, slug: 'yes' },
      { start: 7, end: 17, slug: 'both' },
    ]),
  ).toEqual([
    { start: 0, text: '🦊 ', slugs: [] },
    { start: 2, text: 'says ', slugs: ['yes'] },
    { start: 7, text: 'yes', slugs: ['yes', 'both'] },
    { start: 10, text: ' and no', slugs: ['both'] },
    { start: 17, text: '.', slugs: [] },
  ]);
});

it('a span beyond the text is cut, and the segments together are the text', () => {
  const text = 'Short.';
  const segments = segmentsOf(text, [
    { start: 3, end: 900, slug: 'long' },
    { start: 700, end: 900, slug: 'outside' },
  ]);
  expect(segments.map(({ slugs }) => slugs)).toEqual([[], ['long']]);
  expect(segments.map((segment) => segment.text).join('')).toBe(text);
  expect(segmentsOf('', [{ start: 0, end: 2, slug: 'a' }])).toEqual([]);
});
