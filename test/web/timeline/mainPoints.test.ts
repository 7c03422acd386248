import { describe, expect, it } from 'vitest';
import { mainPoints } from '../../../src/web/timeline/mainPoints.ts';

/** A statement in each month of a year, and more of them. */
const year = (year: number, count = 1) =>
  Array.from({ length: 12 }, (_, i) => ({ date: `${year}-${String(i + 1).padStart(2, '0')}`, count }));
const drawn = (points: readonly { date: string; count: number }[]) => {
  const { points: main, earlier, later } = mainPoints(points, 'month');
  const dates = main.map(({ date }) => date).sort();
  return [dates[0], dates.at(-1), earlier, later];
};
const RECENT = [...year(2024), ...year(2025)];

describe('the histogram', () => {
  it('draws the time of the statements, and leaves out the few that are far away', () => {
    expect(drawn([...RECENT, { date: '1066-10', count: 1 }])).toEqual(['2024-01', '2025-12', 1, 0]);
    expect(drawn([{ date: '9999-01', count: 1 }, ...RECENT])).toEqual(['2024-01', '2025-12', 0, 1]);
    const many = [2020, 2021, 2022, 2023].flatMap((some) => year(some, 10));
    const far = [
      { date: '1066-10', count: 2 },
      { date: '1492-10', count: 3 },
      { date: '9999-12', count: 4 },
    ];
    expect(drawn([...many, ...far])).toEqual(['2020-01', '2023-12', 5, 4]);
    const [lea] = [{ date: '2025-06', count: 20 }];
    expect(drawn([lea, { date: '1066-10', count: 1 }]), 'one month').toEqual(['2025-06', '2025-06', 1, 0]);
  });

  it('keeps old statements that leave room for the others', () => {
    const sparse = [2008, 2012, 2016].map((some) => ({ date: `${some}-01`, count: 1 }));
    const points = [...year(2024, 50), ...year(2025, 50), ...sparse];
    expect(drawn(points)).toEqual(['2008-01', '2025-12', 0, 0]);
    expect(drawn([...points, { date: '1066-01', count: 1 }])).toEqual(['2008-01', '2025-12', 1, 0]);
  });

  it('draws all where more than a few are far away, and where there are hardly any', () => {
    const old = { date: '1066-10', count: 3 };
    expect(drawn([...RECENT, old])).toEqual(['1066-10', '2025-12', 0, 0]);
    expect(
      drawn([
        { date: '1066-10', count: 1 },
        { date: '2025-01', count: 1 },
      ]),
    ).toEqual(['1066-10', '2025-01', 0, 0]);
    expect(mainPoints([], 'month')).toEqual({ points: [], earlier: 0, later: 0 });
  });

  it('leaves out days that are far away', () => {
    const days = ['2025-07-01', '2025-07-02', '2025-07-03', '2026-07-01'].map((date) => ({ date, count: 5 }));
    const { points, later } = mainPoints([...days.slice(0, 3), { date: '2026-07-01', count: 1 }], 'day');
    expect([points.length, later]).toEqual([3, 1]);
    expect(mainPoints(days, 'day').later).toBe(0);
  });
});
