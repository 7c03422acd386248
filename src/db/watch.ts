import type pg from 'pg';

const PING_INTERVAL_MS = 1_000;
/** A server that has not answered for so long is taken to be away. */
const PING_TIMEOUT_MS = 3_000;

export interface DatabaseWatchOptions {
  /** Connections that no operation of a client uses. */
  readonly pool: pg.Pool;
  readonly notice: (message: string) => void;
  /** Told when the server is found to be away. */
  readonly onAway: () => void;
}

/**
 * Asks PostgreSQL every second whether it is there. A server that refuses connections is noticed by everybody at once; one
 * that keeps them and is silent is noticed here.
 */
export class DatabaseWatch {
  readonly #options: DatabaseWatchOptions;
  #away = false;
  #stopped = false;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DatabaseWatchOptions) {
    this.#options = options;
  }

  /** Whether PostgreSQL did not answer when it was last asked. */
  get away(): boolean {
    return this.#away;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, PING_INTERVAL_MS);
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped = true;
    await this.#looking;
  }

  async #look(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const silent = new Promise<boolean>((resolve) => {
      // An answer may have come while this process was busy: what has arrived is read before the verdict.
      late = setTimeout(() => setImmediate(() => setImmediate(resolve, true)), PING_TIMEOUT_MS);
    });
    const answered = this.#options.pool.query('SELECT 1').then(
      () => false,
      () => true, // whatever the reason, it can't be used; operations say more
    );
    this.#say(await Promise.race([answered, silent]));
    this.#say(await answered);
    clearTimeout(late);
  }

  #say(away: boolean): void {
    if (away === this.#away || this.#stopped) return;
    this.#away = away;
    const { notice, onAway } = this.#options;
    notice(
      away
        ? 'PostgreSQL does not answer; operations are refused until it does.'
        : 'PostgreSQL answers again.',
    );
    if (away) onAway();
  }
}
