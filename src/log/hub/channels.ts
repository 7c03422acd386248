import { type AddedSlugs, slugKey } from '../addedSlugs.ts';
import type { Channel } from './channel.ts';

/** Channels by strings that their feeds name; null for a feed that every string can concern. */
class Index<Batch> {
  readonly #byKey = new Map<string, Set<Channel<Batch>>>();
  readonly #always = new Set<Channel<Batch>>();

  add(keys: readonly string[] | null, channel: Channel<Batch>): void {
    if (!keys) this.#always.add(channel);
    for (const key of keys ?? []) {
      const channels = this.#byKey.get(key) ?? new Set();
      channels.add(channel);
      this.#byKey.set(key, channels);
    }
  }

  delete(keys: readonly string[] | null, channel: Channel<Batch>): void {
    this.#always.delete(channel);
    for (const key of keys ?? []) {
      const channels = this.#byKey.get(key);
      channels?.delete(channel);
      if (channels?.size === 0) this.#byKey.delete(key);
    }
  }

  /** The channels that one of these strings can concern, each once. */
  *find(keys: Iterable<string>): Iterable<Channel<Batch>> {
    yield* this.#always;
    const found = new Set<Channel<Batch>>();
    for (const key of keys) {
      for (const channel of this.#byKey.get(key) ?? []) found.add(channel);
    }
    yield* found;
  }
}

/** The channels that have readers, by the key, the marks and the missing slugs of their feeds. */
export class Channels<Batch> {
  readonly #byKey = new Map<string, Channel<Batch>>();
  readonly #byMark = new Index<Batch>();
  readonly #byMissing = new Index<Batch>();
  /** Position of the last change that they got. */
  position = 0n;

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

  /** The channels that a change with these marks can match. */
  candidates(marks: readonly string[]): Iterable<Channel<Batch>> {
    return this.#byMark.find(marks);
  }

  /** The channels whose feeds can have missed one of these slugs. */
  missing(added: AddedSlugs): Channel<Batch>[] {
    const keys = [...added].flatMap(([kind, slugs]) => [...slugs].map((slug) => slugKey(kind, slug)));
    return [...this.#byMissing.find(keys)];
  }

  /** Indexes a channel by what its prepared feed names. */
  index(channel: Channel<Batch>): void {
    this.#byMark.add(channel.feed.marks, channel);
    this.#byMissing.add(channel.feed.missing, channel);
  }

  unindex(channel: Channel<Batch>): void {
    this.#byMark.delete(channel.feed.marks, channel);
    this.#byMissing.delete(channel.feed.missing, channel);
  }
}
