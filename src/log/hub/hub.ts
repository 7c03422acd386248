import { ReadoutError } from '../../base/errors.ts';
import { inSteps, nextTurn } from '../../base/steps.ts';
import { within } from '../../base/within.ts';
import { FairQueue } from '../../db/fairQueue.ts';
import { type AddedSlugs, addedSlugs } from '../addedSlugs.ts';
import type { LogEntry } from '../change.ts';
import { type Cursor, epochOf, formatCursor, type Head } from '../cursor.ts';
import { addTo, Channel, Channels, type Charge, type Reader } from './channel.ts';
import {
  chain,
  type Feed,
  pointsOf,
  type Rendering,
  type Result,
  renderLengthOf,
  type Sink,
} from './delivery.ts';
import { persist } from './persist.ts';
import { Preparation } from './preparation.ts';
import { Replay, type ReplayOptions } from './replay.ts';

/**
 * Changes that wait for a subscriber to read them. Beyond it SLOW_READER; it can resume by its cursor.
 * @limit bytes
 */
export const READER_BUFFER_BYTES_MAX = 1_048_576;
/**
 * Changes that wait for equal subscriptions whose answers are being computed. Beyond it SLOW_READER; they can resume.
 * @limit changes
 */
export const FEED_BACKLOG_LENGTH_MAX = 10_000;
/** Feeds of one payer that render at the same time, while others follow the record too. */
const RENDERING_PER_CLIENT_MAX = 20;
/** Matching, and rendering what matches, yield to other work after this many points, about 10 ms. */
const TURN_POINTS = 10_000;
/** Points of a delivery to one reader. `npm run bench:fanout` measures 5 to 9 µs with a thousand readers. */
const DELIVERY_POINTS = 8;

export interface HubOptions<Batch> extends ReplayOptions<Batch> {
  readonly marksOf: (entry: LogEntry) => readonly string[];
  readonly head: () => Head;
  readonly charge: Charge;
  /** The limit that a payer's points come from, for the error of one that has none left. */
  readonly budgetOf: (payer: string) => { readonly limit: string; readonly max: number };
  /** Told of a fault that ended a subscription. */
  readonly report: (error: unknown) => void;
}

/** A reader that has not caught up with the head. */
interface Replaying<Batch> {
  readonly reader: Reader<Batch>;
  readonly feed: Feed<Batch>;
  /** Whether something that the feed names was added, so that it must be prepared again. */
  isStale: boolean;
}

/** A subscription that is open. */
export interface Reading {
  /** Ends it without a word to the reader, who has gone. */
  close(): void;
}

/**
 * Gives each change to the feeds that it can concern, and what they render of it to their readers: one rendering for
 * all readers of a feed, one round of SQL for all feeds. A reader that starts in the past is served from the log until
 * it has come to the present, and joins there at the exact next position.
 */
