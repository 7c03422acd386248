import type { Feed } from './delivery.ts';

/** Maximum number of feeds in a round. */
const ROUND_LENGTH_MAX = 500;

interface Round<Batch> {
  readonly prepared: Promise<void>[];
  readonly begun: Promise<Batch>;
}

/**
 * Prepares the feeds of new readers in rounds. Feeds that arrive during a round share the reads of the next one. So thousands
 * of readers that reconnect at once need few SQL statements and one connection.
 */
export class Preparation<Batch> {
  readonly #newBatch: () => Batch;
  /** The round that accepts feeds. */
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
