import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';
import { DURATION_BOUNDS_SECONDS } from './durations.ts';
import type { DurationMetric, Metric, Sample, Snapshot, Values } from './metric.ts';

/*
 * Only this file imports the library of Prometheus. It is loaded when metrics are served: the library loads the interface of
 * OpenTelemetry, which a process without traces has no use for.
 */

/** A registry of these metrics, and of those of the process: CPU, memory, garbage collection, event loop. */
export function openRegistry(metrics: readonly (Metric | DurationMetric)[]): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const metric of metrics) addMetric(registry, metric);
  return registry;
}

function addMetric(registry: Registry, metric: Metric | DurationMetric): void {
  const { name, help, type } = metric;
  const aggregator = metric.type === 'histogram' ? 'sum' : (metric.aggregation ?? 'sum');
  const get = async () => {
    const values = metric.type === 'histogram' ? bucketsOf(metric) : samplesOf(await metric.read());
    return { name, help, type, aggregator, values };
  };
  // The registry only asks a metric for its name and its values; its types name the library's own classes.
  registry.registerMetric({ name, get } as never);
}

function samplesOf(values: Values): readonly Sample[] {
  return typeof values === 'number' ? [{ labels: {}, value: values }] : values;
}

function bucketsOf({ name, read }: DurationMetric) {
  return read().flatMap(({ labels, durations }) => {
    const { cumulative, sum } = durations;
    const buckets = cumulative.map(({ bound, count }) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: bound === Number.POSITIVE_INFINITY ? '+Inf' : bound },
      value: count,
    }));
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: cumulative[DURATION_BOUNDS_SECONDS.length]?.count ?? 0 },
    ];
  });
}

export async function snapshotOf(registry: Registry): Promise<Snapshot> {
  return (await registry.getMetricsAsJSON()) as unknown as Snapshot;
}

/** The snapshots of several processes as one. */
export async function combine(snapshots: readonly Snapshot[]): Promise<Snapshot> {
  return snapshotOf(AggregatorRegistry.aggregate(snapshots as never) as Registry);
}

/** The text format of Prometheus. */
export async function textOf(snapshots: readonly Snapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate(snapshots as never).metrics();
}
