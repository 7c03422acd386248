import { inSteps, nextTurn } from '../../base/steps.ts';
import { within } from '../../base/within.ts';
import type { Tracing } from '../../observe/tracing.ts';
import { type AddedSlugs, addedSlugs, hasMerge } from '../addedSlugs.ts';
import type { LogEntry, MatchableEntry } from '../change.ts';
import { type Cursor, formatCursor, type Head } from '../cursor.ts';
import { CatchUp } from './catchUp.ts';
import type { Channel, Reader } from './channel.ts';
import { Channels } from './channels.ts';
import type { Feed, Sink } from './delivery.ts';
import { FanOut } from './fanOut.ts';
import { Preparation } from './preparation.ts';
import { Replay, type ReplayOptions } from './replay.ts';
import { retryRead } from './retry.ts';
import { Subscribers, type SubscribersOptions } from './subscribers.ts';

/** Matching, and the rendering of matches, yield to other work after this many points, about 10 ms. */
const TURN_POINTS = 10_000;

export interface HubOptions<Batch> extends ReplayOptions<Batch>, SubscribersOptions {
  readonly marksOf: (entry: MatchableEntry) => readonly string[];
  readonly head: () => Head;
  /** Traces the delivery of changes; null where nothing is traced. */
  readonly tracing?: Tracing | null;
}

/** An open subscription. */
export interface OpenSubscription {
  /** Ends it without a message, because the reader has gone. */
  close(): void;
}

/** Connects the log with the subscriptions of this process. `delivery.ts` explains how. */
export class Hub<Batch> {
  readonly #options: HubOptions<Batch>;
  readonly #channels = new Channels<Batch>();
  readonly #subscribers: Subscribers<Batch>;
  readonly #fanOut: FanOut<Batch>;
  readonly #past: Replay<Batch>;
  readonly #catchUp: CatchUp<Batch>;
  #dispatching: Promise<void> = Promise.resolve();
  #historyNumber = 0;
  /** Points of the work since other work had a turn. */
  #turnPoints = 0;
  /** Subscriptions that resumed from a cursor. */
  #resumed = 0;

  constructor(options: HubOptions<Batch>) {
    this.#options = options;
    this.#subscribers = new Subscribers(options, this.#channels);
    const { isAlone } = this.#subscribers;
    this.#fanOut = new FanOut(options.newBatch, this.#subscribers);
    this.#past = new Replay(options, isAlone);
    const preparation = new Preparation(options.newBatch, isAlone);
    this.#catchUp = new CatchUp(this.#past, preparation, this.#channels, this.#subscribers);
    this.#channels.position = options.head().position;
  }

