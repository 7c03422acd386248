import type pg from 'pg';

const PING_INTERVAL_MS = 1_000;
/** A server that has not answered for this long counts as away. */
const PING_TIMEOUT_MS = 3_000;

export interface DatabaseWatchOptions {
  /** Connections that no operation uses. */
  readonly pool: pg.Pool;
  readonly notice: (message: string) => void;
  /** Called when the server stops answering. */
  readonly onAway: () => void;
}

/**
 * Checks every second whether PostgreSQL answers. A server that refuses connections fails every operation at once. A server
 * that keeps its connections open and does not answer is detected here.
 */
export class DatabaseWatch {
  readonly #options: DatabaseWatchOptions;
  #away = false;
  #stopped = false;
  #checking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DatabaseWatchOptions) {
    this.#options = options;
  }

  /** Whether PostgreSQL did not answer the last check. */
  get away(): boolean {
    return this.#away;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#checking ??= this.#check().finally(() => {
        this.#checking = undefined;
      });
    }, PING_INTERVAL_MS);
  }

  /** Resolves when no check is running. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped = true;
    await this.#checking;
  }

  async #check(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const silent = new Promise<boolean>((resolve) => {
      // An answer may have arrived while this process was busy, so it gets two turns of the event loop to be read.
      late = setTimeout(() => setImmediate(() => setImmediate(resolve, true)), PING_TIMEOUT_MS);
    });
    const answered = this.#options.pool.query('SELECT 1').then(
      () => false,
      () => true, // operations report the reason
    );
    this.#setAway(await Promise.race([answered, silent]));
    this.#setAway(await answered);
    clearTimeout(late);
  }

  #setAway(away: boolean): void {
    if (away === this.#away || this.#stopped) return;
    this.#away = away;
    const { notice, onAway } = this.#options;
    notice(
      away
        ? 'PostgreSQL does not answer. Operations are refused until it does.'
        : 'PostgreSQL answers again.',
    );
    if (away) onAway();
  }
}
