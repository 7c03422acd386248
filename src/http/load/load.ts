import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { ReadoutError } from '../../base/errors.ts';
import { FairQueue, shareOf } from '../../base/fairQueue.ts';
import type { Limits } from '../../config/limits.ts';
import type { Crowd } from './crowd.ts';

const LAG_RESOLUTION_MS = 10;
const LAG_WINDOW_MS = 1_000;
/** Seconds of a slow event loop in which only the clients with the most work are refused. */
const SLOW_WINDOWS_OF_ONE_MAX = 1;
/** Operations that wait for their turn in one process. Beyond it HTTP 503 at once. @limit operations */
export const QUEUE_LENGTH_MAX = 1_000;
/** `/ready` answers 503 for this long after a refusal, and while an operation has waited for longer than this. */
const BUSY_MS = 1_000;
const RETRY_AFTER_SECONDS = 2;
const NANOSECONDS = 1_000_000;

type LoadLimits = Pick<Limits, 'OPERATIONS_MAX' | 'QUEUE_WAIT_MS' | 'LAG_MAX_MS'>;

/** The error for a request that can succeed later. */
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
 * The same for one client, while other clients send requests, too. Operations that end in the same turn of the event loop block it
 * together. An operation that costs more runs when its client has no other running.
 * @limit points
 */
export const RUNNING_POINTS_PER_CLIENT_MAX = 25_000;
/** The same for a client that is alone. @limit points */
export const RUNNING_POINTS_ALONE_MAX = 50_000;

/**
 * Bounds the number of operations that run at the same time, and refuses work when the process is overloaded. Clients have
 * fair shares: `FairQueue` shares the slots, and `shed` the time of the event loop.
 */
export class Load {
  readonly #limits: LoadLimits;
  readonly #histogram: IntervalHistogram;
  readonly #queue: FairQueue;
  #timer: NodeJS.Timeout | undefined;
  #lagMs = 0;
  /** Consecutive seconds in which the event loop was too slow. */
  #slowWindows = 0;
  /** Points charged to each client in this second and in the second before. */
  #charged = new Map<string, number>();
  #chargedBefore = new Map<string, number>();
  #refusedAtMs = Number.NEGATIVE_INFINITY;

  /** @param crowd tells whether there is only one client. */
  constructor(limits: LoadLimits, crowd: Pick<Crowd, 'isAlone'>) {
    this.#limits = limits;
    this.#histogram = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
    this.#queue = new FairQueue({
      slotsMax: limits.OPERATIONS_MAX,
      slotsPerClientMax: shareOf(limits.OPERATIONS_MAX, OPERATIONS_PER_CLIENT_SHARE),
      waitingMax: QUEUE_LENGTH_MAX,
      waitingPerClientMax: shareOf(QUEUE_LENGTH_MAX, QUEUE_PER_CLIENT_SHARE),
      weightMax: RUNNING_POINTS_MAX,
      weightPerClientMax: RUNNING_POINTS_PER_CLIENT_MAX,
      weightAloneMax: RUNNING_POINTS_ALONE_MAX,
      isAlone: () => crowd.isAlone,
      waitMs: limits.QUEUE_WAIT_MS,
      refuse: (ownShare) => (ownShare ? ownShareUsed() : this.#refused()),
    });
  }

  start(): void {
    this.#histogram.enable();
    this.#timer = setInterval(() => this.#measure(), LAG_WINDOW_MS);
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
   * Refuses a client while the event loop is too slow. In the first second these are the clients with more than their share of
   * the recent points: the total divided by the number of clients plus one. After that, these are all clients.
   * @throws ReadoutError UNAVAILABLE for a client that is refused.
   */
  shed(key: string): void {
    if (this.#slowWindows === 0) return;
    if (this.#slowWindows > SLOW_WINDOWS_OF_ONE_MAX) throw this.#refused();
    const recent = [this.#chargedBefore, this.#charged];
    // Points can be returned that were charged before.
    const pointsOf = (client: string): number =>
      Math.max(
        0,
        recent.reduce((sum, charged) => sum + (charged.get(client) ?? 0), 0),
      );
    const clients = new Set(recent.flatMap((charged) => [...charged.keys()]));
    let points = 0;
    for (const client of clients) points += pointsOf(client);
    if (pointsOf(key) > points / (clients.size + 1)) throw ownShareUsed();
  }

  /**
   * Waits for a turn where no slot is free.
   * @param points the cost of the operation.
   * @returns a function to call when the operation is over.
   * @throws ReadoutError UNAVAILABLE where it gets no turn in time.
   */
  enter(key: string, points: number): Promise<() => void> | (() => void) {
    let over = false;
    const leave = (): void => {
      if (over) return;
      over = true;
      this.#queue.release(key, points);
    };
    const turn = this.#queue.acquire(key, points);
    return turn ? turn.then(() => leave) : leave;
  }

  #measure(): void {
    this.#lagMs = Math.max(0, this.#histogram.mean / NANOSECONDS - LAG_RESOLUTION_MS);
    this.#histogram.reset();
    this.#slowWindows = this.#lagMs > this.#limits.LAG_MAX_MS ? this.#slowWindows + 1 : 0;
    this.#chargedBefore = this.#charged;
    this.#charged = new Map();
  }

  #refused(): ReadoutError {
    this.#refusedAtMs = performance.now();
    return unavailable('The service is overloaded. Try again shortly.');
  }
}

function ownShareUsed(): ReadoutError {
  return unavailable(
    'This address or token uses the whole share of one client. Wait for answers before you send more.',
  );
}
