import { FairQueue } from '../../db/fairQueue.ts';
import type { Feed } from './delivery.ts';

/** Maximum number of feeds in a round. */
const ROUND_LENGTH_MAX = 500;
/** Feeds of one client that are in rounds at the same time, while others follow the record too. */
const PREPARING_PER_CLIENT_MAX = 250;

interface Round<Batch> {
  readonly prepared: Promise<void>[];
  readonly begun: Promise<Batch>;
}

/**
 * Prepares the feeds of new readers in rounds. Feeds that arrive during a round share the reads of the next one. So thousands
 * of readers that reconnect at once need few SQL statements and one connection. Clients share the rounds.
 */
export class Preparation<Batch> {
  readonly #newBatch: () => Batch;
  /** The round that accepts feeds. */
  #next: Round<Batch> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #queue: FairQueue;

  /** @param isAlone whether there is only one client. */
  constructor(newBatch: () => Batch, isAlone: () => boolean) {
    this.#newBatch = newBatch;
    this.#queue = new FairQueue({
      placesMax: Number.POSITIVE_INFINITY,
      placesPerClientMax: PREPARING_PER_CLIENT_MAX,
      placesAloneMax: Number.POSITIVE_INFINITY,
      isAlone,
    });
  }

  /** @param client that the feed is prepared for; null for an exempt one. */
  async prepare(feed: Feed<Batch>, client: string | null): Promise<void> {
    const turn = this.#queue.take(client);
    if (turn) await turn;
    try {
      await this.#prepareInRound(feed);
    } finally {
      this.#queue.give(client);
    }
  }

  #prepareInRound(feed: Feed<Batch>): Promise<void> {
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
