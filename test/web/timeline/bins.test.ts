import { describe, expect, it } from 'vitest';
import { binsOf } from '../../../src/web/timeline/bins.ts';

const sum = (bins: readonly { count: number }[]): number => bins.reduce((all, { count }) => all + count, 0);

describe('the bars of the histogram', () => {
  it('are months without gaps, with their days', () => {
    const bins = binsOf(
      [
        { date: '2025-07', count: 20 },
        { date: '2024-12', count: 1 },
        { date: '2025-02', count: 4 },
      ],
      'month',
    );
    expect(bins.map(({ count }) => count)).toEqual([1, 0, 4, 0, 0, 0, 0, 20]);
    expect(bins[0]).toEqual({ from: '2024-12-01', to: '2024-12-31', label: 'December 2024', count: 1 });
    expect(bins[2]).toMatchObject({ from: '2025-02-01', to: '2025-02-28' });
  });

  it.each([
    [5, { from: '2020-01-01', to: '2020-03-31', label: 'January 2020 to March 2020' }],
    [30, { from: '1995-01-01', to: '1995-12-31', label: '1995' }],
    [150, { from: '1875-01-01', to: '1879-12-31', label: '1875 to 1879' }],
    [900, { from: '1125-01-01', to: '1149-12-31', label: '1125 to 1149' }],
  ])('are longer over %i years, so that there are few', (years, first) => {
    const points = [
      { date: `${2025 - years}-01`, count: 2 },
      { date: '2025-01', count: 3 },
    ];
    const bins = binsOf(points, 'month');
    expect(bins.length).toBeLessThanOrEqual(40);
    expect(bins[0]).toMatchObject(first);
    expect(sum(bins)).toBe(5);
  });

  it('are days of a short time, or weeks', () => {
    const days = binsOf(
      [
        { date: '2025-07-01', count: 2 },
        { date: '2025-07-04', count: 3 },
      ],
      'day',
    );
    expect(days.map(({ from, count }) => [from, count])).toEqual([
      ['2025-07-01', 2],
      ['2025-07-02', 0],
      ['2025-07-03', 0],
      ['2025-07-04', 3],
    ]);
    const weeks = binsOf(
      [
        { date: '2025-05-01', count: 2 },
        { date: '2025-07-04', count: 3 },
      ],
      'day',
    );
    expect(weeks.length).toBeLessThan(15);
    expect(sum(weeks)).toBe(5);
  });

  it('are none without statements', () => {
    expect(binsOf([], 'month')).toEqual([]);
  });
});
