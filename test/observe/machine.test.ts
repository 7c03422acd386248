import { expect, it } from 'vitest';
import { MachineMetrics } from '../../src/observe/machine.ts';
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

it('the metrics of a machine are the sums of its processes, or their largest', async () => {
  const machine = new MachineMetrics();
  machine.keep(1, snapshot(10, 1));
  machine.keep(2, snapshot(5, 2));
  const samples = parseMetrics(await machine.text([]));
  expect(samples.map(({ name, value }) => [name, value])).toEqual([
    ['c_total', 15],
    ['g', 3],
    ['m', 10],
  ]);
});

it('a counter never falls when a process ends, and a gauge does', async () => {
  const machine = new MachineMetrics();
  machine.keep(1, snapshot(10, 1));
  machine.keep(2, snapshot(5, 2));
  await machine.end(1);
  await machine.end(1);
  machine.keep(3, snapshot(1, 0));
  await machine.end(3);
  const samples = parseMetrics(await machine.text([]));
  expect([sumOf(samples, 'c_total'), sumOf(samples, 'g'), sumOf(samples, 'm')]).toEqual([16, 2, 5]);
});
