import { AggregatorRegistry, type MetricObject, Registry } from 'prom-client';
import { DURATION_BOUNDS_SECONDS, type Durations } from './durations.ts';

/** How the values of several processes become one. */
export type Aggregation = 'sum' | 'max' | 'average';

export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A metric whose values are read when it is scraped. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** Default: `sum`. */
  readonly aggregation?: Aggregation;
  /** The value, or one for each combination of labels. */
  readonly read: () => Values | Promise<Values>;
}

/** A histogram of durations that is read when it is scraped. */
export interface DurationMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  readonly read: () => readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly durations: Durations;
  }[];
}

type Values = number | readonly Sample[];

/** What one process serves, in the form in which processes exchange it. */
export type Snapshot = readonly MetricObject[];

/** Adds a metric to a registry. */
export function addMetric(registry: Registry, metric: Metric | DurationMetric): void {
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
  return snapshotOf(AggregatorRegistry.aggregate(snapshots as never));
}

/** The text format of Prometheus. */
export async function textOf(snapshots: readonly Snapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate(snapshots as never).metrics();
}

export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;
