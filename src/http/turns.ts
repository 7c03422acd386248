import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Crowd } from './crowd.ts';
import { unavailable } from './load.ts';

/** Part of one processor that a client uses while others ask too. */
export const PACE_SHARE = 0.5;
/** Work that a client begins at once before it is held to its pace. */
const PACE_BURST_MS = 50;
/** A turn of the event loop that has lasted longer than this is shared: one request of each client begins in it. */
const BRIEF_MS = 1;
/** Clients whose pace is remembered; more are forgotten when their work is paid for. */
const PACES_LENGTH_MAX = 10_000;

export interface TurnsOptions {
  /** How long a request is held back at most. */
  readonly waitMs: number;
  /** Whether there is only one client: it has no pace. */
  readonly crowd: Crowd;
  readonly briefMs?: number;
}

/**
 * Shares the event loop by client, in two ways.
 *
 * **Turns.** Node hands on whatever has arrived before it looks for more: two hundred connections of one client that send at
 * the same time would be served before any other client is heard. Here one request of a client begins in a turn of the loop
 * that has lasted a millisecond; the others begin in later turns, in their order.
 *
 * **Pace.** Every point that a client is charged is about a microsecond of work. While others ask too, a client that has begun
 * more work than half a processor does is held back until that work is paid for. Example: an operation of 30,000 points is 30 ms of
 * work, and the next one of its client begins 60 ms after it, less the 50 ms that begin at once.
 */
export class Turns {
  readonly #options: Required<TurnsOptions>;
  /** Clients of which a request has begun in this turn. */
  readonly #begun = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();
  /** The moment at which the work of a client that has begun is paid for. */
  readonly #paidAtMs = new Map<string, number>();
  readonly #released = new AbortController();
  #isScheduled = false;
  #sinceMs = 0;

  constructor(options: TurnsOptions) {
    this.#options = { briefMs: BRIEF_MS, ...options };
    setMaxListeners(0, this.#released.signal); // all that is held back listens to it
  }

  /** Counts work of a client, in points. */
  charge(key: string, points: number): void {
    const now = performance.now();
    if (this.#paidAtMs.size >= PACES_LENGTH_MAX) this.#forgetPaid(now);
    const paidAtMs = Math.max(now, this.#paidAtMs.get(key) ?? 0);
    this.#paidAtMs.set(key, paidAtMs + points / 1_000 / PACE_SHARE);
  }

  /**
   * Null where a request can begin at once; otherwise resolves in its turn, held back at most `waitMs`.
   * @param isProbe whether it only asks how the service is: then a client that it comes beside is alone all the same.
   */
  take(address: string, isProbe = false): Promise<void> | null {
    if (!isProbe) this.#options.crowd.see(address);
    const aheadMs = Math.min(this.#aheadMs(address, 0), this.#options.waitMs);
    return aheadMs > 0
      ? this.#hold(aheadMs).then(() => this.#turn(address) ?? undefined)
      : this.#turn(address);
  }

  /**
   * Null where the work of a request is within its client's pace; otherwise resolves when it is.
   * @param own points of the work, which were charged already.
   * @throws ReadoutError UNAVAILABLE where that would take longer than `waitMs`.
   */
  pace(key: string, own: number): Promise<void> | null {
    const aheadMs = this.#aheadMs(key, own);
    if (aheadMs <= 0) return null;
    if (aheadMs > this.#options.waitMs) {
      throw unavailable(
        'This client has begun more work than its part while others ask too. Send it again later, or ask for less.',
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

  /** How long until what a client has begun, without its `own` points, is paid for but for the burst. */
  #aheadMs(key: string, own: number): number {
    const paidAtMs = this.#paidAtMs.get(key) ?? 0;
    const aheadMs = paidAtMs - own / 1_000 / PACE_SHARE - performance.now() - PACE_BURST_MS;
    return aheadMs > 0 && (this.#released.signal.aborted || this.#options.crowd.isAlone) ? 0 : aheadMs;
  }

  /** Null where a request can begin in this turn of the event loop. */
  #turn(key: string): Promise<void> | null {
    this.#schedule();
    const waiting = this.#waiting.get(key);
    const isBrief = performance.now() - this.#sinceMs < this.#options.briefMs;
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
    for (const [key, waiting] of this.#waiting) {
      const begin = waiting.shift();
      if (waiting.length === 0) this.#waiting.delete(key);
      this.#begun.add(key);
      begin?.();
    }
    if (this.#begun.size > 0) this.#schedule();
  };

  #forgetPaid(now: number): void {
    for (const [key, paidAtMs] of this.#paidAtMs) if (paidAtMs <= now) this.#paidAtMs.delete(key);
  }
}