export class Hub<Batch> {
  readonly #options: HubOptions<Batch>;
  readonly #channels = new Channels<Batch>();
  readonly #replays = new Set<Replaying<Batch>>();
  readonly #past: Replay<Batch>;
  readonly #preparation: Preparation<Batch>;
  /** Number of open subscriptions of each payer; null for exempt clients. */
  readonly #payers = new Map<string | null, number>();
  readonly #isAlone = (): boolean => this.#payers.size <= 1;
  /** Feeds that render, which payers share. */
  readonly #rendering = new FairQueue({
    placesMax: Number.POSITIVE_INFINITY,
    placesPerClientMax: RENDERING_PER_CLIENT_MAX,
    placesAloneMax: Number.POSITIVE_INFINITY,
    isAlone: this.#isAlone,
  });
  #dispatching: Promise<void> = Promise.resolve();
  /** The last change that was given to the channels. */
  #position: bigint;
  /** Counts the histories of the record: what was read of an earlier one is dropped. */
  #era = 0;

  constructor(options: HubOptions<Batch>) {
    this.#options = options;
    this.#past = new Replay(options, this.#isAlone);
    this.#preparation = new Preparation(options.newBatch, this.#isAlone);
    this.#position = options.head().position;
  }

  /** Open subscriptions, distinct feeds of those that have caught up, and subscriptions that have not caught up. */
  get counts(): { readers: number; feeds: number; replays: number } {
    const replays = this.#replays.size;
    let readers = replays;
    for (const channel of this.#channels.all) readers += channel.readers.size;
    return { readers, feeds: this.#channels.count, replays };
  }

  /** Number of the current history. A cursor that was checked in another one is no longer valid. */
  get era(): number {
    return this.#era;
  }

  /** Takes changes from the tailer, in order. */
  publish(entries: readonly LogEntry[]): void {
    const era = this.#era;
    this.#dispatching = this.#dispatching.then(() => this.#dispatch(entries, era));
  }

  /**
   * Opens a subscription; whatever fails is said through the sink.
   * @param after where to resume; null begins at the present.
   * @param payer who pays for it; null for an exempt client.
   * @param turn awaited after each replayed page, so that other clients are served in between.
   * @param era the `era` in which `after` was checked.
   */
  read(
    feed: Feed<Batch>,
    after: Cursor | null,
    sink: Sink,
    payer: string | null,
    turn: () => Promise<void> | null = () => null,
    era: number = this.#era,
  ): Reading {
    const head = this.#options.head();
    const start = after ?? head;
    const reader: Reader<Batch> = {
      sink,
      previous: formatCursor(start),
      joinedAt: start,
      open: true,
      payer,
    };
    addTo(this.#payers, payer, 1);
    if (after && era !== this.#era) {
      this.#end(reader, resync(head));
      return { close: () => undefined };
    }
    const replaying = { reader, feed, isStale: true };
    this.#replays.add(replaying);
    this.#replay(replaying, turn)
      .catch((error: unknown) => this.#fail(reader, error))
      .finally(() => this.#replays.delete(replaying));
    return { close: () => this.#leave(reader) };
  }

  /** Ends every subscription: the record now has another history. */
  resync(head: Head): void {
    this.#era += 1;
    this.#past.clear();
    this.#position = head.position;
    const replaying = [...this.#replays].map(({ reader }) => reader);
    const readers = [...replaying, ...this.#channels.all.flatMap(({ readers }) => [...readers])];
    for (const reader of readers) this.#end(reader, resync(head));
  }

  /** Waits until all published changes are delivered, at most `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    const done = this.#dispatching.then(() => Promise.all(this.#channels.all.map((c) => c.running)));
    await within(timeoutMs, done);
  }

  async #dispatch(entries: readonly LogEntry[], era: number): Promise<void> {
    const batch = this.#options.newBatch();
    const added = addedSlugs(entries);
    if (added.size > 0) await this.#prepareAgain(added, batch);
    let points = 0;
    for (const entry of entries) {
      if (era !== this.#era) return;
      this.#position = entry.position;
      if (entry.statementId === null) continue;
      for (const channel of this.#channels.concerned(this.#options.marksOf(entry))) {
        const { feed } = channel;
        const verdict = feed.decide(entry);
        const cost = feed.matchPoints + (verdict === null ? feed.searchPoints : 0);
        this.#charge(channel, cost);
        points += cost;
        if (verdict !== false && channel.readers.size > 0) {
          this.#give(channel, entry, batch);
          points += feed.renderPoints;
        }
        if (points < TURN_POINTS) continue;
        points = 0;
        await nextTurn();
        if (era !== this.#era) return;
      }
    }
  }

  /** Unknown slugs were added. Only the feeds that name them are prepared again. */
  async #prepareAgain(added: AddedSlugs, shared: Batch): Promise<void> {
    for (const replaying of this.#replays) replaying.isStale ||= replaying.feed.names(added);
    let batch = shared;
    const prepare = async (channel: Channel<Batch>): Promise<void> => {
      this.#channels.unindex(channel);
      try {
        await persist(
          () => channel.feed.prepare(batch),
          () => channel.readers.size > 0,
          () => {
            batch = this.#options.newBatch(); // the reads of the last one have failed for good
          },
        );
        if (this.#channels.get(channel.feed.key) === channel) this.#channels.index(channel);
      } catch (error) {
        for (const reader of channel.readers) this.#fail(reader, error);
      }
    };
    const prepared: Promise<void>[] = [];
    const begin = function* (this: Hub<Batch>): Generator<void, void> {
      for (const channel of this.#channels.waiting) {
        this.#charge(channel, channel.feed.matchPoints);
        if (channel.feed.names(added)) prepared.push(prepare(channel));
        yield;
      }
    };
    await inSteps(begin.call(this));
    await Promise.all(prepared);
  }

  /** Charges the readers of a subscription, and ends it for those without points. */
  #charge(channel: Channel<Batch>, points: number): void {
    for (const reader of channel.charge(points, this.#options.charge)) this.#endSpent(reader);
  }

  #give(channel: Channel<Batch>, entry: LogEntry, batch: Batch): void {
    if (channel.backlog.length >= FEED_BACKLOG_LENGTH_MAX) {
      channel.backlog.length = 0;
      for (const reader of channel.readers) this.#end(reader, slowReader(reader));
      return;
    }
    channel.backlog.push({ entry, batch });
    channel.running ??= this.#run(channel);
  }

  async #run(channel: Channel<Batch>): Promise<void> {
    await null; // the whole batch is given before the first of it is rendered
    while (channel.backlog.length > 0 && channel.readers.size > 0) {
      const client = this.#clientOf(channel);
      const turn = this.#rendering.take(client);
      if (turn) await turn;
      try {
        await this.#render(channel);
      } catch (error) {
        for (const reader of channel.readers) this.#fail(reader, error);
      } finally {
        this.#rendering.give(client);
      }
    }
    channel.backlog.length = 0;
    channel.running = undefined; // at once, so that nothing is given to a run that has ended
  }

  /** For which payer a feed is rendered: of those who read it, the one with the fewest subscriptions. */
  #clientOf({ payers }: Channel<Batch>): string | null {
    let [client = null] = payers;
    for (const payer of payers) {
      if ((this.#payers.get(payer) ?? 0) < (this.#payers.get(client) ?? 0)) client = payer;
    }
    return client;
  }

  async #render(channel: Channel<Batch>): Promise<void> {
    const taken = channel.backlog.splice(0, renderLengthOf(channel.feed));
    const last = taken.at(-1);
    if (!last) return;
    const entries = taken.map(({ entry }) => entry);
    let { batch } = last;
    const rendered = await persist(
      () => channel.feed.render(entries, batch),
      () => channel.readers.size > 0,
      () => {
        batch = this.#options.newBatch(); // the reads of the last one have failed for good
      },
    );
    const { renderings } = rendered;
    if (renderings.length > 0) await inSteps(this.#deliver(channel, renderings));
    const deliveries = renderings.length * channel.readers.size;
    this.#charge(channel, pointsOf(rendered) + deliveries * DELIVERY_POINTS);
  }

  /**
   * All renderings to one reader after the other, so that a burst leaves each socket in one write. Readers that join
   * between its steps have these changes by replay.
   */
  *#deliver(channel: Channel<Batch>, renderings: readonly Rendering[]): Generator<void, void> {
    const [first] = renderings;
    let shared: { previous: string; results: readonly Result[] } | undefined;
    for (const reader of channel.readers) {
      if (first && first.position > reader.joinedAt.position) {
        if (shared?.previous !== reader.previous) {
          shared = { previous: reader.previous, results: chain(renderings, reader.previous) };
        }
        this.#send(reader, shared.results);
      } else {
        const missing = renderings.filter(({ position }) => position > reader.joinedAt.position);
        this.#send(reader, chain(missing, reader.previous));
      }
      yield;
    }
  }

  #send(reader: Reader<Batch>, results: readonly Result[]): void {
    const last = results.at(-1);
    if (!last) return;
    reader.sink.next(results);
    reader.previous = last.cursor;
    if (reader.sink.bufferedBytes > READER_BUFFER_BYTES_MAX) this.#end(reader, slowReader(reader));
  }

  async #replay(replaying: Replaying<Batch>, turn: () => Promise<void> | null): Promise<void> {
    const { reader, feed: own } = replaying;
    while (reader.open) {
      const feed = this.#channels.get(own.key)?.feed ?? own;
      if (feed === own && replaying.isStale) {
        replaying.isStale = false;
        const wanted = (): boolean => reader.open;
        await persist(() => this.#preparation.prepare(own, reader.payer), wanted);
      } else if (reader.joinedAt.position >= this.#position) {
        this.#join(feed, reader);
        return;
      } else {
        await this.#replayPage(feed, reader);
        await turn();
      }
    }
  }

  async #replayPage(feed: Feed<Batch>, reader: Reader<Batch>): Promise<void> {
    const page = await this.#past.page(feed, reader.joinedAt, this.#position, reader.payer);
    const { renderings, upTo } = page;
    if (!reader.open) return;
    const results = chain(renderings, reader.previous);
    if (results.length > 0) reader.sink.next(results);
    reader.previous = results.at(-1)?.cursor ?? reader.previous;
    reader.joinedAt = upTo;
    const points = page.takePoints() + renderings.length * DELIVERY_POINTS;
    if (reader.payer !== null && !this.#options.charge(reader.payer, points)) this.#endSpent(reader);
    else await reader.sink.drained();
  }

  #join(feed: Feed<Batch>, reader: Reader<Batch>): void {
    let channel = this.#channels.get(feed.key);
    if (!channel) {
      channel = new Channel(feed);
      this.#channels.add(channel);
    }
    channel.join(reader);
    reader.channel = channel;
  }

  #end(reader: Reader<Batch>, error: ReadoutError | null): void {
    if (!reader.open) return;
    this.#leave(reader);
    reader.sink.end(error);
  }

  /** The payer of a reader has no points left. */
  #endSpent(reader: Reader<Batch>): void {
    const { limit, max } = this.#options.budgetOf(reader.payer as string);
    const { previous: cursor } = reader;
    const message = `Your subscriptions cost more than your ${max} points a minute (${limit}). Follow less, and resume after ${cursor} in a minute.`;
    this.#end(reader, new ReadoutError('LIMIT_EXCEEDED', message, undefined, { limit, max, cursor }));
  }

  /** Something could not be read for good: the reader can resume where it stands. */
  #fail(reader: Reader<Batch>, error: unknown): void {
    if (!reader.open) return;
    this.#options.report(error);
    const message = `What came next could not be read. Resume after ${reader.previous}.`;
    this.#end(reader, new ReadoutError('UNAVAILABLE', message, undefined, { cursor: reader.previous }));
  }

  #leave(reader: Reader<Batch>): void {
    if (!reader.open) return;
    reader.open = false;
    addTo(this.#payers, reader.payer, -1);
    const { channel } = reader;
    channel?.leave(reader);
    if (channel?.readers.size === 0) this.#channels.delete(channel);
  }
}

function slowReader(reader: { readonly previous: string }): ReadoutError {
  return new ReadoutError(
    'SLOW_READER',
    `This reader fell too far behind. Read faster, and resume after ${reader.previous}.`,
    undefined,
    { cursor: reader.previous },
  );
}

function resync(head: Head): ReadoutError {
  return new ReadoutError(
    'RESYNC',
    `The record has another history now, and is at ${formatCursor(head)}. Load your lists again, then follow from \`record { cursor }\`.`,
    undefined,
    { epoch: epochOf(head) },
  );
}
