import type { Durations } from './durations.ts';

/** How the values of several processes become one. */
type Aggregation = 'sum' | 'max' | 'average';

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

export type Values = number | readonly Sample[];

/** What one process serves, in the form in which processes exchange it. */
export type Snapshot = readonly {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: string;
  readonly values: readonly Sample[];
}[];

/** The text format of Prometheus. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