  /** Open subscriptions, distinct feeds of those that have caught up, and subscriptions that have not caught up. */
  get counts(): { readers: number; feeds: number; replays: number } {
    const replays = this.#catchUp.readers.length;
    let readers = replays;
    for (const channel of this.#channels.all) readers += channel.readers.size;
    return { readers, feeds: this.#channels.count, replays };
  }

  /** What was delivered so far, and to whom, for the metrics. */
  get activity() {
    const { opened, open, ended } = this.#subscribers;
    const { deliveries, delays } = this.#fanOut;
    return {
      opened,
      open,
      ended,
      deliveries,
      delays,
      replayed: this.#catchUp.replayed,
      resumed: this.#resumed,
      pages: this.#past,
    };
  }

  /** Number of the current history. A cursor that was checked in an earlier history is no longer valid. */
  get historyNumber(): number {
    return this.#historyNumber;
  }

  /** Takes changes from the tailer, in order. */
  publish(entries: readonly LogEntry[]): void {
    const history = this.#historyNumber;
    this.#dispatching = this.#dispatching.then(() => this.#dispatch(entries, history));
  }

  /**
   * Opens a subscription. Errors end it through the sink.
   * @param after the change to resume after; null for the present.
   * @param payer who pays for it; null for an exempt client.
   * @param turn awaited after each replayed page, so that other clients get a turn.
   * @param history the `historyNumber` at the time when `after` was checked.
   */
  subscribe(
    feed: Feed<Batch>,
    after: Cursor | null,
    sink: Sink,
    payer: string | null,
    turn: () => Promise<void> | null = () => null,
    history: number = this.#historyNumber,
  ): OpenSubscription {
    const head = this.#options.head();
    const start = after ?? head;
    const reader: Reader<Batch> = {
      sink,
      previous: formatCursor(start),
      joinedAt: start,
      open: true,
      payer,
    };
    this.#subscribers.enter(reader);
    if (after) this.#resumed += 1;
    if (after && history !== this.#historyNumber) {
      this.#subscribers.endForResync(reader, head);
      return { close: () => undefined };
    }
    this.#catchUp.begin(reader, feed, turn);
    return { close: () => this.#subscribers.leave(reader) };
  }

  /** Ends every subscription, because the record has another history now. */
  resync(head: Head): void {
    this.#historyNumber += 1;
    this.#past.clear();
    this.#channels.position = head.position;
    const readers = [...this.#catchUp.readers, ...this.#channels.all.flatMap(({ readers }) => [...readers])];
    for (const reader of readers) this.#subscribers.endForResync(reader, head);
  }

  /** Waits until all published changes are delivered, at most `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    const done = this.#dispatching.then(() => Promise.all(this.#channels.all.map((c) => c.running)));
    await within(timeoutMs, done);
  }

  /** Takes the changes in order, so that each statement is matched with what the changes before it have left. */
  async #dispatch(entries: readonly LogEntry[], history: number): Promise<void> {
    const isDropped = (): boolean => history !== this.#historyNumber; // changes of an earlier history
    let batch = this.#options.newBatch();
    for (const run of runsOf(entries)) {
      if (isDropped()) return;
      if (isOfStatement(run[0])) await this.#match(run, batch, isDropped);
      else {
        batch = this.#options.newBatch(); // a batch keeps what it has read
        await this.#applySubjects(run, batch);
      }
    }
  }

  /** Applies changes of actors, topics, sources, events and collections to what statements are matched with. */
  async #applySubjects(entries: readonly LogEntry[], batch: Batch): Promise<void> {
    for (const entry of entries) {
      this.#channels.position = entry.position;
      this.#options.tree.apply(entry);
    }
    const added = addedSlugs(entries);
    if (added.size > 0) await this.#prepareAgain(added, hasMerge(entries), batch);
  }

  /**
   * Queues changes of statements for the channels that they match. It waits only to give other work a turn, so that a feed renders these
   * changes together.
   */
  async #match(entries: readonly LogEntry[], batch: Batch, isDropped: () => boolean): Promise<void> {
    for (const entry of entries) {
      this.#channels.position = entry.position;
      const change = this.#options.tree.matchable(entry);
      const span = this.#options.tracing?.begin('change', 'consumer', {
        ...{ 'readout.position': String(entry.position), 'readout.change': entry.kind },
      });
      for (const channel of this.#channels.candidates(this.#options.marksOf(change))) {
        const { feed } = channel;
        const candidate = feed.candidate(change);
        const cost = feed.matchPoints + (candidate?.decide ? feed.searchPoints : 0);
        this.#subscribers.charge(channel, cost);
        this.#turnPoints += cost;
        if (candidate && channel.readers.size > 0) {
          this.#fanOut.enqueue(channel, { candidate, batch, span });
          this.#turnPoints += feed.renderPoints;
        }
        if (this.#turnPoints < TURN_POINTS) continue;
        this.#turnPoints = 0;
        await nextTurn();
        if (isDropped()) return;
      }
      span?.end();
    }
  }

  /**
   * Prepares again the feeds that name one of these slugs, which were unknown before.
   * @param isMerge whether some of them named another actor before. Then feeds whose slugs are all known are concerned, too.
   */
  async #prepareAgain(added: AddedSlugs, isMerge: boolean, shared: Batch): Promise<void> {
    this.#catchUp.markStale(added);
    let batch = shared;
    const prepare = async (channel: Channel<Batch>): Promise<void> => {
      this.#channels.unindex(channel);
      try {
        await retryRead(
          () => channel.feed.prepare(batch),
          () => channel.readers.size > 0,
          () => {
            batch = this.#options.newBatch(); // the batch caches its failed reads
          },
        );
        if (this.#channels.get(channel.feed.key) === channel) this.#channels.index(channel);
      } catch (error) {
        for (const reader of channel.readers) this.#subscribers.fail(reader, error);
      }
    };
    const prepared: Promise<void>[] = [];
    const begin = function* (this: Hub<Batch>): Generator<void, void> {
      for (const channel of isMerge ? this.#channels.all : this.#channels.missing(added)) {
        this.#subscribers.charge(channel, channel.feed.matchPoints);
        if (channel.feed.names(added)) prepared.push(prepare(channel));
        yield;
      }
    };
    await inSteps(begin.call(this));
    await Promise.all(prepared);
  }
}

const isOfStatement = ({ statementId }: LogEntry): boolean => statementId !== null;

/** Changes one after another that are all of statements, or all of other things. */
type Run = readonly [LogEntry, ...LogEntry[]];

function runsOf(entries: readonly LogEntry[]): Run[] {
  const runs: [LogEntry, ...LogEntry[]][] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last && isOfStatement(last[0]) === isOfStatement(entry)) last.push(entry);
    else runs.push([entry]);
  }
  return runs;
}
