import { expect, it } from 'vitest';
import { MergedMetrics } from '../../src/observe/mergedMetrics.ts';
import type { Snapshot } from '../../src/observe/metric.ts';
import { parseMetrics, sumOf } from '../support/metrics.ts';

const snapshot = (counted: number, running: number): Snapshot => [
  {
    name: 'c_total',
    help: 'C.',
    type: 'counter',
    aggregator: 'sum',
    values: [{ labels: {}, value: counted }],
  },
  { name: 'g', help: 'G.', type: 'gauge', aggregator: 'sum', values: [{ labels: {}, value: running }] },
  { name: 'm', help: 'M.', type: 'gauge', aggregator: 'max', values: [{ labels: {}, value: counted }] },
];

it('merged metrics are the sums of the processes, or their largest', async () => {
  const merged = new MergedMetrics();
  merged.keep(1, snapshot(10, 1));
  merged.keep(2, snapshot(5, 2));
  const samples = parseMetrics(await merged.text([]));
  expect(samples.map(({ name, value }) => [name, value])).toEqual([
    ['c_total', 15],
    ['g', 3],
    ['m', 10],
  ]);
});

it('a counter never falls when a process ends, and a gauge does', async () => {
  const merged = new MergedMetrics();
  merged.keep(1, snapshot(10, 1));
  merged.keep(2, snapshot(5, 2));
  await merged.end(1);
  await merged.end(1);
  merged.keep(3, snapshot(1, 0));
  await merged.end(3);
  const samples = parseMetrics(await merged.text([]));
  expect([sumOf(samples, 'c_total'), sumOf(samples, 'g'), sumOf(samples, 'm')]).toEqual([16, 2, 5]);
});
