/** The state of a client's budget after a charge. */
export interface Allowance {
  /** Whether there were enough points; `take` takes none otherwise. */
  readonly within: boolean;
  /** Points a minute. */
  readonly quota: number;
  readonly remaining: number;
  /** Milliseconds until there are enough points or, where there were enough, until the bucket is full again. */
  readonly waitMs: number;
}
