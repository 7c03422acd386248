import { ReadoutError } from '../errors.ts';
import type { LogEntry } from './change.ts';
import { type Cursor, formatCursor } from './cursor.ts';

/** Bytes that may wait for one reader. One that falls further behind is closed, and can resume by its cursor. */
export const READER_BUFFER_BYTES_MAX = 1_048_576;
/** Changes that may wait for one feed while it renders. */
const FEED_BACKLOG_LENGTH_MAX = 10_000;
/** Changes that a feed renders at once: as many as share one round of SQL. */
const RENDER_LENGTH_MAX = 100;
const REPLAY_PAGE_LENGTH_MAX = 100;

/** One change as JSON text, cut where the cursor of the change before it belongs. */
export interface Rendering {
  readonly position: bigint;
  readonly cursor: string;
  readonly pieces: readonly string[];
}

/** What equal subscriptions share: which changes they get, and as what. */
export interface Feed<Batch> {
  /** Equal for subscriptions that get the same bytes. */
  readonly key: string;
  /** Marks of which a change must carry one to concern this feed; null: any change can. */
  readonly marks: ReadonlySet<string> | null;
  /** Whether marks and matching depend on what can be added to the record beside statements. */
  readonly namesThings: boolean;
  /** Takes in what was added since. */
  prepare(batch: Batch): Promise<void>;
  /** The entries that match, rendered, in order. */
  render(entries: readonly LogEntry[], batch: Batch): Promise<Rendering[]>;
}

/** Where a reader's results go. */
export interface Sink {
  /** Sends one result, JSON text; must not throw. */
  next(body: string, cursor: string): void;
  /** Bytes sent that have not left the process. */
  readonly bufferedBytes: number;
  /** Resolves when most of them have left, or the reader is gone. */
  drained(): Promise<void>;
  /** Ends the stream: null where all is said. */
  end(error: ReadoutError | null): void;
}

export interface HubOptions<Batch> {
  /** Fresh reads, shared by everything that is rendered of one batch of changes. */
  readonly newBatch: () => Batch;
  readonly marksOf: (entry: LogEntry) => readonly string[];
  /** Entries after a position, oldest first, none beyond `upTo`. */
  readonly readEntries: (after: bigint, lengthMax: number, upTo: bigint) => Promise<LogEntry[]>;
  readonly head: () => Cursor;
  /** Told of a fault that ended a subscription. */
  readonly report: (error: unknown) => void;
}

/** A subscription that is open. */
export interface Reading {
  /** Ends it without a word to the reader, who has gone. */
  close(): void;
}

interface Reader<Batch> {
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
class Channel<Batch> {
  readonly readers = new Set<Reader<Batch>>();
  readonly backlog: { entry: LogEntry; batch: Batch }[] = [];
  running: Promise<void> | undefined;

  constructor(readonly feed: Feed<Batch>) {}
}

/**
 * Gives each change to the feeds that it can concern, and what they render of it to their readers: one rendering for
 * all readers of a feed, one round of SQL for all feeds. A reader that starts in the past is served from the log until
 * it has come to the present, and joins there at the exact next position.
 */
export class Hub<Batch> {
  readonly #options: HubOptions<Batch>;
  readonly #channels = new Map<string, Channel<Batch>>();
  readonly #byMark = new Map<string, Set<Channel<Batch>>>();
  readonly #unmarked = new Set<Channel<Batch>>();
  readonly #replays = new Set<Reader<Batch>>();
  #dispatching: Promise<void> = Promise.resolve();
  /** The last change that was given to the channels. */
  #position: bigint;
  #generation = 0;

  constructor(options: HubOptions<Batch>) {
    this.#options = options;
    this.#position = options.head().position;
  }

