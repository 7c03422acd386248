import pg from 'pg';
import { LATE, within } from '../base/within.ts';
import { type Database, endIfSilent } from '../db/client.ts';
import { BELL_CHANNEL } from './append.ts';
import { type LogEntry, readLog } from './change.ts';
import { type Cursor, formatCursor, type Head } from './cursor.ts';
import { readHead } from './head.ts';

/** How long a missed bell can go unnoticed. */
export const POLL_INTERVAL_MS = 1_000;
const PAGE_LENGTH_MAX = 500;
/** Number of recent digests. A writer asks for the digest of its change as soon as the change has been published. */
const RECENT_LENGTH_MAX = 2_000;
const RECONNECT_DELAY_MIN_MS = 50;
const RECONNECT_DELAY_MAX_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection on which PostgreSQL is silent for so long after it was asked is lost, even where nothing says so. */
const SILENCE_MAX_MS = 10_000;
/**
 * The log is read the same way every time, by keys. PostgreSQL would plan that anew for each position, which takes as
 * long as the read; and the one plan must be as good when tables have grown that were small when it was made.
 */
const ONE_PLAN = 'SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off;';

export interface TailerOptions {
  readonly db: Pick<Database, 'url'>;
  /** Given every change once, in order, without gaps. It must not throw and must not wait. */
  readonly onEntries: (entries: readonly LogEntry[]) => void;
  /** Called with the head at the start, before any change, and whenever the database has another history. */
  readonly onHistory: (head: Head) => void;
  readonly notice: (message: string) => void;
}

/**
 * Follows the log. The bell (NOTIFY) only says when to look; the table is the truth, and a poll covers a bell that
 * was lost with its connection. Positions are contiguous, so the tailer can tell that it has missed nothing. Each read returns the digest of the tailer's
 * head, so it can tell that the history up to there is unchanged. It has a
 * connection of its own: a pool that is used up by others does not hold up those who follow.
 */
export class Tailer {
  readonly #options: TailerOptions;
  readonly #waiting = new Set<{ position: bigint; resolve: () => void }>();
  #head: Head = { genesis: '', position: 0n, digest: '' };
  /** Committed changes that this process knows of. */
  #headPosition = 0n;
  /** Digests of the changes up to the head, the newest last. */
  #recent: string[] = [];
  /** Hears the bell and reads the log; none while it is made anew. */
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #reconnectDelayMs = RECONNECT_DELAY_MIN_MS;
  #reading: Promise<void> | undefined;
  #rungAgain = false;
  #failing = false;
  #started = false;
  #stopped = false;

  constructor(options: TailerOptions) {
    this.#options = options;
  }

  /** The last change that was handed on. */
  get head(): Head {
    return this.#head;
  }

  /** The digest of a recent change; null for an older or a future one. */
  recent(position: bigint): Cursor | null {
    if (position === this.#head.position) return this.#head;
    const digest = this.#recent[this.#recent.length - 1 - Number(this.#head.position - position)];
    return digest === undefined ? null : { position, digest };
  }

  /** How many committed changes are known and not yet handed on. */
  get lag(): number {
    return Number(this.#headPosition - this.#head.position);
  }

  /** Whether the last look at the log failed. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Begins at the present end of the log. */
  async start(): Promise<void> {
    await this.#connect();
    const head = await readHead(this.#connected);
    this.#begin(head);
    this.#options.onHistory(head);
    this.#started = true;
    this.ring(); // read changes whose bell rang before this process listened
    this.#timer = setInterval(() => this.ring(), POLL_INTERVAL_MS);
  }

  /** Looks for new changes now; while a look is under way, once more after it. */
  ring(): void {
    if (!this.#started || this.#stopped) return;
    if (this.#reading) {
      this.#rungAgain = true;
      return;
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
      if (this.#rungAgain) {
        this.#rungAgain = false;
        this.ring();
      }
    });
  }

  /** Resolves to true when the change at `position` has been handed on, to false when `timeoutMs` have passed. */
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

  /** Hands on what is committed by now, for at most `timeoutMs`. */
  async catchUp(timeoutMs: number): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    const head = await within(timeoutMs, readHead(this.#connected));
    if (head !== LATE) await this.reached(head.position, Math.max(0, endMs - performance.now()));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#reconnectTimer);
    await this.#reading;
    await this.#client?.end();
  }

  get #connected(): pg.Client {
    if (!this.#client) throw new Error('there is no connection to read the log with');
    return this.#client;
  }

  #begin(head: Head): void {
    this.#head = head;
    this.#headPosition = head.position;
    this.#recent = [];
  }

  async #read(): Promise<void> {
    const client = this.#client;
    if (!client) return; // the next one begins with a look at the log
    try {
      do {
        const { position, digest } = this.#head;
        const { headPosition, after, entries } = await readLog(this.#connected, position, PAGE_LENGTH_MAX);
        if (after?.digest !== digest) {
          this.#restart(await readHead(this.#connected));
          continue;
        }
        this.#headPosition = headPosition;
        if (position < headPosition) this.#handOn(entries);
      } while (this.#head.position < this.#headPosition && !this.#stopped);
      if (this.#failing) this.#options.notice('The log can be read again.');
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#options.notice(`The log can't be read and is tried again: ${String(error)}`);
      this.#failing = true;
      this.#lose(client, error instanceof Error ? error : undefined);
    }
  }

  #handOn(entries: readonly LogEntry[]): void {
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
    this.#tellWaiting();
  }

  #tellWaiting(): void {
    for (const waiter of this.#waiting) if (waiter.position <= this.#head.position) waiter.resolve();
  }

  #restart(head: Head): void {
    this.#options.notice(
      `The database has another history than before. The record is now at ${formatCursor(head)}, and subscriptions end with RESYNC.`,
    );
    this.#begin(head);
    this.#options.onHistory(head);
    this.#tellWaiting();
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.db.url,
      application_name: 'readout bell',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', (error) => this.#lose(client, error));
    client.on('end', () => this.#lose(client, undefined));
    client.on('notification', () => this.ring());
    try {
      await client.connect();
      endIfSilent(client, SILENCE_MAX_MS);
      await client.query(`${ONE_PLAN} LISTEN ${BELL_CHANNEL}`);
    } catch (error) {
      client.end().catch(() => undefined); // it never stood; there is nothing to lose
      throw error;
    }
    if (this.#stopped) return client.end();
    this.#client = client;
    this.#reconnectDelayMs = RECONNECT_DELAY_MIN_MS;
  }

  #lose(client: pg.Client, error: Error | undefined): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => undefined); // it is broken already
    if (this.#stopped) return;
    const reason = error ? `: ${error.message}` : '';
    this.#options.notice(`The connection that listens for changes was lost and is made anew${reason}.`);
    this.#connectAgain();
  }

  #connectAgain(): void {
    this.#reconnectTimer = setTimeout(async () => {
      try {
        await this.#connect();
        this.ring(); // what was committed while nobody listened
      } catch {
        this.#failing = true; // its loss was told; it is tried until it succeeds
        if (!this.#stopped) this.#connectAgain();
      }
    }, this.#reconnectDelayMs);
    this.#reconnectDelayMs = Math.min(this.#reconnectDelayMs * 2, RECONNECT_DELAY_MAX_MS);
  }
}
