/** Upper bounds of the buckets, in seconds, from a cached answer to an import. */
export const DURATION_BOUNDS_SECONDS = [
  0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30,
] as const;

/** A histogram of durations. It is a list of numbers, because it counts each cached answer and each delivery. */
export class Durations {
  /** Durations in each bucket, and beyond the last bound. They do not add up over buckets. */
  readonly #counts = new Array<number>(DURATION_BOUNDS_SECONDS.length + 1).fill(0);
  #sum = 0;

  observe(seconds: number): void {
    let bucket = 0;
    while (seconds > (DURATION_BOUNDS_SECONDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += seconds;
  }

  /** The sum of all durations in seconds. */
  get sum(): number {
    return this.#sum;
  }

  /** How many durations were at most each bound, and how many there are, as Prometheus wants them. */
  get cumulative(): { readonly bound: number; readonly count: number }[] {
    let count = 0;
    return this.#counts.map((inBucket, i) => {
      count += inBucket;
      return { bound: DURATION_BOUNDS_SECONDS[i] ?? Number.POSITIVE_INFINITY, count };
    });
  }
}
