import { FairQueue } from '../../base/fairQueue.ts';
import type { LogEntry, LogPage, MatchableEntry } from '../change.ts';
import type { Cursor } from '../cursor.ts';
import { type Feed, pointsOf, type Rendering, renderLengthOf } from './delivery.ts';
import { retryRead } from './retry.ts';

/** Pages that are read at the same time. Other pages wait, so that replays do not delay live deliveries. */
const PAGES_AT_ONCE_MAX = 4;
/** Pages of one client that are read at the same time while other clients have subscriptions, too. */
const PAGES_PER_CLIENT_MAX = 2;
/** How long a page is cached. When a process ends, its readers reconnect at nearly the same time. */
const PAGE_TTL_MS = 1_000;
const CACHED_PAGES_MAX = 200;
/** Bytes of cached pages. Beyond it, only pages that are being read are shared. */
const CACHED_PAGES_BYTES_MAX = 8 * 1_048_576;

/** Points for reading an entry of the log. PostgreSQL takes about 16 µs, and the process about 20. */
const ENTRY_POINTS = 30;

/** A page that waits to be read, is being read, or was read a moment ago. */
interface CachedPage {
  readonly page: Promise<ReplayPage>;
  /** The client whose turn it waits for. */
  readonly client: string | null;
  isBegun: boolean;
}

/** The changes of a part of the log, rendered by a feed. */
export class ReplayPage {
  #points: number;

  constructor(
    readonly renderings: readonly Rendering[],
    /** The last change of the part, whether it matches or not. */
    readonly upTo: Cursor,
    points: number,
  ) {
    this.#points = points;
  }

  /** The cost of the page, which its first reader pays. Further calls return 0. */
  takePoints(): number {
    const points = this.#points;
    this.#points = 0;
    return points;
  }
}

/** The tree of topics, as it was at the last change that the hub has published. */
export interface Tree {
  /** Applies a change to the tree, if it is about a topic. */
  apply(entry: LogEntry): void;
  /** A change with the topics above those of its statement. */
  matchable(entry: LogEntry): MatchableEntry;
}

export interface ReplayOptions<Batch> {
  /** Makes a batch, whose reads the changes of one page share. */
  readonly newBatch: () => Batch;
  /** Reads entries after a position and up to `upTo`, oldest first, and the change at that position. */
  readonly readPage: (
    after: bigint,
    lengthMax: number,
    upTo: bigint,
  ) => Promise<Pick<LogPage, 'after' | 'entries'>>;
  readonly tree: Tree;
}

/** Reads the past for readers that resume, a page at a time. Readers with the same feed and position share a page. */
export class Replay<Batch> {
  readonly #options: ReplayOptions<Batch>;
  readonly #pages = new Map<string, CachedPage>();
  readonly #queue: FairQueue;
  #cachedBytes = 0;
  /** Pages that were cached or being read, and those that were read for their reader. */
  hits = 0;
  misses = 0;

  /** @param isAlone whether there is only one client. */
  constructor(options: ReplayOptions<Batch>, isAlone: () => boolean) {
    this.#options = options;
    this.#queue = new FairQueue({
      slotsMax: PAGES_AT_ONCE_MAX,
      slotsPerClientMax: PAGES_PER_CLIENT_MAX,
      slotsAloneMax: PAGES_AT_ONCE_MAX,
      isAlone,
    });
  }

  get bytes(): number {
    return this.#cachedBytes;
  }

  get size(): number {
    return this.#pages.size;
  }

  /**
   * The page after a change, up to `upTo`.
   * @param client the client that it is read for; null for an exempt client.
   * @throws Error where the record has another change at that position. Then it has another history, and the tailer is about
   *   to report it.
   */
  page(feed: Feed<Batch>, after: Cursor, upTo: bigint, client: string | null): Promise<ReplayPage> {
    const key = `${feed.key} ${after.position}.${after.digest}`;
    const known = this.#pages.get(key);
    // A page that waits for the turn of another client would come too late.
    if (known && (known.isBegun || known.client === client)) {
      this.hits += 1;
      return known.page;
    }
    this.misses += 1;
    const page: Promise<ReplayPage> = this.#inTurn(client, () => {
      const other = this.#pages.get(key);
      if (other?.isBegun) return other.page;
      if (other) this.#pages.set(key, cached);
      cached.isBegun = true;
      return retryRead(
        () => this.#read(feed, after, upTo),
        () => true,
      );
    });
    const cached: CachedPage = { page, client, isBegun: false };
    if (this.#pages.size >= CACHED_PAGES_MAX) return page;
    const evict = (): void => {
      if (this.#pages.get(key) === cached) this.#pages.delete(key);
    };
    this.#pages.set(key, cached);
    page.then((read) => this.#cache(read, evict), evict);
    return page;
  }

  #cache({ renderings }: ReplayPage, evict: () => void): void {
    const bytes = renderings.reduce(
      (sum, { pieces }) => sum + pieces.reduce((n, piece) => n + piece.length, 0),
      0,
    );
    if (this.#cachedBytes + bytes > CACHED_PAGES_BYTES_MAX) {
      evict();
      return;
    }
    this.#cachedBytes += bytes;
    setTimeout(() => {
      this.#cachedBytes -= bytes;
      evict();
    }, PAGE_TTL_MS).unref();
  }

  /** Evicts all pages, because the record has another history. */
  clear(): void {
    this.#pages.clear();
  }

  async #read(feed: Feed<Batch>, after: Cursor, upTo: bigint): Promise<ReplayPage> {
    const { readPage, newBatch, tree } = this.#options;
    const { after: found, entries } = await readPage(after.position, renderLengthOf(feed), upTo);
    const last = entries.at(-1);
    if (found?.digest !== after.digest || !last) {
      throw new Error(`the record has other changes at ${after.position} than those that were delivered`);
    }
    const statements = entries.filter(({ statementId }) => statementId !== null);
    const candidates = statements.flatMap((entry) => feed.candidate(tree.matchable(entry)) ?? []);
    const searched = candidates.filter(({ decide }) => decide !== null);
    const rendered = await feed.render(candidates, newBatch());
    const points =
      entries.length * ENTRY_POINTS +
      statements.length * feed.matchPoints +
      searched.length * feed.searchPoints +
      pointsOf(rendered);
    const { position, digest } = last;
    return new ReplayPage(rendered.renderings, { position, digest }, points);
  }

  async #inTurn<T>(client: string | null, read: () => Promise<T>): Promise<T> {
    await this.#queue.acquire(client);
    try {
      return await read();
    } finally {
      this.#queue.release(client);
    }
  }
}
