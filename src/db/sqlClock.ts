import { availableParallelism } from 'node:os';
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/**
 * Time of PostgreSQL's, shared among the statements that run: while more run than there are processors, each advances so much
 * slower. So what a statement takes on this clock is its own work, and not its wait for the work of others. While this
 * process is busy no answer can be read, so that time counts for nobody.
 */
export class SqlClock {
  readonly #processors: number;
  readonly #utilization: () => EventLoopUtilization;
  #running = 0;
  #idleMs = 0;
  #ms = 0;

  /** @param processors how many statements run at the same time without slowing one another down. */
  constructor(
    processors: number = availableParallelism(),
    utilization: () => EventLoopUtilization = () => performance.eventLoopUtilization(),
  ) {
    this.#processors = processors;
    this.#utilization = utilization;
  }

  /** Milliseconds on this clock; it stands still while nothing runs. */
  get ms(): number {
    this.#advance();
    return this.#ms;
  }

  /** Counts a statement that begins. */
  begin(): void {
    this.#advance();
    this.#running += 1;
  }

  /** Counts a statement that has ended. */
  end(): void {
    this.#advance();
    this.#running -= 1;
  }

  #advance(): void {
    const { idle } = this.#utilization();
    const elapsedMs = idle - this.#idleMs;
    this.#idleMs = idle;
    if (this.#running > 0) this.#ms += elapsedMs * Math.min(1, this.#processors / this.#running);
  }
}
