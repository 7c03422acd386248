import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { ReadoutError } from '../../base/errors.ts';
import type { Limits } from '../../config/limits.ts';
import { FairQueue, shareOf } from '../../db/fairQueue.ts';

const LAG_RESOLUTION_MS = 10;
const LAG_WINDOW_MS = 1_000;
/** How many seconds of a slow event loop only the clients that ask for the most are refused. */
const SLOW_WINDOWS_OF_ONE_MAX = 1;
/** Operations that wait for their turn in one process. Beyond it HTTP 503 at once. @limit operations */
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

/**
 * Operations of one client that run at the same time in one process. Its other operations wait.
 * @limit of `OPERATIONS_MAX`
 */
export const OPERATIONS_PER_CLIENT_SHARE = 0.5;
/**
 * Waiting operations of one client. Beyond it this client gets HTTP 503 at once.
 * @limit of `QUEUE_LENGTH_MAX`
 */
export const QUEUE_PER_CLIENT_SHARE = 0.25;
/** Total cost of the operations that run at the same time in one process. Others wait. @limit points */
export const RUNNING_POINTS_MAX = 200_000;
/**
 * The same for one client. An operation that costs more runs when its client has no other running.
 * @limit points
 */
export const RUNNING_POINTS_PER_CLIENT_MAX = 50_000;

/**
 * Bounds how many operations run at a time, and refuses work when the process is too busy. Clients have fair shares: see
 * `FairQueue` for places, and `shed` for the time of the event loop.
 */
export class Load {
  readonly #limits: LoadLimits;
  readonly #histogram: IntervalHistogram;
  readonly #queue: FairQueue;
  #timer: NodeJS.Timeout | undefined;
  #lagMs = 0;
  /** Seconds in a row in which the event loop was too slow. */
  #slowWindows = 0;
  /** Points charged to each client in this window of time and in the one before. */
  #charged = new Map<string, number>();
  #chargedBefore = new Map<string, number>();
  #refusedAtMs = Number.NEGATIVE_INFINITY;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
    this.#histogram = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
    this.#queue = new FairQueue({
      placesMax: limits.OPERATIONS_MAX,
      placesPerClientMax: shareOf(limits.OPERATIONS_MAX, OPERATIONS_PER_CLIENT_SHARE),
      waitingMax: QUEUE_LENGTH_MAX,
      waitingPerClientMax: shareOf(QUEUE_LENGTH_MAX, QUEUE_PER_CLIENT_SHARE),
      weightMax: RUNNING_POINTS_MAX,
      weightPerClientMax: RUNNING_POINTS_PER_CLIENT_MAX,
      waitMs: limits.QUEUE_WAIT_MS,
      refuse: (ownShare) => (ownShare ? ownShareUsed() : this.#refused()),
    });
  }

  start(): void {
    this.#histogram.enable();
    this.#timer = setInterval(() => this.#look(), LAG_WINDOW_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  get counts(): { running: number; waiting: number; lagMs: number } {
    return { ...this.#queue.counts, lagMs: this.#lagMs };
  }

  /** Whether new work should go to another process. A client that uses its whole share does not make the process busy. */
  get busy(): boolean {
    return (
      this.#slowWindows > SLOW_WINDOWS_OF_ONE_MAX ||
      performance.now() - this.#refusedAtMs < BUSY_MS ||
      this.#queue.waitedMs > BUSY_MS
    );
  }

  /** Counts the points of a client, to find the clients that make the event loop slow. */
  charge(key: string, points: number): void {
    this.#charged.set(key, (this.#charged.get(key) ?? 0) + points);
  }

  /**
   * While the event loop is too slow, first refuses clients with more than their share of the points of the last second or two:
   * the total divided by the number of clients plus one. If the loop is still too slow after a second, refuses all.
   * @throws ReadoutError UNAVAILABLE then.
   */
  shed(key: string): void {
    if (this.#slowWindows === 0) return;
    if (this.#slowWindows > SLOW_WINDOWS_OF_ONE_MAX) throw this.#refused();
    const recent = [this.#chargedBefore, this.#charged];
    const pointsOf = (client: string): number =>
      recent.reduce((sum, charged) => sum + (charged.get(client) ?? 0), 0);
    const clients = new Set(recent.flatMap((charged) => [...charged.keys()]));
    let points = 0;
    for (const client of clients) points += pointsOf(client);
    if (pointsOf(key) > points / (clients.size + 1)) throw ownShareUsed();
  }

  /**
   * Waits for a turn.
   * @param points the cost of the operation.
   * @returns a function to call when the operation is over.
   * @throws ReadoutError UNAVAILABLE where it gets no turn in time.
   */
  async enter(key: string, points: number): Promise<() => void> {
    const turn = this.#queue.take(key, points);
    if (turn) await turn;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#queue.give(key, points);
    };
  }

  #look(): void {
    this.#lagMs = Math.max(0, this.#histogram.mean / NANOSECONDS - LAG_RESOLUTION_MS);
    this.#histogram.reset();
    this.#slowWindows = this.#lagMs > this.#limits.LAG_MAX_MS ? this.#slowWindows + 1 : 0;
    this.#chargedBefore = this.#charged;
    this.#charged = new Map();
  }

  #refused(): ReadoutError {
    this.#refusedAtMs = performance.now();
    return unavailable('The service has too much to do. Try again shortly.');
  }
}

function ownShareUsed(): ReadoutError {
  return unavailable(
    'This address or token uses the whole share of one client. Wait for answers before you send more.',
  );
}
