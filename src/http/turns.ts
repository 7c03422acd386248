/** Requests of one client that begin in one turn of the event loop. */
export const REQUESTS_PER_TURN_MAX = 4;
/** A turn that has lasted no longer than this holds nobody up: requests begin in it whatever their number. */
const BRIEF_MS = 1;

/**
 * Shares the event loop by client. Node hands on whatever has arrived before it looks for more: two hundred connections
 * of one client that send at the same time would be served before anybody else is heard. Here only the first few requests
 * of a client begin in a turn of the loop; the others begin in later turns, in their order, and in between others are heard.
 */
export class Turns {
  /** Requests begun in this turn, by client. */
  readonly #begun = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #briefMs: number;
  #isScheduled = false;
  #sinceMs = 0;

  constructor(briefMs = BRIEF_MS) {
    this.#briefMs = briefMs;
  }

  /** Null where a request can begin at once; otherwise resolves in its turn. */
  take(key: string): Promise<void> | null {
    this.#schedule();
    const begun = this.#begun.get(key) ?? 0;
    const waiting = this.#waiting.get(key);
    if (!waiting && (begun < REQUESTS_PER_TURN_MAX || performance.now() - this.#sinceMs < this.#briefMs)) {
      this.#begun.set(key, begun + 1);
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
      const begin = waiting.splice(0, REQUESTS_PER_TURN_MAX);
      if (waiting.length === 0) this.#waiting.delete(key);
      this.#begun.set(key, begin.length);
      for (const resolve of begin) resolve();
    }
    if (this.#begun.size > 0) this.#schedule();
  };
}