  /** Open subscriptions, and how many different ones. */
  get counts(): { readers: number; feeds: number } {
    let readers = this.#replays.size;
    for (const channel of this.#channels.values()) readers += channel.readers.size;
    return { readers, feeds: this.#channels.size };
  }

  /** Takes changes from the tailer, in order. */
  publish(entries: readonly LogEntry[]): void {
    this.#dispatching = this.#dispatching.then(() => this.#dispatch(entries)).catch(this.#options.report);
  }

  /**
   * Opens a subscription.
   * @param after where to resume; null begins at the present.
   */
  async read(feed: Feed<Batch>, after: Cursor | null, sink: Sink): Promise<Reading> {
    const { epoch } = this.#options.head();
    const start = after ?? { epoch, position: this.#position };
    const reader: Reader<Batch> = {
      sink,
      previous: formatCursor(start),
      joinedAt: start.position,
      open: true,
    };
    const generation = this.#generation;
    await feed.prepare(this.#options.newBatch());
    this.#replays.add(reader);
    this.#replay(feed, reader, generation)
      .catch((error: unknown) => {
        this.#options.report(error);
        this.#end(
          reader,
          new ReadoutError('UNAVAILABLE', `The log could not be read. Resume after ${reader.previous}.`),
        );
      })
      .finally(() => this.#replays.delete(reader));
    return { close: () => this.#leave(reader) };
  }

  /** Ends every subscription: the record now has another history. */
  resync(head: Cursor): void {
    this.#position = head.position;
    const message = `The record is now history ${head.epoch}. Load your lists again, then follow from \`record { cursor }\`.`;
    this.#endAll(() => new ReadoutError('RESYNC', message, undefined, { epoch: head.epoch }));
  }

  /** Delivers what it was given, for at most `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    const done = this.#dispatching.then(() =>
      Promise.all([...this.#channels.values()].map((c) => c.running)),
    );
    await Promise.race([done, late]);
    clearTimeout(timer);
  }

  async #dispatch(entries: readonly LogEntry[]): Promise<void> {
    const batch = this.#options.newBatch();
    if (entries.some((entry) => entry.statementId === null)) await this.#prepareAgain(batch);
    for (const entry of entries) {
      this.#position = entry.position;
      if (entry.statementId === null) continue;
      for (const channel of this.#concerned(entry)) this.#give(channel, entry, batch);
    }
  }

  #concerned(entry: LogEntry): Iterable<Channel<Batch>> {
    const concerned = new Set(this.#unmarked);
    for (const mark of this.#options.marksOf(entry)) {
      for (const channel of this.#byMark.get(mark) ?? []) concerned.add(channel);
    }
    return concerned;
  }

  /** Something was added beside statements: slugs that led nowhere may now lead somewhere. */
  async #prepareAgain(batch: Batch): Promise<void> {
    this.#generation += 1;
    const affected = [...this.#channels.values()].filter((channel) => channel.feed.namesThings);
    await Promise.all(
      affected.map(async (channel) => {
        this.#unindex(channel);
        await channel.feed.prepare(batch);
        if (this.#channels.has(channel.feed.key)) this.#index(channel);
      }),
    );
  }

  #give(channel: Channel<Batch>, entry: LogEntry, batch: Batch): void {
    if (channel.backlog.length >= FEED_BACKLOG_LENGTH_MAX) {
      channel.backlog.length = 0;
      for (const reader of channel.readers) this.#end(reader, slowReader(reader));
      return;
    }
    channel.backlog.push({ entry, batch });
    channel.running ??= this.#run(channel).finally(() => {
      channel.running = undefined;
    });
  }

  async #run(channel: Channel<Batch>): Promise<void> {
    await null; // the whole batch is given before the first of it is rendered
    while (channel.backlog.length > 0 && channel.readers.size > 0) {
      const taken = channel.backlog.splice(0, RENDER_LENGTH_MAX);
      const { batch } = taken.at(-1) as { batch: Batch };
      try {
        const renderings = await channel.feed.render(
          taken.map(({ entry }) => entry),
          batch,
        );
        for (const rendering of renderings) this.#deliver(channel, rendering);
      } catch (error) {
        this.#options.report(error);
        for (const reader of channel.readers) {
          const message = `The change could not be read. Resume after ${reader.previous}.`;
          this.#end(reader, new ReadoutError('UNAVAILABLE', message, undefined, { cursor: reader.previous }));
        }
      }
    }
    channel.backlog.length = 0;
  }

  #deliver(channel: Channel<Batch>, rendering: Rendering): void {
    let sharedPrevious: string | undefined;
    let sharedBody = '';
    for (const reader of channel.readers) {
      if (rendering.position <= reader.joinedAt) continue;
      if (reader.previous !== sharedPrevious) {
        sharedPrevious = reader.previous;
        sharedBody = rendering.pieces.join(sharedPrevious);
      }
      this.#send(reader, sharedBody, rendering.cursor);
    }
  }

  #send(reader: Reader<Batch>, body: string, cursor: string): void {
    reader.sink.next(body, cursor);
    reader.previous = cursor;
    if (reader.sink.bufferedBytes > READER_BUFFER_BYTES_MAX) this.#end(reader, slowReader(reader));
  }

