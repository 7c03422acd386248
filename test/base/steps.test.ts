import { expect, it } from 'vitest';
import { inSteps } from '../../src/base/steps.ts';

/** Keeps the event loop busy for longer than a slice. */
function work(): void {
  const endMs = performance.now() + 15;
  while (performance.now() < endMs);
}

function* steps(count: number, done: (i: number) => void): Generator<void, string> {
  for (let i = 0; i < count; i += 1) {
    work();
    done(i);
    yield;
  }
  return 'all';
}

/** Numbers the turns of the event loop until the work has ended. */
async function turnsOf<Result>(run: (turn: () => number) => Promise<Result>): Promise<Result> {
  let turn = 0;
  let isOver = false;
  const next = (): void => {
    turn += 1;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  const result = await run(() => turn);
  isOver = true;
  return result;
}

it('lets the event loop turn between the slices of long work', async () => {
  const turns = new Set<number>();
  const result = await turnsOf((turn) => inSteps(steps(5, () => turns.add(turn()))));
  expect(result).toBe('all');
  expect(turns.size, 'turns that five long steps took').toBe(5);
});

it('gives each of several tasks a separate turn after their first slices', async () => {
  const turns: number[] = [];
  await turnsOf((turn) =>
    Promise.all(Array.from({ length: 3 }, () => inSteps(steps(4, (i) => i > 0 && turns.push(turn()))))),
  );
  expect(turns).toHaveLength(9);
  expect(new Set(turns).size, 'turns with one slice each').toBe(9);
});

it('does short work without a pause', async () => {
  let done = false;
  const short = function* (): Generator<void, void> {
    yield;
    done = true;
  };
  const running = inSteps(short());
  expect(done).toBe(true);
  await running;
});
