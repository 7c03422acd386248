import { setFlagsFromString } from 'node:v8';

const CHECK_INTERVAL_MS = 250;
/** Resident memory from which the heap grows slowly. Ordinary load stays below it. */
export const LARGE_PROCESS_BYTES = 400 * 1_048_576;
/** Growth of a large heap between two collections. V8 lets it double or more, so garbage would take more memory than data. */
const SLOW_GROWTH_PERCENT = 10;
/** V8 chooses the growth itself. */
const USUAL_GROWTH_PERCENT = 0;

/** Makes V8 collect garbage more often while the process is large. It changes nothing under ordinary load. */
export class HeapGrowth {
  readonly #residentBytes: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #setFlag: (flag: string) => void;
  #isSlow = false;

  /**
   * @param residentBytes resident memory of this process.
   * @param setFlag sets a flag of V8.
   */
  constructor(residentBytes: () => number = process.memoryUsage.rss, setFlag = setFlagsFromString) {
    this.#residentBytes = residentBytes;
    this.#setFlag = setFlag;
    this.#timer = setInterval(() => this.check(), CHECK_INTERVAL_MS).unref();
  }

  /** Adapts the growth of the heap to the size of the process. V8 applies it after its next collection. */
  check(): void {
    this.#set(this.#residentBytes() >= LARGE_PROCESS_BYTES);
  }

  /** Leaves the growth to V8 again. */
  stop(): void {
    clearInterval(this.#timer);
    this.#set(false);
  }

  #set(isSlow: boolean): void {
    if (isSlow === this.#isSlow) return;
    this.#isSlow = isSlow;
    this.#setFlag(`--heap-growing-percent=${isSlow ? SLOW_GROWTH_PERCENT : USUAL_GROWTH_PERCENT}`);
  }
}
