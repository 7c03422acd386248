import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Delivered,
  type Failure,
  follow,
  isReached,
  QUIET_MS,
  type Transport,
} from '../../../src/web/live/follow.ts';

/** A world in which the test says what happens. */
function makeWorld(head = '10.e') {
  const subscriptions: { after: string; next(change: Delivered): void; failed(failure: Failure): void }[] =
    [];
  const told: string[] = [];
  let connect = (): void => undefined;
  let retry = (): void => undefined;
  const world = {
    told,
    subscriptions,
    head,
    connect: () => connect(),
    retry: () => retry(),
    get last() {
      const last = subscriptions.at(-1);
      if (!last) throw new Error('nothing has been subscribed to');
      return last;
    },
  };
  const transport: Transport<Delivered> = {
    subscribe(after, sink) {
      subscriptions.push({ after, ...sink });
      return () => told.push('left');
    },
    whenConnected(tell) {
      connect = tell;
      return () => undefined;
    },
    readHead: async () => world.head,
    wait(attempt, tell) {
      told.push(`waits ${attempt}`);
      retry = tell;
      return () => undefined;
    },
  };
  const stop = follow('1.e', transport, {
    changed: ({ cursor }, missedSince) => told.push(`${cursor}${missedSince ? ' missed' : ''}`),
    caughtUp: () => told.push('caught up'),
    resync: () => told.push('resync'),
    status: ({ state }) => told.push(state),
  });
  return Object.assign(world, { stop });
}

const change = (cursor: string, previous: string): Delivered => ({ cursor, previous });
const LOST: Failure = { code: null, message: 'lost' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('following', () => {
  it('delivers changes that follow one another', () => {
    const world = makeWorld();
    world.connect();
    world.last.next(change('4.e', '1.e'));
    world.last.next(change('9.e', '4.e'));
    expect(world.told).toEqual(['connecting', 'connected', '4.e', '9.e']);
  });

  it('resyncs where something is missing in between', () => {
    const world = makeWorld();
    world.connect();
    world.last.next(change('4.e', '3.e'));
    expect(world.told).toEqual(['connecting', 'connected', 'left', 'resync']);
  });

  it('resumes after the last change that it has got, and is caught up at the head', async () => {
    const world = makeWorld('6.e');
    world.connect();
    world.last.next(change('4.e', '1.e'));
    world.last.failed(LOST);
    world.retry();
    expect(world.last.after).toBe('4.e');
    world.connect();
    await vi.advanceTimersByTimeAsync(0);
    world.last.next(change('6.e', '4.e'));
    world.last.next(change('7.e', '6.e'));
    expect(world.told.slice(3)).toEqual([
      'left', 'offline', 'waits 1', 'catchingUp', '6.e missed', 'connected', 'caught up', '7.e',
    ]); // biome-ignore format: a course of events
  });

  it('is caught up when it grows quiet, as a filter can keep the head from ever coming', async () => {
    const world = makeWorld('20.e');
    world.connect();
    world.last.failed(LOST);
    world.retry();
    world.connect();
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(world.told.at(-1)).toBe('catchingUp');
    world.last.next(change('5.e', '1.e'));
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect(world.told.slice(-3)).toEqual(['5.e missed', 'connected', 'caught up']);
  });

  it('resumes when the service says that it reads too slowly', () => {
    const world = makeWorld();
    world.connect();
    world.last.next(change('4.e', '1.e'));
    world.last.failed({ code: 'SLOW_READER', message: 'too far behind' });
    world.retry();
    expect(world.last.after).toBe('4.e');
  });

  it('resyncs where the cursor belongs to another history', () => {
    const world = makeWorld();
    world.last.failed({ code: 'RESYNC', message: 'another history' });
    expect(world.told.at(-1)).toBe('resync');
    expect(world.told).not.toContain('waits 1');
  });

  it('does not ask again for what it may not have', () => {
    const world = makeWorld();
    world.last.failed({ code: 'FORBIDDEN', message: 'no' });
    expect(world.told.at(-1)).toBe('refused');
    expect(world.told).not.toContain('waits 1');
  });

  it('waits longer while connections break at once, and from the start after one that stood', async () => {
    const world = makeWorld('1.e');
    for (let i = 0; i < 3; i += 1) {
      world.last.failed({ code: 'LIMIT_EXCEEDED', message: 'too many' });
      world.retry();
      world.connect();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(world.told.filter((line) => line.startsWith('waits'))).toEqual(['waits 1', 'waits 2', 'waits 3']);
    await vi.advanceTimersByTimeAsync(60_000);
    world.last.failed(LOST);
    expect(world.told.at(-1)).toBe('waits 1');
  });

  it('leaves when it is stopped', () => {
    const world = makeWorld();
    world.stop();
    expect(world.told).toEqual(['connecting', 'left']);
  });
});

describe('cursors', () => {
  it('compares positions beyond what a number holds', () => {
    expect(isReached('9007199254740993.e', '9007199254740992.e')).toBe(true);
    expect(isReached('9007199254740992.e', '9007199254740993.e')).toBe(false);
    expect(isReached('9.e', '10.e')).toBe(false);
  });

  it('holds no cursor of another history for reached', () => {
    expect(isReached('9.a', '9.b')).toBe(false);
  });
});
