import type { AddedSlugs } from '../addedSlugs.ts';
import { Channel, type Reader } from './channel.ts';
import type { Channels } from './channels.ts';
import { type Feed, resultsAfter } from './delivery.ts';
import { DELIVERY_POINTS } from './fanOut.ts';
import type { Preparation } from './preparation.ts';
import type { Replay } from './replay.ts';
import { retryRead } from './retry.ts';
import type { Subscribers } from './subscribers.ts';

/** A reader that has not caught up with the channels. */
interface ReplayingReader<Batch> {
  readonly reader: Reader<Batch>;
  readonly feed: Feed<Batch>;
  /** Whether something that the feed names was added, so that it must be prepared again. */
  isStale: boolean;
}

/** Brings new readers to the position of the channels: they get the past page by page, and then join their channel. */
export class CatchUp<Batch> {
  readonly #past: Replay<Batch>;
  readonly #preparation: Preparation<Batch>;
  readonly #channels: Channels<Batch>;
  readonly #subscribers: Subscribers<Batch>;
  readonly #replaying = new Set<ReplayingReader<Batch>>();
  /** Changes that were delivered from the past. */
  replayed = 0;

  constructor(
    past: Replay<Batch>,
    preparation: Preparation<Batch>,
    channels: Channels<Batch>,
    subscribers: Subscribers<Batch>,
  ) {
    this.#past = past;
    this.#preparation = preparation;
    this.#channels = channels;
    this.#subscribers = subscribers;
  }

  /** The readers that have not caught up. */
  get readers(): Reader<Batch>[] {
    return [...this.#replaying].map(({ reader }) => reader);
  }

  /** @param turn awaited after each page, so that other clients get a turn. */
  begin(reader: Reader<Batch>, feed: Feed<Batch>, turn: () => Promise<void> | null): void {
    const replaying = { reader, feed, isStale: true };
    this.#replaying.add(replaying);
    this.#run(replaying, turn)
      .catch((error: unknown) => this.#subscribers.fail(reader, error))
      .finally(() => this.#replaying.delete(replaying));
  }

  /** The feeds that name one of these slugs must be prepared again. */
  markStale(added: AddedSlugs): void {
    for (const replaying of this.#replaying) replaying.isStale ||= replaying.feed.names(added);
  }

  async #run(replaying: ReplayingReader<Batch>, turn: () => Promise<void> | null): Promise<void> {
    const { reader, feed: own } = replaying;
    while (reader.open) {
      const feed = this.#channels.get(own.key)?.feed ?? own;
      if (feed === own && replaying.isStale) {
        replaying.isStale = false;
        const wanted = (): boolean => reader.open;
        await retryRead(() => this.#preparation.prepare(own, reader.payer, wanted), wanted);
      } else if (reader.joinedAt.position >= this.#channels.position) {
        this.#join(feed, reader);
        return;
      } else {
        await this.#replayPage(feed, reader);
        await turn();
      }
    }
  }

  async #replayPage(feed: Feed<Batch>, reader: Reader<Batch>): Promise<void> {
    const page = await this.#past.page(feed, reader.joinedAt, this.#channels.position, reader.payer);
    const { renderings, upTo } = page;
    if (!reader.open) return;
    const results = resultsAfter(reader.previous, renderings);
    this.replayed += results.length;
    if (results.length > 0) reader.sink.next(results);
    reader.previous = results.at(-1)?.cursor ?? reader.previous;
    reader.joinedAt = upTo;
    const points = page.takePoints() + renderings.length * DELIVERY_POINTS;
    if (this.#subscribers.chargeReader(reader, points)) await reader.sink.drained();
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
}
