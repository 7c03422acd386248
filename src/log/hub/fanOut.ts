import { FairQueue } from '../../base/fairQueue.ts';
import { nextTurn, SLICE_MS } from '../../base/steps.ts';
import { Durations } from '../../observe/durations.ts';
import type { Channel, PendingChange, Reader } from './channel.ts';
import { pointsOf, type Rendering, type Result, renderLengthOf, resultsAfter } from './delivery.ts';
import { retryRead } from './retry.ts';
import type { Subscribers } from './subscribers.ts';

/** Changes that wait for a subscriber to read them. Beyond it SLOW_READER; it can resume. @limit bytes */
export const READER_BUFFER_BYTES_MAX = 1_048_576;
/** Changes that may wait for one feed while it renders. */
const FEED_BACKLOG_LENGTH_MAX = 10_000;
/** Feeds of one payer that render at the same time while other payers have subscriptions, too. */
const RENDERING_PER_CLIENT_MAX = 20;
/** Points of a delivery to one reader. `npm run bench:fanout` measures 5 to 9 µs with a thousand readers. */
export const DELIVERY_POINTS = 8;

/** Results that readers share whose last change was `previous`. */
interface Burst {
  readonly previous: string | null;
  readonly results: readonly Result[];
}

/** Renders changes for each channel in order, and sends the results to its readers. */
export class FanOut<Batch> {
  readonly #newBatch: () => Batch;
  readonly #subscribers: Subscribers<Batch>;
  /** The feeds that render, which payers share fairly. */
  readonly #queue: FairQueue;
  /** Changes that were sent to readers, once for each reader. */
  deliveries = 0;
  /** From the commit of a change until it was sent to the last reader of a feed. */
  readonly delays = new Durations();

  constructor(newBatch: () => Batch, subscribers: Subscribers<Batch>) {
    this.#newBatch = newBatch;
    this.#subscribers = subscribers;
    this.#queue = new FairQueue({
      slotsMax: Number.POSITIVE_INFINITY,
      slotsPerClientMax: RENDERING_PER_CLIENT_MAX,
      slotsAloneMax: Number.POSITIVE_INFINITY,
      isAlone: subscribers.isAlone,
    });
  }

  /** Queues a change for the readers of a channel. */
  enqueue(channel: Channel<Batch>, change: PendingChange<Batch>): void {
    if (channel.backlog.length >= FEED_BACKLOG_LENGTH_MAX) {
      channel.backlog.length = 0;
      for (const reader of channel.readers) this.#subscribers.endSlow(reader);
      return;
    }
    channel.backlog.push(change);
    channel.running ??= this.#run(channel);
  }

  async #run(channel: Channel<Batch>): Promise<void> {
    await null; // all changes of a batch are queued before the first one is rendered
    while (channel.backlog.length > 0 && channel.readers.size > 0) {
      const client = this.#subscribers.clientOf(channel);
      const turn = this.#queue.acquire(client);
      if (turn) await turn;
      try {
        await this.#render(channel);
      } catch (error) {
        for (const reader of channel.readers) this.#subscribers.fail(reader, error);
      } finally {
        this.#queue.release(client);
      }
    }
    channel.backlog.length = 0;
    channel.running = undefined; // in the same turn as the last check of the backlog, so that no change is missed
  }

  async #render(channel: Channel<Batch>): Promise<void> {
    const taken = channel.backlog.splice(0, renderLengthOf(channel.feed));
    const last = taken.at(-1);
    if (!last) return;
    const candidates = taken.map(({ candidate }) => candidate);
    const span = last.span?.child('delivery', 'internal', { 'readout.changes': taken.length });
    let { batch } = last;
    const rendered = await retryRead(
      () => channel.feed.render(candidates, batch),
      () => channel.readers.size > 0,
      () => {
        batch = this.#newBatch(); // the batch caches its failed reads
      },
    );
    const { renderings } = rendered;
    if (renderings.length > 0) await this.#deliver(channel, renderings);
    const nowMs = Date.now();
    for (const { atMs } of renderings) this.delays.observe(Math.max(0, nowMs - atMs) / 1_000);
    const deliveries = renderings.length * channel.readers.size;
    span?.end(null, { 'readout.deliveries': deliveries });
    this.#subscribers.charge(channel, pointsOf(rendered) + deliveries * DELIVERY_POINTS);
  }

  /**
   * Sends all results to one reader before the next one, so that each socket gets a burst in one write. Other work has a turn
   * after each slice of time. Readers that join in the meantime have received these changes by replay.
   */
  async #deliver(channel: Channel<Batch>, renderings: readonly Rendering[]): Promise<void> {
    let shared: Burst = { previous: null, results: [] };
    let sliceMs = performance.now();
    for (const reader of channel.readers) {
      shared = this.#deliverTo(reader, renderings, shared);
      if (performance.now() - sliceMs < SLICE_MS) continue;
      await nextTurn();
      sliceMs = performance.now();
    }
  }

  /** A separate function, so that V8 inlines the write to the socket. @returns the results for the next reader. */
  #deliverTo(reader: Reader<Batch>, renderings: readonly Rendering[], shared: Burst): Burst {
    const [first] = renderings;
    if (first && first.position > reader.joinedAt.position) {
      const burst =
        shared.previous === reader.previous
          ? shared
          : { previous: reader.previous, results: resultsAfter(reader.previous, renderings) };
      this.#send(reader, burst.results);
      return burst;
    }
    const missing = renderings.filter(({ position }) => position > reader.joinedAt.position);
    this.#send(reader, resultsAfter(reader.previous, missing));
    return shared;
  }

  #send(reader: Reader<Batch>, results: readonly Result[]): void {
    const last = results.at(-1);
    if (!last) return;
    this.deliveries += results.length;
    reader.sink.next(results);
    reader.previous = last.cursor;
    if (reader.sink.bufferedBytes > READER_BUFFER_BYTES_MAX) this.#subscribers.endSlow(reader);
  }
}
