import { expect, it } from 'vitest';
import { FairQueue, type FairQueueOptions } from '../../src/base/fairQueue.ts';

/** Long enough never to pass while a test runs. */
const FOREVER_MS = 60_000;
const OPTIONS: FairQueueOptions = {
  slotsMax: 4,
  slotsPerClientMax: 2,
  waitMs: FOREVER_MS,
  refuse: (ownShare) => new Error(ownShare ? 'own share' : 'full'),
};

/** Acquires slots, and records the order of turns. */
class Recorded {
  readonly turns: (string | null)[] = [];
  readonly queue: FairQueue;

  constructor(options: Partial<FairQueueOptions> = {}) {
    this.queue = new FairQueue({ ...OPTIONS, ...options });
  }

  /** Resolves when every entry that can run has its turn. Waiting entries may be refused later. */
  async take(...keys: (string | null)[]): Promise<void> {
    for (const key of keys) this.takeOne(key).catch(() => undefined);
    await Promise.resolve();
  }

  async takeOne(key: string | null, weight?: number): Promise<void> {
    await this.queue.acquire(key, weight);
    this.turns.push(key);
  }

  async give(...keys: (string | null)[]): Promise<void> {
    for (const key of keys) this.queue.release(key);
    await new Promise(setImmediate);
  }
}

it('one client gets at most its share, and others get the rest, even if they come later', async () => {
  const recorded = new Recorded();
  await recorded.take('greedy', 'greedy', 'greedy', 'greedy', 'modest');
  expect(recorded.turns).toEqual(['greedy', 'greedy', 'modest']);
  expect(recorded.queue.counts).toEqual({ running: 3, waiting: 2 });
});

it('a client that is alone has more, until another one comes', async () => {
  let isAlone = true;
  const recorded = new Recorded({ slotsAloneMax: 3, isAlone: () => isAlone });
  await recorded.take('greedy', 'greedy', 'greedy', 'greedy', 'greedy');
  expect(recorded.turns).toEqual(['greedy', 'greedy', 'greedy']);
  isAlone = false;
  await recorded.take('modest');
  await recorded.give('greedy');
  expect(recorded.turns).toEqual(['greedy', 'greedy', 'greedy', 'modest']);
  await recorded.give('greedy');
  expect(recorded.turns).toEqual(['greedy', 'greedy', 'greedy', 'modest', 'greedy']);
});

it('among waiting clients, the one with the fewest slots goes first, then the one served longest ago', async () => {
  const recorded = new Recorded({ slotsMax: 2 });
  await recorded.take('greedy', 'greedy', 'greedy', 'greedy', 'first', 'second', 'first');
  await recorded.give('greedy'); // which still has one slot, while the others have none
  await recorded.give('greedy');
  await recorded.give('first');
  await recorded.give('second');
  await recorded.give('greedy', 'first');
  expect(recorded.turns).toEqual(['greedy', 'greedy', 'first', 'second', 'greedy', 'first', 'greedy']);
  await recorded.give('greedy');
  expect(recorded.queue.counts).toEqual({ running: 0, waiting: 0 });
});

it('with one slot in all, clients take turns, however many entries of one wait', async () => {
  const recorded = new Recorded({ slotsMax: 1, slotsPerClientMax: 1 });
  await recorded.take('greedy', 'greedy', 'greedy', 'modest', 'greedy', 'modest');
  for (const key of ['greedy', 'modest', 'greedy', 'modest', 'greedy', 'greedy']) await recorded.give(key);
  expect(recorded.turns).toEqual(['greedy', 'modest', 'greedy', 'modest', 'greedy', 'greedy']);
});

it('work of the service itself has no share, and takes any free slot', async () => {
  const recorded = new Recorded();
  await recorded.take(null, null, null, null, null);
  expect(recorded.queue.counts).toEqual({ running: 4, waiting: 1 });
});

it('the waiting entries of one client are bounded, and refused without refusing others', async () => {
  const recorded = new Recorded({
    slotsMax: 1,
    slotsPerClientMax: 1,
    waitingMax: 3,
    waitingPerClientMax: 2,
  });
  await recorded.take('greedy', 'greedy', 'greedy');
  await expect(recorded.takeOne('greedy')).rejects.toThrow('own share');
  await recorded.take('modest');
  await expect(recorded.takeOne('third')).rejects.toThrow('full');
  expect(recorded.queue.counts).toEqual({ running: 1, waiting: 3 });
});

it('weights are bounded in total and for each client, and an entry heavier than a share runs alone', async () => {
  const recorded = new Recorded({ slotsPerClientMax: 4, weightMax: 100, weightPerClientMax: 60 });
  const heavy = [recorded.takeOne('greedy', 5_000), recorded.takeOne('greedy', 1)];
  await recorded.takeOne('modest', 40);
  expect(recorded.turns).toEqual(['greedy', 'modest']);
  const third = recorded.takeOne('third', 1); // a slot is free, but no weight is left
  expect(recorded.queue.counts).toEqual({ running: 2, waiting: 2 });
  recorded.queue.release('greedy', 5_000);
  await Promise.all([...heavy, third]);
  expect(recorded.turns).toEqual(['greedy', 'modest', 'third', 'greedy']);
});

it('an entry without a turn in time is refused, with the reason: its client’s share or the queue', async () => {
  const recorded = new Recorded({ slotsMax: 2, waitMs: 0 });
  await recorded.take('greedy', 'greedy');
  const refused = [recorded.takeOne('greedy'), recorded.takeOne('modest')];
  const reasons = await Promise.allSettled(refused);
  expect(reasons.map((reason) => String((reason as PromiseRejectedResult).reason))).toEqual([
    'Error: own share',
    'Error: full',
  ]);
  expect(recorded.queue.counts).toEqual({ running: 2, waiting: 0 });
});

it('an entry that its own client’s share blocks does not count as waiting', async () => {
  const recorded = new Recorded();
  await recorded.take('greedy', 'greedy', 'greedy');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(recorded.queue.waitedMs).toBe(0);
  await recorded.take('modest', 'modest', 'third');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(recorded.queue.waitedMs).toBeGreaterThan(0);
});
