import { describe, expect, it } from 'vitest';
import { layOutStandings, type StandingStatement } from '../../../src/web/actor/standings.ts';
import { makeTimeScale } from '../../../src/web/actor/timeScale.ts';

const topic = (slug: string) => ({ slug, name: slug, proposition: null });
function said(
  slug: string,
  topics: string[],
  earliest: string,
  latest = earliest,
  shiftsFrom?: string,
): StandingStatement {
  return {
    slug,
    text: slug,
    quote: null,
    said: { edtf: earliest, earliest, latest },
    account: 'OWN',
    givers: [],
    topics: topics.map((name) => ({ topic: topic(name), stance: 'SUPPORTS' })),
    links: shiftsFrom ? [{ kind: 'SHIFTS_FROM', statement: { slug: shiftsFrom } }] : [],
  };
}

describe('the time scale', () => {
  it('goes from the first day to the last and keeps their order', () => {
    const { place } = makeTimeScale(['2024-01-01', '2025-07-01', '2025-07-07']);
    expect([place('2024-01-01'), place('2025-07-07')]).toEqual([0, 1]);
    expect(place('2024-06-01')).toBeLessThan(place('2025-07-01'));
    expect(place('2025-07-01')).toBeLessThan(place('2025-07-03'));
  });

  it('shortens quiet stretches', () => {
    const { place } = makeTimeScale(['2024-01-01', '2025-07-01', '2025-07-07']);
    expect(place('2025-07-07') - place('2025-07-01')).toBeGreaterThan(0.2);
  });

  it('puts a single day in the middle', () => {
    expect(makeTimeScale(['2025-07-01']).place('2025-07-01')).toBe(0.5);
  });
});

describe('standings', () => {
  it('has a row for each topic, and the one that was shifted to right below where from', () => {
    const { rows, shifts } = layOutStandings([
      said('old', ['troops'], '2024-01-01', '2024-12-31'),
      said('other', ['treaty'], '2025-07-01'),
      said('new', ['talks'], '2025-07-02', undefined, 'old'),
    ]);
    expect(rows.map(({ slug }) => slug)).toEqual(['troops', 'talks', 'treaty']);
    expect(shifts.map(({ from, to }) => [from.row, to.row])).toEqual([[0, 1]]);
  });

  it('draws a date that is not known to the day as a span', () => {
    const [first] = layOutStandings([
      said('old', ['a'], '2024-01-01', '2024-12-31'),
      said('new', ['a'], '2025-07-01'),
    ]).points;
    expect(first?.from).toBe(0);
    expect(first?.to).toBeGreaterThan(first?.at ?? 1);
  });

  it('gives marks that would cover one another lanes of their own', () => {
    const { rows, points } = layOutStandings([
      said('one', ['a'], '2025-07-01'),
      said('two', ['a'], '2025-07-01'),
    ]);
    expect(points.map(({ lane }) => lane)).toEqual([0, 1]);
    expect(rows[0]?.lanes).toBe(2);
  });

  it('is empty without a stance', () => {
    expect(layOutStandings([])).toEqual({ rows: [], points: [], shifts: [], ticks: [] });
  });
});
