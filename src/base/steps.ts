import { setImmediate } from 'node:timers/promises';

/** Time that work takes between two of its steps before other work has a turn. */
const SLICE_MS = 10;

/** The last turn that some work waits for. Each has a turn of its own, so that slices of several do not add up. */
let lastTurn: Promise<void> = Promise.resolve();

/** Lets the event loop do what else is due, and resolves in a turn that no other work has waited for. */
export function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}

/** Does work that pauses between its steps. After each slice of time the event loop has a turn, so that long work does not block it. */
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
