import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';

/** Work whose time is measured. */
export interface TimedWork {
  /** When it began, by the SQL clock. */
  sinceMs: number;
}

/**
 * A clock for the work of PostgreSQL. While more statements run than there are processors, the clock slows down in proportion. So a
 * statement is charged for its own work and not for its wait.
 *
 * A result can't be read while the event loop is busy. So the busy part of a turn of the loop counts only for statements that ran from
 * its beginning to its end. Example: a statement begins in one turn, runs during the next one, which is busy for 20 ms, and the loop then
 * waits 3 ms for its result. It took 23 ms.
 */
export class SqlClock {
  readonly #processors: number;
  readonly #loopIdleMs: () => number;
  #running = 0;
  /** How long the event loop had waited at the latest reading. */
  #idleMs = 0;
  #ms = 0;
  /** What has begun in this turn of the event loop. */
  #begun: TimedWork[] = [];
  /** Time and idle time at the end of the turn before. */
  #turnEnd = { ms: 0, idleMs: 0 };
  #awaitsTurnEnd = false;

  /**
   * @param processors how many statements run at the same time without slowing each other down.
   * @param loopIdleMs how long the event loop has waited since it began.
   */
  constructor(
    processors: number = availableParallelism(),
    loopIdleMs: () => number = () => performance.nodeTiming.idleTime,
  ) {
    this.#processors = processors;
    this.#loopIdleMs = loopIdleMs;
  }

  /** Milliseconds on this clock, which stops while nothing runs. */
  get ms(): number {
    this.#countIdle();
    return this.#ms;
  }

  /** A statement begins. Sets its time. */
  begin(work: TimedWork): void {
    this.#countIdle();
    this.#running += 1;
    work.sinceMs = this.#ms;
    this.#begun.push(work);
    this.#awaitTurnEnd();
  }

  /** A statement has ended. @returns its time in milliseconds. */
  end({ sinceMs }: TimedWork): number {
    this.#countIdle();
    this.#running -= 1;
    return this.#ms - sinceMs;
  }

  /** Counts the time in which the event loop has waited. */
  #countIdle(): void {
    const idleMs = this.#loopIdleMs();
    this.#advance(idleMs - this.#idleMs);
    this.#idleMs = idleMs;
  }

  #advance(ms: number): void {
    if (this.#running > 0) this.#ms += ms * Math.min(1, this.#processors / this.#running);
  }

  #awaitTurnEnd(): void {
    if (this.#awaitsTurnEnd) return;
    this.#awaitsTurnEnd = true;
    setImmediate(this.#endTurn).unref(); // with a reference, the event loop would not wait
  }

  /** Counts the busy part of the turn, but not for what has begun in it. */
  #endTurn = (): void => {
    this.#awaitsTurnEnd = false;
    this.#countIdle();
    const now = performance.now();
    const busyMs = Math.max(0, now - this.#turnEnd.ms - (this.#idleMs - this.#turnEnd.idleMs));
    this.#turnEnd = { ms: now, idleMs: this.#idleMs };
    const before = this.#ms;
    this.#advance(busyMs);
    for (const work of this.#begun) work.sinceMs += this.#ms - before;
    this.#begun = [];
    if (this.#running > 0) this.#awaitTurnEnd();
  };
}
