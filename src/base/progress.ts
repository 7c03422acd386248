/** How often the line on a terminal is drawn again. */
const DRAW_INTERVAL_MS = 200;
/** How often a line is written where there is no terminal. */
const LINE_INTERVAL_MS = 10_000;
/** Returns to the beginning of the line on a terminal and empties it. */
const CLEAR_LINE = '\r\u001b[2K';
const COLUMNS_DEFAULT = 80;

/** Where progress is shown; `process.stderr`, for example. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** How far one phase of a task is. */
export interface ProgressState {
  /** What is done: `Restoring`. */
  readonly what: string;
  /** What is counted: `rows`; empty where nothing is counted. */
  readonly unit: string;
  readonly done: number;
  /** Null where the end is not known. */
  readonly total: number | null;
  /** What else is counted, in words: `1,500 rows`. */
  readonly note?: string;
}

/**
 * Shows how far a long task is, with a rate and an estimate: as one line that is drawn again on a terminal, and as a line every ten
 * seconds elsewhere. A task that ends before that writes nothing.
 */
export class Progress {
  readonly #output: ProgressOutput;
  readonly #timer: NodeJS.Timeout;
  #state: ProgressState | null = null;
  /** The state at the beginning of the phase. */
  #first: ProgressState | null = null;
  #startedMs = 0;
  #isDrawn = false;

  /** @param intervalMs time between two lines. Default: 200 ms on a terminal, 10 s elsewhere. */
  constructor(
    output: ProgressOutput,
    intervalMs: number = output.isTTY ? DRAW_INTERVAL_MS : LINE_INTERVAL_MS,
  ) {
    this.#output = output;
    this.#timer = setInterval(() => this.#write(), intervalMs).unref();
  }

  /** Says how far the task is. Another `what` or `unit` begins a new phase, whose rate is measured from here. */
  at(state: ProgressState): void {
    if (state.what !== this.#state?.what || state.unit !== this.#state.unit) {
      this.#first = state;
      this.#startedMs = performance.now();
    }
    this.#state = state;
  }

  /** Writes a line that stays. It replaces the progress until that is drawn again. */
  tell(message: string): void {
    this.#clear();
    this.#output.write(`${message}\n`);
  }

  /** Ends the task: removes the line on a terminal. */
  end(): void {
    clearInterval(this.#timer);
    this.#state = null;
    this.#clear();
  }

  #clear(): void {
    if (this.#isDrawn) this.#output.write(CLEAR_LINE);
    this.#isDrawn = false;
  }

  #write(): void {
    if (this.#state === null) return;
    const text = progressText(
      this.#state,
      this.#state.done - (this.#first?.done ?? 0),
      performance.now() - this.#startedMs,
    );
    if (!this.#output.isTTY) {
      this.#output.write(`${text}\n`);
      return;
    }
    // The cursor returns to the beginning of the line, so that another message overwrites it.
    this.#output.write(`${CLEAR_LINE}${text.slice(0, (this.#output.columns ?? COLUMNS_DEFAULT) - 1)}\r`);
    this.#isDrawn = true;
  }
}

/**
 * `Restoring: 1,200 of 4,000 rows (30 %), 600 a second, 5 s left`
 * @param doneHere how much of `done` was done in the time `elapsedMs`.
 */
export function progressText(
  { what, unit, done, total, note }: ProgressState,
  doneHere: number,
  elapsedMs: number,
): string {
  if (unit === '') return `${what}: ${duration(elapsedMs)} so far`;
  const count = total === null ? `${grouped(done)} ${unit}` : `${grouped(done)} of ${grouped(total)} ${unit}`;
  const share = total === null || total === 0 ? '' : ` (${Math.floor((100 * done) / total)} %)`;
  const perSecond = (doneHere * 1_000) / elapsedMs;
  const further = note === undefined ? '' : `; ${note}`;
  if (!(perSecond > 0 && Number.isFinite(perSecond))) return `${what}: ${count}${share}${further}`;
  const rate = perSecond >= 10 ? grouped(Math.round(perSecond)) : perSecond.toFixed(1);
  const left = total === null ? '' : `, ${duration(((total - done) * 1_000) / perSecond)} left`;
  return `${what}: ${count}${share}, ${rate} a second${left}${further}`;
}

/** `45 s`, `3 min 20 s`, `2 h 5 min` */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** 50000 as 50,000. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
