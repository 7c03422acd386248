import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';

/**
 * A clock for the work of PostgreSQL. While more statements run than there are processors, the clock slows down in proportion. So a
 * statement is charged for its own work and not for its wait. Time in which this process is busy is not counted, because it can't read
 * results then.
 */
export class SqlClock {
  readonly #processors: number;
  readonly #loopIdleMs: () => number;
  #running = 0;
  #idleMs = 0;
  #ms = 0;

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
    this.#advance();
    return this.#ms;
  }

  /** A statement has begun. @returns the time on this clock. */
  begin(): number {
    this.#advance();
    this.#running += 1;
    return this.#ms;
  }

  /** A statement has ended. @returns the time on this clock. */
  end(): number {
    this.#advance();
    this.#running -= 1;
    return this.#ms;
  }

  #advance(): void {
    const idle = this.#loopIdleMs();
    const elapsedMs = idle - this.#idleMs;
    this.#idleMs = idle;
    if (this.#running > 0) this.#ms += elapsedMs * Math.min(1, this.#processors / this.#running);
  }
}
