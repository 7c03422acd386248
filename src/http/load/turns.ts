import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Crowd } from './crowd.ts';
import { unavailable } from './load.ts';

/**
 * Work that one client can begin in one process while other clients send requests, too. More work is delayed, or refused with
 * HTTP 503 if it would wait longer than QUEUE_WAIT_MS.
 * @limit of a processor
 */
export const PACE_SHARE = 0.5;
/** Work that a client can begin at once before its pace applies. */
const PACE_BURST_MS = 50;
/** After this time, only one request of each client begins in the current turn of the event loop. */
const BRIEF_MS = 1;
/** The same for a client that is alone, since timers and health checks still wait. */
const BRIEF_ALONE_MS = 20;
/** Waiting requests of a client that begin in one turn while it is alone. */
const REQUESTS_ALONE = 16;
/** Clients with a known pace. Beyond it, those without outstanding work are removed. */
const PACES_LENGTH_MAX = 10_000;
/** The removal visits all clients, so it runs at most once in this time. */
const FORGET_INTERVAL_MS = 1_000;

export interface TurnsOptions {
  /** The longest that a request is delayed. */
  readonly waitMs: number;
  /** Tells whether there is only one client. Then it has no pace. */
  readonly crowd: Crowd;
  readonly briefMs?: number;
}

/**
 * Shares the event loop among clients, in two ways.
 *
 * **Turns.** Node handles everything that has arrived before it polls for more. So when one client sends on two hundred
 * connections at the same time, every other client would wait for all of them. After the first millisecond of a turn of the
 * loop, only one request of each client begins in it. The other requests begin in later turns, in order. A client that is
 * alone has longer turns.
 *
 * **Pace.** A point is about a microsecond of work. While other clients send requests, too, a client can begin work for half a
 * processor; more work waits until it fits this pace. Example: an operation of 30,000 points is 30 ms of work. The next
 * operation of this client begins 60 ms after it, less the burst of 50 ms.
 *
 * `FairQueue` shares slots (running operations, connections, rendering feeds) in a similar way.
 */
export class Turns {
  readonly #options: Required<TurnsOptions>;
  /** Clients that have begun a request in this turn. */
  readonly #begun = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();
  /** By client: the time at which the work that it has begun fits its pace. */
  readonly #paidAtMs = new Map<string, number>();
  readonly #released = new AbortController();
  #isScheduled = false;
  #sinceMs = 0;
  #forgetAtMs = 0;

  constructor(options: TurnsOptions) {
    this.#options = { briefMs: BRIEF_MS, ...options };
    setMaxListeners(0, this.#released.signal); // every waiting request listens to it
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
   * @param isProbe whether it is a health check. Health checks do not count as another client.
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

  /** Ends every wait, and lets later requests begin at once. Called before the service stops. */
  release(): void {
    this.#released.abort();
  }

  /** Resolves after a time, or at `release`. */
  async #hold(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#released.signal }).catch(() => undefined);
  }

  /** Milliseconds until the work that a client has begun fits its pace, without `own` points and without the burst. */
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
