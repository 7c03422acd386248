import { describe, expect, it, vi } from 'vitest';
import { Crowd } from '../../../src/http/load/crowd.ts';
import { Load } from '../../../src/http/load/load.ts';
import { Turns } from '../../../src/http/load/turns.ts';
import { until } from '../../support/until.ts';

/** Neither is alone, because no time passes. */
function crowdOfTwo(): Crowd {
  const crowd = new Crowd(() => 0);
  crowd.see('a');
  crowd.see('b');
  return crowd;
}

const LIMITS = { OPERATIONS_MAX: 4, QUEUE_WAIT_MS: 10_000, LAG_MAX_MS: 10_000 };

it('clients with outstanding work are looked through for those without at most once in a second', () => {
  const turns = new Turns({ waitMs: 1_000, crowd: new Crowd() });
  for (let i = 0; i < 10_000; i += 1) turns.charge(`client ${i}`, 60_000_000);
  const looked = vi.spyOn(Map.prototype, Symbol.iterator);
  const startMs = performance.now();
  for (let i = 0; i < 1_000; i += 1) turns.charge(`client ${i}`, 1);
  const scans = looked.mock.calls.length;
  looked.mockRestore();
  expect(scans).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - startMs) / 1_000));
});

describe('operations beyond those that may run', () => {
  it('wait, and are refused in the end', async () => {
    const load = new Load({ ...LIMITS, QUEUE_WAIT_MS: 0 }, crowdOfTwo());
    for (const key of ['a', 'a', 'b', 'b']) await load.enter(key, 10);
    expect(load.busy).toBe(false);
    await expect(load.enter('c', 10)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(load.busy).toBe(true);
  });

  it('of a client that uses its whole share are refused, and the service stays ready', async () => {
    const load = new Load({ ...LIMITS, QUEUE_WAIT_MS: 0 }, crowdOfTwo());
    const leave = await load.enter('greedy', 10);
    await load.enter('greedy', 10);
    await expect(load.enter('greedy', 10)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { retryAfterSeconds: expect.any(Number) },
      message: expect.stringContaining('one client'),
    });
    expect(load.busy).toBe(false);
    await load.enter('modest', 10);
    leave();
    leave(); // has no further effect
    expect(load.counts).toMatchObject({ running: 2, waiting: 0 });
  });
});

describe('operations of one client that are expensive together', () => {
  const COST = 20_000;

  it('run one after the other while another client asks, too', async () => {
    const load = new Load(LIMITS, crowdOfTwo());
    const first = await load.enter('a', COST);
    const second = load.enter('a', COST);
    expect(second).toBeInstanceOf(Promise);
    expect(load.enter('b', 1_000_000), 'the first operation of another client').toBeInstanceOf(Function);
    first();
    expect(await second).toBeInstanceOf(Function);
  });

  it('run at the same time while their client is alone', async () => {
    const load = new Load(LIMITS, { isAlone: true });
    const first = await load.enter('a', COST);
    expect(load.enter('a', COST)).toBeInstanceOf(Function);
    const third = load.enter('a', COST);
    expect(third).toBeInstanceOf(Promise);
    first();
    expect(await third).toBeInstanceOf(Function);
  });
});

describe('when the event loop is too slow', () => {
  const refuses = (load: Load, key: string): boolean => {
    try {
      load.shed(key);
      return false;
    } catch {
      return true;
    }
  };

  /** Blocks the event loop until `Load`, which checks every second, refuses a client. */
  const blockUntilRefused = (load: Load, key: string): Promise<boolean> =>
    until(`the refusal of ${key}`, () => {
      const end = performance.now() + 100;
      while (performance.now() < end); // blocks the event loop on purpose
      return refuses(load, key);
    });

  it('the client that asks for the most is refused first, and all clients only if that does not help', async () => {
    const load = new Load({ ...LIMITS, LAG_MAX_MS: 20 }, crowdOfTwo());
    load.start();
    load.charge('greedy', 10_000);
    load.charge('modest', 50);
    load.charge('returned', -100_000); // of points that were charged longer ago
    expect(refuses(load, 'greedy')).toBe(false);
    await blockUntilRefused(load, 'greedy');
    expect(refuses(load, 'modest')).toBe(false);
    expect(refuses(load, 'new')).toBe(false);
    expect(load.busy).toBe(false);
    await blockUntilRefused(load, 'new');
    expect(() => load.shed('modest')).toThrow('overloaded');
    expect(load.busy).toBe(true);
    load.stop();
  });
});

const WAIT_MS = 60_000;

describe('a turn of the event loop', () => {
  it('begins one request of each client, and the others in later turns and in their order', async () => {
    const turns = new Turns({ waitMs: WAIT_MS, crowd: crowdOfTwo(), briefMs: 0 });
    const begun: string[] = [];
    const take = async (name: string): Promise<void> => {
      await turns.take(name.charAt(0));
      begun.push(name);
    };
    const all = ['a0', 'a1', 'a2', 'b0'].map(take);
    await null;
    expect(begun).toEqual(['a0', 'b0']);
    await new Promise(setImmediate);
    expect(begun).toEqual(['a0', 'b0', 'a1']);
    const later = take('a3'); // which does not overtake a waiting request
    await Promise.all([...all, later]);
    expect(begun).toEqual(['a0', 'b0', 'a1', 'a2', 'a3']);
  });
});

describe('the pace of a client', () => {
  const BUSY_POINTS = 10_000_000;

  it('delays work beyond a client’s share while others ask too, and says for how long', () => {
    const turns = new Turns({ waitMs: 10_000, crowd: new Crowd(() => 0) });
    expect(turns.take('busy')).toBeNull();
    turns.charge('busy', BUSY_POINTS);
    expect(turns.take('modest')).toBeNull();
    expect(turns.pace('modest', 0)).toBeNull();
    turns.charge('modest', 2_000_000);
    expect(turns.pace('modest', 2_000_000)).toBeNull(); // its own points are not before it
    expect(turns.pace('modest', 0)).toBeInstanceOf(Promise);
    expect(() => turns.pace('busy', 0)).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE', details: { retryAfterSeconds: 20 } }),
    );
    turns.release();
  });

  it('does not delay a client that is alone', () => {
    let now = 0;
    const turns = new Turns({ waitMs: 1_000, crowd: new Crowd(() => now) });
    expect(turns.take('modest')).toBeNull();
    expect(turns.take('busy')).toBeNull();
    turns.charge('busy', BUSY_POINTS);
    expect(() => turns.pace('busy', 0)).toThrow('while others ask');
    now = 2_001; // the other client has not asked since
    expect(turns.pace('busy', 0)).toBeNull();
  });

  it('does not hold back a client that only probes come beside', () => {
    const turns = new Turns({ waitMs: 1_000, crowd: new Crowd() });
    turns.charge('busy', BUSY_POINTS);
    expect(turns.take('busy')).toBeNull();
    expect(turns.take('watch', true)).toBeNull();
    expect(turns.take('busy')).toBeNull();
    expect(turns.pace('busy', 0)).toBeNull();
  });

  it('is no more when the service stops: what was held back goes on at once', async () => {
    const turns = new Turns({ waitMs: 60_000, crowd: new Crowd(() => 0) });
    for (const address of ['modest', 'busy']) expect(turns.take(address)).toBeNull();
    turns.charge('busy', BUSY_POINTS);
    const held = turns.pace('busy', 0);
    expect(held).toBeInstanceOf(Promise);
    turns.release();
    await held;
    expect(turns.pace('busy', 0)).toBeNull();
  });
});
