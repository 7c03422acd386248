import type { LogEntry } from './change.ts';
import type { Feed, Sink } from './delivery.ts';

/** Somebody who reads a subscription. */
export interface Reader<Batch> {
  readonly sink: Sink;
  /** Cursor of the change delivered last. */
  previous: string;
  /** It has everything up to here by replay. */
  joinedAt: bigint;
  open: boolean;
  /** The channel it has joined; none while it is replaying. */
  channel?: Channel<Batch>;
}

/** A feed with those who read it. */
export class Channel<Batch> {
  readonly readers = new Set<Reader<Batch>>();
  readonly backlog: { entry: LogEntry; batch: Batch }[] = [];
  /** Under way while there is a backlog. */
  running: Promise<void> | undefined;

  constructor(
    readonly feed: Feed<Batch>,
    /** What the feed was prepared for. */
    public generation: number,
  ) {}
}

/** The channels that have readers, found by the key of their feed and by the marks that concern them. */
export class Channels<Batch> {
  readonly #byKey = new Map<string, Channel<Batch>>();
  readonly #byMark = new Map<string, Set<Channel<Batch>>>();
  readonly #unmarked = new Set<Channel<Batch>>();

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

  /** Whom a change with these marks can concern. */
  concerned(marks: readonly string[]): Iterable<Channel<Batch>> {
    const concerned = new Set(this.#unmarked);
    for (const mark of marks) {
      for (const channel of this.#byMark.get(mark) ?? []) concerned.add(channel);
    }
    return concerned;
  }

  /** Gives a channel what its feed's marks lead to. */
  index(channel: Channel<Batch>): void {
    if (!channel.feed.marks) this.#unmarked.add(channel);
    for (const mark of channel.feed.marks ?? []) {
      const channels = this.#byMark.get(mark) ?? new Set();
      channels.add(channel);
      this.#byMark.set(mark, channels);
    }
  }

  unindex(channel: Channel<Batch>): void {
    this.#unmarked.delete(channel);
    for (const mark of channel.feed.marks ?? []) {
      const channels = this.#byMark.get(mark);
      channels?.delete(channel);
      if (channels?.size === 0) this.#byMark.delete(mark);
    }
  }
}
