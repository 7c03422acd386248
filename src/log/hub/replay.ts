import type { LogPage } from '../change.ts';
import type { Cursor } from '../cursor.ts';
import { type Feed, pointsOf, type Rendering, renderLengthOf } from './delivery.ts';
import { persist } from './persist.ts';

/** Pages that are read at once: the others wait, so that those who follow live are not held up by replays. */
const PAGES_AT_ONCE_MAX = 4;
/** How long a page is kept: when a process ends, its readers reconnect within moments of one another. */
const PAGE_KEPT_MS = 1_000;
const PAGES_KEPT_MAX = 200;
/** Bytes of kept pages. Beyond it, only pages that are being read are shared. */
const PAGES_BYTES_MAX = 8 * 1_048_576;

/** Points for reading an entry of the log. PostgreSQL takes about 16 µs, and the process about 20. */
const ENTRY_POINTS = 30;

/** A piece of the past as a feed gives it. */
export class Page {
  #points: number;

  constructor(
    readonly renderings: readonly Rendering[],
    /** The last change it covers. */
    readonly upTo: Cursor,
    points: number,
  ) {
    this.#points = points;
  }

  /** The cost of reading the page, which its first reader pays. */
  takePoints(): number {
    const points = this.#points;
    this.#points = 0;
    return points;
  }
}

export interface ReplayOptions<Batch> {
  /** Fresh reads, shared by what is rendered of one page. */
  readonly newBatch: () => Batch;
  /** Entries after a position, oldest first, none beyond `upTo`, with the change at that position. */
  readonly readPage: (
    after: bigint,
    lengthMax: number,
    upTo: bigint,
  ) => Promise<Pick<LogPage, 'after' | 'entries'>>;
}

/** Reads the past for readers that were away, a page at a time; equal readers share a page. */
export class Replay<Batch> {
  readonly #options: ReplayOptions<Batch>;
  readonly #pages = new Map<string, Promise<Page>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #bytesKept = 0;

  constructor(options: ReplayOptions<Batch>) {
    this.#options = options;
  }

  /**
   * What follows a change, not beyond `upTo`; perhaps as another reader got it a moment ago. Rejects where the record has
   * another change at that position: then its history was replaced, which the tailer is about to tell.
   */
  page(feed: Feed<Batch>, after: Cursor, upTo: bigint): Promise<Page> {
    const key = `${feed.key} ${after.position}.${after.digest}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const page = this.#inTurn(() =>
      persist(
        () => this.#read(feed, after, upTo),
        () => true,
      ),
    );
    if (this.#pages.size >= PAGES_KEPT_MAX) return page;
    const forget = (): void => {
      if (this.#pages.get(key) === page) this.#pages.delete(key);
    };
    this.#pages.set(key, page);
    page.then((read) => this.#keep(read, forget), forget);
    return page;
  }

  #keep({ renderings }: Page, forget: () => void): void {
    const bytes = renderings.reduce(
      (sum, { pieces }) => sum + pieces.reduce((n, piece) => n + piece.length, 0),
      0,
    );
    if (this.#bytesKept + bytes > PAGES_BYTES_MAX) {
      forget();
      return;
    }
    this.#bytesKept += bytes;
    setTimeout(() => {
      this.#bytesKept -= bytes;
      forget();
    }, PAGE_KEPT_MS).unref();
  }

  /** Forgets the pages of a history that is no more. */
  clear(): void {
    this.#pages.clear();
  }

  async #read(feed: Feed<Batch>, after: Cursor, upTo: bigint): Promise<Page> {
    const { readPage, newBatch } = this.#options;
    const { after: found, entries } = await readPage(after.position, renderLengthOf(feed), upTo);
    const last = entries.at(-1);
    if (found?.digest !== after.digest || !last) {
      throw new Error(`the record has other changes at ${after.position} than those that were delivered`);
    }
    const statements = entries.filter(({ statementId }) => statementId !== null);
    const searched = statements.filter((entry) => feed.decide(entry) === null);
    const renderings = await feed.render(statements, newBatch());
    const points =
      entries.length * ENTRY_POINTS +
      statements.length * feed.matchPoints +
      searched.length * feed.searchPoints +
      pointsOf(renderings);
    const { position, digest } = last;
    return new Page(renderings, { position, digest }, points);
  }

  async #inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#running >= PAGES_AT_ONCE_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve)); // the one that ends passes its turn on
    } else {
      this.#running += 1;
    }
    try {
      return await read();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
