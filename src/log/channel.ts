import type { LogEntry } from './change.ts';
import type { Cursor } from './cursor.ts';
import type { Feed, Sink } from './delivery.ts';

/** Readers are charged when a subscription has come to cost them so much: less is not worth the charge. */
const CHARGED_POINTS_MIN = 50;

/** Charges a holder of subscriptions. @returns whether there was enough left. */
export type Charge = (holder: string, points: number) => boolean;

/** Somebody who reads a subscription. */
export interface Reader<Batch> {
  readonly sink: Sink;
  /** Cursor of the change delivered last. */
  previous: string;
  /** It has everything up to here by replay. */
  joinedAt: Cursor;
  open: boolean;
  /** Who pays for it; null for one who is not counted. */
  readonly holder: string | null;
  /** The channel it has joined; none while it is replaying. */
  channel?: Channel<Batch>;
}

/** A feed with those who read it. */
export class Channel<Batch> {
  readonly readers = new Set<Reader<Batch>>();
  readonly backlog: { entry: LogEntry; batch: Batch }[] = [];
  /** Under way while there is a backlog. */
  running: Promise<void> | undefined;
  /** Points that its readers have not been charged yet. */
  owed = 0;

  constructor(readonly feed: Feed<Batch>) {}

  /**
   * Adds to what the feed has cost, and charges the holders of its readers when that has become enough: each by its readers.
   * @returns the readers of those that have nothing left.
   */
  charge(points: number, charge: Charge): Reader<Batch>[] {
    this.owed += points;
    if (this.owed < CHARGED_POINTS_MIN) return [];
    const each = this.owed / this.readers.size;
    this.owed = 0;
    const due = new Map<string, number>();
    for (const { holder } of this.readers) {
      if (holder !== null) due.set(holder, (due.get(holder) ?? 0) + each);
    }
    const spent = new Set(
      [...due].filter(([holder, share]) => !charge(holder, share)).map(([holder]) => holder),
    );
    if (spent.size === 0) return [];
    return [...this.readers].filter(({ holder }) => holder !== null && spent.has(holder));
  }
}

/** The channels that have readers, found by the key of their feed and by the marks that concern them. */
export class Channels<Batch> {
  readonly #byKey = new Map<string, Channel<Batch>>();
  readonly #byMark = new Map<string, Set<Channel<Batch>>>();
  readonly #unmarked = new Set<Channel<Batch>>();
  readonly #waiting = new Set<Channel<Batch>>();

  get count(): number {
    return this.#byKey.size;
  }

  get all(): Channel<Batch>[] {
    return [...this.#byKey.values()];
  }

  get(key: string): Channel<Batch> | undefined {
    return this.#byKey.get(key);
  }

  add(channel: Channel<Batch>): void {
    this.#byKey.set(channel.feed.key, channel);
    this.index(channel);
  }

  delete(channel: Channel<Batch>): void {
    this.unindex(channel);
    this.#byKey.delete(channel.feed.key);
  }

  /** Those that name something that the record lacked when they were prepared. */
  get waiting(): Channel<Batch>[] {
    return [...this.#waiting];
  }

  /** Whom a change with these marks can concern. */
  *concerned(marks: readonly string[]): Iterable<Channel<Batch>> {
    yield* this.#unmarked;
    const marked = new Set<Channel<Batch>>();
    for (const mark of marks) {
      for (const channel of this.#byMark.get(mark) ?? []) marked.add(channel);
    }
    yield* marked;
  }

  /** Finds a channel from now on by what its feed was prepared with. */
  index(channel: Channel<Batch>): void {
    const { marks, isWaiting } = channel.feed;
    if (isWaiting) this.#waiting.add(channel);
    if (!marks) this.#unmarked.add(channel);
    for (const mark of marks ?? []) {
      const channels = this.#byMark.get(mark) ?? new Set();
      channels.add(channel);
      this.#byMark.set(mark, channels);
    }
  }

  unindex(channel: Channel<Batch>): void {
    this.#waiting.delete(channel);
    this.#unmarked.delete(channel);
    for (const mark of channel.feed.marks ?? []) {
      const channels = this.#byMark.get(mark);
      channels?.delete(channel);
      if (channels?.size === 0) this.#byMark.delete(mark);
    }
  }
}
