import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

const PING_INTERVAL_MS = 1_000;
const PING_TURN_MS = 100;
/** A server that has not answered for this many turns counts as unreachable: after three seconds, or later while this process is busy. */
const PING_TURNS = 30;

export interface DatabaseWatchOptions {
  /** Connections that no operation uses. */
  readonly pool: pg.Pool;
  readonly notice: (message: string) => void;
  /** Called when an outage begins. */
  readonly onOutage: () => void;
}

/**
 * Checks every second whether PostgreSQL answers. A server that refuses connections fails every operation at once. A server
 * that keeps its connections open and does not answer is detected here.
 */
export class DatabaseWatch {
  readonly #options: DatabaseWatchOptions;
  #isUnreachable = false;
  #stopped = false;
  #checking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DatabaseWatchOptions) {
    this.#options = options;
  }

  /** Whether PostgreSQL did not answer the last check. */
  get isUnreachable(): boolean {
    return this.#isUnreachable;
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
    const over = new AbortController();
    const answered = this.#options.pool
      .query('SELECT 1')
      .then(
        () => false,
        () => true, // operations report the reason
      )
      .finally(() => over.abort());
    this.#set(await Promise.race([answered, silence(over.signal)]));
    this.#set(await answered);
  }

  #set(isUnreachable: boolean): void {
    if (isUnreachable === this.#isUnreachable || this.#stopped) return;
    this.#isUnreachable = isUnreachable;
    const { notice, onOutage } = this.#options;
    notice(
      isUnreachable
        ? 'PostgreSQL does not answer. Operations are refused until it does.'
        : 'PostgreSQL answers again.',
    );
    if (isUnreachable) onOutage();
  }
}

/**
 * Resolves when a server has had time to answer, or at the end of `signal`. Answers wait while this process is busy, and a new connection
 * needs several of them. So each turn of the event loop counts for a short time only.
 */
async function silence(signal: AbortSignal): Promise<boolean> {
  for (let turn = 0; turn < PING_TURNS && !signal.aborted; turn += 1) {
    await sleep(PING_TURN_MS, undefined, { signal }).catch(() => undefined); // the check is over
  }
  return true;
}
