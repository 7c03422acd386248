import { ReadoutError } from '../../base/errors.ts';
import type { Departure } from '../client/operation.ts';

export interface RunLimits {
  readonly timeoutMs: number;
  /** Aborted when the client no longer waits for the result. */
  readonly signal: Departure | undefined;
  /** Cancels the work; null for work that must run to its end. */
  readonly cancel: ((reason: ReadoutError) => void) | null;
}

interface Entry {
  readonly stop: (reason: ReadoutError) => void;
  /** Its index in the list; null when it has left. */
  index: number | null;
}

/** The queries and mutations that run in this process. */
export class RunningOperations {
  /** An array, not a Set: V8 keeps the old tables of a Set, and what they reference, until the next full garbage collection. */
  readonly #running: Entry[] = [];
  /** Called when no operation runs. */
  readonly #whenFinished: (() => void)[] = [];

  /**
   * Waits for work until it ends or times out, or, if it can be cancelled, until its client has gone.
   * @throws ReadoutError LIMIT_EXCEEDED after the timeout, UNAVAILABLE where the client has gone.
   */
  run<T>(work: Promise<T>, { timeoutMs, signal, cancel }: RunLimits): Promise<T> {
    // One promise, not `Promise.race` of two with their handlers: this runs for every operation.
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', gone);
        this.#leave(entry);
      };
      const stop = (reason: ReadoutError): void => {
        cancel?.(reason);
        end();
        reject(reason);
      };
      const gone = (): void => {
        if (cancel) stop(new ReadoutError('UNAVAILABLE', 'The client has gone.'));
      };
      const timer = setTimeout(() => stop(tooLong(timeoutMs, cancel !== null)), timeoutMs);
      const entry = this.#enter(stop);
      signal?.addEventListener('abort', gone);
      if (signal?.aborted) gone();
      work.then(
        (value) => {
          end();
          resolve(value);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }

  #enter(stop: Entry['stop']): Entry {
    const entry: Entry = { stop, index: this.#running.length };
    this.#running.push(entry);
    return entry;
  }

  /** Moves the last entry to the index of the one that leaves. */
  #leave(entry: Entry): void {
    if (entry.index === null) return;
    const last = this.#running.pop() as Entry;
    if (last !== entry) {
      this.#running[entry.index] = last;
      last.index = entry.index;
    }
    entry.index = null;
    if (this.#running.length > 0) return;
    for (const tell of this.#whenFinished.splice(0)) tell();
  }

  /** Resolves when no operation runs. */
  finished(): Promise<void> {
    if (this.#running.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenFinished.push(resolve));
  }

  /** Ends all operations. */
  stopAll(reason: ReadoutError): void {
    for (const { stop } of [...this.#running]) stop(reason);
  }
}

function tooLong(timeoutMs: number, cancelled: boolean): ReadoutError {
  const message = cancelled
    ? `The operation took longer than ${timeoutMs} ms and was cancelled. Ask for less at once.`
    : `The operation took longer than ${timeoutMs} ms; it may have been written. Repeat it with the same key to find out.`;
  return new ReadoutError('LIMIT_EXCEEDED', message, undefined, {
    limit: 'OPERATION_TIMEOUT_MS',
    max: timeoutMs,
  });
}
