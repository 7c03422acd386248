import { FairQueue } from '../../base/fairQueue.ts';
import { inSteps } from '../../base/steps.ts';
import type { Feed } from './delivery.ts';

/** Maximum number of feeds in a round. */
const ROUND_LENGTH_MAX = 500;
/** Feeds of one client that are in rounds at the same time while other clients have subscriptions, too. */
const PREPARING_PER_CLIENT_MAX = 250;

/** A feed that is to be prepared in a round. */
interface PreparationRequest<Batch> {
  readonly feed: Feed<Batch>;
  /** Whether its reader is still there. */
  readonly wanted: () => boolean;
  resolve(prepared: Promise<void>): void;
}

/**
 * Prepares the feeds of new readers in rounds. Feeds that arrive during a round share the reads of the next one. So thousands
 * of readers that reconnect at once need few SQL statements and one connection. Clients share the rounds.
 */
export class Preparation<Batch> {
  readonly #newBatch: () => Batch;
  /** The round that accepts feeds. */
  #next: PreparationRequest<Batch>[] | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #queue: FairQueue;

  /** @param isAlone whether there is only one client. */
  constructor(newBatch: () => Batch, isAlone: () => boolean) {
    this.#newBatch = newBatch;
    this.#queue = new FairQueue({
      slotsMax: Number.POSITIVE_INFINITY,
      slotsPerClientMax: PREPARING_PER_CLIENT_MAX,
      slotsAloneMax: Number.POSITIVE_INFINITY,
      isAlone,
    });
  }

  /**
   * Prepares a feed, unless its reader has gone before its turn. Otherwise the feeds of closed sockets would stay in memory,
   * uncounted, until thousands of them were prepared.
   * @param client the client that the feed is prepared for; null for an exempt client.
   * @param wanted whether the reader of the feed is still there.
   */
  async prepare(feed: Feed<Batch>, client: string | null, wanted: () => boolean): Promise<void> {
    const turn = this.#queue.acquire(client);
    if (turn) await turn;
    try {
      if (wanted()) await this.#prepareInRound(feed, wanted);
    } finally {
      this.#queue.release(client);
    }
  }

  #prepareInRound(feed: Feed<Batch>, wanted: () => boolean): Promise<void> {
    if (this.#next?.length === ROUND_LENGTH_MAX) this.#next = undefined;
    this.#next ??= this.#open();
    const round = this.#next;
    return new Promise((resolve) => round.push({ feed, wanted, resolve }));
  }

  #open(): PreparationRequest<Batch>[] {
    const round: PreparationRequest<Batch>[] = [];
    this.#last = this.#last.then(async () => {
      if (this.#next === round) this.#next = undefined;
      const prepared: Promise<void>[] = [];
      await inSteps(begin(round, this.#newBatch(), prepared));
      await Promise.allSettled(prepared);
    });
    return round;
  }
}

/** Begins to prepare the feeds of a round. A feed can have thousands of slugs, so other work gets a turn after each. */
function* begin<Batch>(
  round: readonly PreparationRequest<Batch>[],
  batch: Batch,
  prepared: Promise<void>[],
): Generator<void, void> {
  for (const { feed, wanted, resolve } of round) {
    const preparing = wanted() ? feed.prepare(batch) : Promise.resolve();
    prepared.push(preparing);
    resolve(preparing);
    yield;
  }
}
