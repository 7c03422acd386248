import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Crowd } from './crowd.ts';
import { unavailable } from './load.ts';

/**
 * Work that one client can begin in one process while others ask too. More work is delayed, or refused with HTTP 503 if it
 * would wait longer than QUEUE_WAIT_MS.
 * @limit of a processor
 */
export const PACE_SHARE = 0.5;
/** Work that a client can begin at once before its pace applies. */
const PACE_BURST_MS = 50;
/** A turn of the event loop that has lasted longer than this is shared: one request of each client begins in it. */
const BRIEF_MS = 1;
/** The same for a client that is alone: no other client waits, but timers and health checks do. */
const BRIEF_ALONE_MS = 20;
/** Waiting requests of a client that begin in one turn while it is alone; otherwise one. */
const REQUESTS_ALONE = 16;
/** Clients whose pace is kept. Beyond it, those without outstanding work are removed. */
const PACES_LENGTH_MAX = 10_000;
/** Removing them looks at all of them, so it is done only so often. */
const FORGET_INTERVAL_MS = 1_000;

export interface TurnsOptions {
  /** The longest that a request is delayed. */
  readonly waitMs: number;
  /** Tells whether there is only one client, which then has no pace. */
  readonly crowd: Crowd;
  readonly briefMs?: number;
}

/**
 * Shares the event loop among clients, in two ways.
 *
 * **Turns.** Node handles everything that has arrived before it polls for more, so two hundred connections of one client that
 * send at the same time would delay every other client. Once a turn of the loop has lasted a millisecond, only one request of a
 * client begins in it. The others begin in later turns, in order. A client that is alone has longer turns.
 *
 * **Pace.** Every point that a client is charged is about a microsecond of work. While others ask too, a client that has begun more work than half a processor can do is delayed until the work
 * fits its pace. Example: an operation of 30,000 points is 30 ms of work. The next one of its client begins 60 ms after it, less the
 * burst of 50 ms.
 */
export class Turns {
  readonly #options: Required<TurnsOptions>;
  /** Clients of which a request has begun in this turn. */
  readonly #begun = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();
  /** The time at which the work that a client has begun fits its pace. */
  readonly #paidAtMs = new Map<string, number>();
  readonly #released = new AbortController();
  #isScheduled = false;
  #sinceMs = 0;
  #forgetAtMs = 0;

  constructor(options: TurnsOptions) {
    this.#options = { briefMs: BRIEF_MS, ...options };
    setMaxListeners(0, this.#released.signal); // all that is held back listens to it
  }

  /** Counts work of a client, in points. */
  charge(key: string, points: number): void {
    const now = performance.now();
    if (this.#paidAtMs.size >= PACES_LENGTH_MAX && now >= this.#forgetAtMs) this.#forgetPaid(now);
    const paidAtMs = Math.max(now, this.#paidAtMs.get(key) ?? 0);
    this.#paidAtMs.set(key, paidAtMs + points / 1_000 / PACE_SHARE);
  }

  /**
   * Null where a request can begin at once; otherwise a promise of its turn. The pace delays it by at most `waitMs`.
   * @param isProbe whether it is a health check: a client beside which only these come is alone.
   */
  take(address: string, isProbe = false): Promise<void> | null {
    if (!isProbe) this.#options.crowd.see(address);
    const aheadMs = Math.min(this.#aheadMs(address, 0), this.#options.waitMs);
    return aheadMs > 0
      ? this.#hold(aheadMs).then(() => this.#turn(address) ?? undefined)
      : this.#turn(address);
  }

  /**
   * Null where the work of a request fits its client's pace; otherwise a promise that resolves when it does.
   * @param own points of the work, which are already charged.
   * @throws ReadoutError UNAVAILABLE where that would take longer than `waitMs`.
   */
  pace(key: string, own: number): Promise<void> | null {
    const aheadMs = this.#aheadMs(key, own);
    if (aheadMs <= 0) return null;
    if (aheadMs > this.#options.waitMs) {
      throw unavailable(
        'This client has begun more work than its share while others ask too. Send it again later, or ask for less.',
        Math.ceil(aheadMs / 1_000),
      );
    }
    return this.#hold(aheadMs);
  }

  /** Lets go of all that is held back, and holds nothing back any more: the service is about to stop. */
  release(): void {
    this.#released.abort();
  }

  /** Resolves after a time, or when everything is let go. */
  async #hold(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#released.signal }).catch(() => undefined);
  }

  /** Time until the work that a client has begun, without `own` points and without the burst, fits its pace. */
  #aheadMs(key: string, own: number): number {
    const paidAtMs = this.#paidAtMs.get(key) ?? 0;
    const aheadMs = paidAtMs - own / 1_000 / PACE_SHARE - performance.now() - PACE_BURST_MS;
    return aheadMs > 0 && (this.#released.signal.aborted || this.#options.crowd.isAlone) ? 0 : aheadMs;
  }

  /** Null where a request can begin in this turn of the event loop. */
  #turn(key: string): Promise<void> | null {
    this.#schedule();
    const waiting = this.#waiting.get(key);
    const { crowd, briefMs } = this.#options;
    const isBrief = performance.now() - this.#sinceMs < (crowd.isAlone ? BRIEF_ALONE_MS : briefMs);
    if (!waiting && (isBrief || !this.#begun.has(key))) {
      this.#begun.add(key);
      return null;
    }
    return new Promise((resolve) => {
      if (waiting) waiting.push(resolve);
      else this.#waiting.set(key, [resolve]);
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#sinceMs = performance.now();
    setImmediate(this.#next);
  }

  #next = (): void => {
    this.#isScheduled = false;
    this.#begun.clear();
    const requests = this.#options.crowd.isAlone ? REQUESTS_ALONE : 1;
    for (const [key, waiting] of this.#waiting) {
      const begin = waiting.splice(0, requests);
      if (waiting.length === 0) this.#waiting.delete(key);
      this.#begun.add(key);
      for (const resolve of begin) resolve();
    }
    if (this.#begun.size > 0) this.#schedule();
  };

  #forgetPaid(now: number): void {
    this.#forgetAtMs = now + FORGET_INTERVAL_MS;
    for (const [key, paidAtMs] of this.#paidAtMs) if (paidAtMs <= now) this.#paidAtMs.delete(key);
  }
}
