import { setImmediate } from 'node:timers/promises';

/** Time that a task takes before others have a turn. */
export const SLICE_MS = 10;

/** The last turn that was given. Each task gets a separate turn, so that the slices of several tasks do not add up. */
let lastTurn: Promise<void> = Promise.resolve();

/** Resolves in a later turn of the event loop, one that no other task gets. */
export function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}

/** A slice of time of long work. */
export class TimeSlice {
  #begunMs = performance.now();

  /** Gives the event loop a turn where the slice is over, and begins another one. */
  async end(): Promise<void> {
    if (performance.now() - this.#begunMs < SLICE_MS) return;
    await nextTurn();
    this.#begunMs = performance.now();
  }
}

/** Runs work in steps, and gives the event loop a turn after each slice of time, so that long work does not block it. */
export async function inSteps<Result>(work: Iterator<void, Result>): Promise<Result> {
  let sliceMs = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - sliceMs < SLICE_MS) continue;
    await nextTurn();
    sliceMs = performance.now();
  }
}

/** The results of a function for each item of a list. It runs in steps, as `inSteps` does. */
export function mapInSteps<Item, Result>(
  items: readonly Item[],
  resultOf: (item: Item, i: number) => Result,
): Promise<Result[]> {
  return inSteps(resultsOf(items, resultOf));
}

function* resultsOf<Item, Result>(
  items: readonly Item[],
  resultOf: (item: Item, i: number) => Result,
): Generator<void, Result[]> {
  const results: Result[] = [];
  for (const [i, item] of items.entries()) {
    results.push(resultOf(item, i));
    yield;
  }
  return results;
}