  async #replay(feed: Feed<Batch>, reader: Reader<Batch>, preparedAt: number): Promise<void> {
    let generation = preparedAt;
    while (reader.open) {
      if (generation !== this.#generation) {
        generation = this.#generation;
        await feed.prepare(this.#options.newBatch());
        continue;
      }
      if (reader.joinedAt >= this.#position) {
        this.#join(feed, reader);
        return;
      }
      const entries = await this.#options.readEntries(
        reader.joinedAt,
        REPLAY_PAGE_LENGTH_MAX,
        this.#position,
      );
      const renderings = await feed.render(
        entries.filter(({ statementId }) => statementId !== null),
        this.#options.newBatch(),
      );
      for (const rendering of renderings) {
        if (!reader.open) return;
        reader.sink.next(rendering.pieces.join(reader.previous), rendering.cursor);
        reader.previous = rendering.cursor;
      }
      reader.joinedAt = entries.at(-1)?.position ?? this.#position;
      await reader.sink.drained();
    }
  }

  #join(feed: Feed<Batch>, reader: Reader<Batch>): void {
    let channel = this.#channels.get(feed.key);
    if (!channel) {
      channel = new Channel(feed);
      this.#channels.set(feed.key, channel);
      this.#index(channel);
    }
    channel.readers.add(reader);
    reader.channel = channel;
  }

  #end(reader: Reader<Batch>, error: ReadoutError | null): void {
    if (!reader.open) return;
    this.#leave(reader);
    reader.sink.end(error);
  }

  #endAll(errorOf: (reader: Reader<Batch>) => ReadoutError | null): void {
    const readers = [
      ...this.#replays,
      ...[...this.#channels.values()].flatMap((channel) => [...channel.readers]),
    ];
    for (const reader of readers) this.#end(reader, errorOf(reader));
  }

  #leave(reader: Reader<Batch>): void {
    reader.open = false;
    const { channel } = reader;
    if (!channel?.readers.delete(reader) || channel.readers.size > 0) return;
    this.#unindex(channel);
    this.#channels.delete(channel.feed.key);
  }

  #index(channel: Channel<Batch>): void {
    if (!channel.feed.marks) this.#unmarked.add(channel);
    for (const mark of channel.feed.marks ?? []) {
      const channels = this.#byMark.get(mark) ?? new Set();
      channels.add(channel);
      this.#byMark.set(mark, channels);
    }
  }

  #unindex(channel: Channel<Batch>): void {
    this.#unmarked.delete(channel);
    for (const mark of channel.feed.marks ?? []) {
      const channels = this.#byMark.get(mark);
      channels?.delete(channel);
      if (channels?.size === 0) this.#byMark.delete(mark);
    }
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
