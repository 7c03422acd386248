import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { ReadoutError } from '../errors.ts';
import type { Limits } from '../limits.ts';

const LAG_RESOLUTION_MS = 10;
const LAG_WINDOW_MS = 1_000;
/** Operations that may wait for their turn; more are refused at once. */
export const QUEUE_LENGTH_MAX = 1_000;
/** So long after a refusal, or with somebody waiting so long, this process is not ready for more. */
const BUSY_MS = 1_000;
const RETRY_AFTER_SECONDS = 2;
const NANOSECONDS = 1_000_000;

type LoadLimits = Pick<Limits, 'OPERATIONS_MAX' | 'QUEUE_WAIT_MS' | 'LAG_MAX_MS'>;

/** What is refused because there is too much else to do; the same will do later. */
export function unavailable(message: string, retryAfterSeconds: number = RETRY_AFTER_SECONDS): ReadoutError {
  return new ReadoutError('UNAVAILABLE', message, undefined, { retryAfterSeconds });
}

interface Waiter {
  readonly key: string;
  readonly sinceMs: number;
  readonly enter: () => void;
}

/** Lets so many operations run at a time, and tells when there is too much to do. */
export class Load {
  readonly #limits: LoadLimits;
  readonly #histogram: IntervalHistogram;
  readonly #active = new Map<string, number>();
  readonly #waiting = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #running = 0;
  #lagMs = 0;
  #refusedAtMs = Number.NEGATIVE_INFINITY;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
    this.#histogram = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  }

  start(): void {
    this.#histogram.enable();
    this.#timer = setInterval(() => {
      this.#lagMs = Math.max(0, this.#histogram.mean / NANOSECONDS - LAG_RESOLUTION_MS);
      this.#histogram.reset();
    }, LAG_WINDOW_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  get counts(): { running: number; waiting: number; lagMs: number } {
    return { running: this.#running, waiting: this.#waiting.size, lagMs: this.#lagMs };
  }

  /** Whether new work had better go to another process. */
  get busy(): boolean {
    const now = performance.now();
    const [oldest] = this.#waiting;
    return (
      this.#lagMs > this.#limits.LAG_MAX_MS ||
      now - this.#refusedAtMs < BUSY_MS ||
      (oldest !== undefined && now - oldest.sinceMs > BUSY_MS)
    );
  }

  /** @throws ReadoutError UNAVAILABLE while this process is behind with what it has. */
  shed(): void {
    if (this.#lagMs > this.#limits.LAG_MAX_MS) throw this.#refused();
  }

  /**
   * Waits for a turn. Of those that wait, the one whose client has the fewest operations running goes first, so that nobody's
   * many hold up another's one.
   * @returns to be called when the operation is over.
   * @throws ReadoutError UNAVAILABLE where there is no turn in time.
   */
  async enter(key: string): Promise<() => void> {
    if (this.#running < this.#limits.OPERATIONS_MAX) return this.#begin(key);
    if (this.#waiting.size >= QUEUE_LENGTH_MAX) throw this.#refused();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        key,
        sinceMs: performance.now(),
        enter: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          resolve(this.#begin(key));
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(this.#refused());
      }, this.#limits.QUEUE_WAIT_MS);
      this.#waiting.add(waiter);
    });
  }

  #begin(key: string): () => void {
    this.#running += 1;
    this.#active.set(key, (this.#active.get(key) ?? 0) + 1);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#running -= 1;
      const left = (this.#active.get(key) ?? 1) - 1;
      if (left > 0) this.#active.set(key, left);
      else this.#active.delete(key);
      this.#next()?.enter();
    };
  }

  #next(): Waiter | null {
    let chosen: Waiter | null = null;
    let fewest = Number.POSITIVE_INFINITY;
    for (const waiter of this.#waiting) {
      const active = this.#active.get(waiter.key) ?? 0;
      if (active >= fewest) continue;
      fewest = active;
      chosen = waiter;
    }
    return chosen;
  }

  #refused(): ReadoutError {
    this.#refusedAtMs = performance.now();
    return unavailable('The service has too much to do. Try again shortly.');
  }
}
