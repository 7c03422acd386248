import type { Snapshot } from './metric.ts';

const exposition = () => import('./exposition.ts');

/** The metrics of several processes as one. Each process sends its own snapshots. */
export class MergedMetrics {
  /** The last snapshot of each process that runs. */
  readonly #last = new Map<number, Snapshot>();
  /** What ended processes have counted. */
  #ended: Snapshot = [];

  /** Keeps the newest snapshot of a process. */
  keep(id: number, snapshot: Snapshot): void {
    this.#last.set(id, snapshot);
  }

  /**
   * Takes a process out that has ended. Its counts stay in the sums. Otherwise the sums would fall, and Prometheus would take that for a
   * restart and count everything again.
   */
  async end(id: number): Promise<void> {
    const last = this.#last.get(id);
    this.#last.delete(id);
    const counted = last?.filter(({ type }) => type !== 'gauge') ?? [];
    if (counted.length === 0) return;
    const { combine } = await exposition();
    this.#ended = await combine([this.#ended, counted]);
  }

  /** All metrics in the text format of Prometheus. @param own those of the first process. */
  async text(own: Snapshot): Promise<string> {
    const { textOf } = await exposition();
    return textOf([own, this.#ended, ...this.#last.values()]);
  }
}
