import type pg from 'pg';
import { LATE, within } from '../base/within.ts';
import type { Database } from '../db/client.ts';
import { type LogEntry, readLog } from './change.ts';
import { type Cursor, formatCursor, type Head } from './cursor.ts';
import { readHead } from './head.ts';
import { Listener } from './listener.ts';

/** After this time, a change is found even if its notification was lost. */
const POLL_INTERVAL_MS = 1_000;
const PAGE_LENGTH_MAX = 500;
/** Recent digests that are kept. A writer needs the digest of its change as soon as the change is published. */
const RECENT_LENGTH_MAX = 2_000;

export interface TailerOptions {
  readonly db: Pick<Database, 'url'>;
  /** Receives every change once, in order and without gaps. It must not throw and must not wait. */
  readonly onEntries: (entries: readonly LogEntry[]) => void;
  /** Called with the head at the start, before any change, and when the database has another history. */
  readonly onHistory: (head: Head) => void;
  readonly notice: (message: string) => void;
}

/**
 * Follows the log and publishes its changes. A notification only says when to read; the table is the truth, and a poll
 * finds changes whose notification was lost. Positions are contiguous, so the tailer knows that it has missed nothing.
 * Each read returns the digest of the change at the tailer's head, so it knows that the history has not changed.
 */
export class Tailer {
  readonly #options: TailerOptions;
  readonly #listener: Listener;
  readonly #waiting = new Set<{ position: bigint; resolve: () => void }>();
  #head: Head = { genesis: '', position: 0n, digest: '' };
  /** Position of the last committed change that this process knows of. */
  #headPosition = 0n;
  /** Digests of the changes up to the head, the newest last. */
  #recent: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #readAgain = false;
  #failing = false;
  #started = false;
  #stopped = false;

  constructor(options: TailerOptions) {
    this.#options = options;
    this.#listener = new Listener({
      url: options.db.url,
      onBell: () => this.ring(),
      onFailure: () => {
        this.#failing = true;
      },
      notice: options.notice,
    });
  }

  /** The last change that was published. */
  get head(): Head {
    return this.#head;
  }

  /** The digest of a recent change; null for an older or a future one. */
  recent(position: bigint): Cursor | null {
    if (position === this.#head.position) return this.#head;
    const digest = this.#recent[this.#recent.length - 1 - Number(this.#head.position - position)];
    return digest === undefined ? null : { position, digest };
  }

  /** Number of committed changes that are known but not yet published. */
  get lag(): number {
    return Number(this.#headPosition - this.#head.position);
  }

  /** Whether the connection that listens for changes is open, and how often it was lost. */
  get listening(): { readonly connected: boolean; readonly losses: number } {
    return { connected: this.#listener.client !== undefined, losses: this.#listener.losses };
  }

  /** Whether the last read of the log failed. */
  get failing(): boolean {
    return this.#failing;
  }

  /**
   * Begins at the current end of the log.
   * @throws the error of the driver where the log can't be read.
   */
  async start(): Promise<void> {
    await this.#listener.connect();
    const head = await readHead(this.#connected);
    this.#begin(head);
    this.#options.onHistory(head);
    this.#started = true;
    this.ring(); // changes may have been committed after the head was read
    this.#timer = setInterval(() => this.ring(), POLL_INTERVAL_MS);
  }

  /** Reads new changes now, or once more after the current read. */
  ring(): void {
    if (!this.#started || this.#stopped) return;
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
      if (this.#readAgain) {
        this.#readAgain = false;
        this.ring();
      }
    });
  }

  /** Resolves to true when the change at `position` has been published, or to false after `timeoutMs`. */
  async reached(position: bigint, timeoutMs: number): Promise<boolean> {
    if (this.#head.position >= position) return true;
    this.ring();
    return new Promise((resolve) => {
      const waiter = {
        position,
        resolve: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        resolve(false);
      }, timeoutMs);
      this.#waiting.add(waiter);
    });
  }

  /** Publishes all changes that are committed by now. Waits at most `timeoutMs`. */
  async catchUp(timeoutMs: number): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    const head = await within(timeoutMs, readHead(this.#connected));
    if (head !== LATE) await this.reached(head.position, Math.max(0, endMs - performance.now()));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#reading;
    await this.#listener.stop();
  }

  get #connected(): pg.Client {
    if (!this.#listener.client) throw new Error('there is no connection to read the log with');
    return this.#listener.client;
  }

  #begin(head: Head): void {
    this.#head = head;
    this.#headPosition = head.position;
    this.#recent = [];
  }

  async #read(): Promise<void> {
    const { client } = this.#listener;
    if (!client) return; // a new connection begins with a read
    try {
      do {
        const { position, digest } = this.#head;
        const { headPosition, after, entries } = await readLog(this.#connected, position, PAGE_LENGTH_MAX);
        if (after?.digest !== digest) {
          this.#restart(await readHead(this.#connected));
          continue;
        }
        this.#headPosition = headPosition;
        if (position < headPosition) this.#publish(entries);
      } while (this.#head.position < this.#headPosition && !this.#stopped);
      if (this.#failing) this.#options.notice('The log can be read again.');
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        this.#options.notice(`The log can't be read. Readout keeps trying: ${String(error)}`);
      this.#failing = true;
      this.#listener.replace(client, error instanceof Error ? error : undefined);
    }
  }

  #publish(entries: readonly LogEntry[]): void {
    for (const [i, entry] of entries.entries()) {
      if (entry.position !== this.#head.position + BigInt(i + 1)) {
        throw new Error(`the log has no change between ${this.#head.position} and ${entry.position}`);
      }
    }
    const last = entries.at(-1);
    if (!last)
      throw new Error(`the log ends at ${this.#head.position}, before its head ${this.#headPosition}`);
    this.#head = { genesis: this.#head.genesis, position: last.position, digest: last.digest };
    for (const { digest } of entries) this.#recent.push(digest);
    if (this.#recent.length > 2 * RECENT_LENGTH_MAX) this.#recent = this.#recent.slice(-RECENT_LENGTH_MAX);
    this.#options.onEntries(entries);
    this.#resolveWaiting();
  }

  #resolveWaiting(): void {
    for (const waiter of this.#waiting) if (waiter.position <= this.#head.position) waiter.resolve();
  }

  #restart(head: Head): void {
    this.#options.notice(
      `The database has another history than before. The record is now at ${formatCursor(head)}, and subscriptions end with RESYNC.`,
    );
    this.#begin(head);
    this.#options.onHistory(head);
    this.#resolveWaiting();
  }
}
