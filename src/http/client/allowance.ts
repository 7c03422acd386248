/** The state of a budget after a charge. */
export interface Allowance {
  /** Whether there were enough points; `take` takes none otherwise. */
  readonly within: boolean;
  /** Points a minute. */
  readonly quota: number;
  readonly remaining: number;
  /** Until there are enough points, or, where there were, until the bucket is full again. */
  readonly waitMs: number;
}
