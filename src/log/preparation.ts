import type { Feed } from './delivery.ts';

/** Feeds that are prepared together. */
const ROUND_LENGTH_MAX = 500;

interface Round<Batch> {
  readonly prepared: Promise<void>[];
  readonly begun: Promise<Batch>;
}

/**
 * Prepares the feeds of readers that open, in rounds: those that come while a round is under way share the reads of the
 * next. When thousands come back at once, they take few SQL statements, and one connection.
 */
export class Preparation<Batch> {
  readonly #newBatch: () => Batch;
  /** The one that takes feeds. */
  #next: Round<Batch> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(newBatch: () => Batch) {
    this.#newBatch = newBatch;
  }

  prepare(feed: Feed<Batch>): Promise<void> {
    if (this.#next?.prepared.length === ROUND_LENGTH_MAX) this.#next = undefined;
    this.#next ??= this.#open();
    const round = this.#next;
    const prepared = round.begun.then((batch) => feed.prepare(batch));
    round.prepared.push(prepared);
    return prepared;
  }

  #open(): Round<Batch> {
    const prepared: Promise<void>[] = [];
    const begun = this.#last.then(() => {
      if (this.#next === round) this.#next = undefined;
      return this.#newBatch();
    });
    const round = { prepared, begun };
    this.#last = begun.then(() => Promise.allSettled(prepared));
    return round;
  }
}
