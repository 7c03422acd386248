import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Cancellation } from '../../../src/db/pool/cancellation.ts';
import { Canceller } from '../../../src/db/pool/canceller.ts';
import { SqlClock, type TimedWork } from '../../../src/db/pool/sqlClock.ts';
import { createTestDatabase } from '../../support/database.ts';

describe('the clock for SQL', () => {
  let idle = 0;
  const clockOf = (processors: number) => new SqlClock(processors, () => idle);
  const beginOn = (clock: SqlClock): TimedWork => {
    const work = { sinceMs: 0 };
    clock.begin(work);
    return work;
  };

  it('counts the time in which this process waits, while a statement runs', () => {
    const clock = clockOf(2);
    idle += 5;
    expect(clock.ms).toBe(0);
    const work = beginOn(clock);
    idle += 7;
    expect(clock.ms).toBe(7);
    expect(clock.end(work)).toBe(7);
    idle += 100;
    expect(clock.ms).toBe(7);
  });

  it('slows down in proportion when more statements run than there are processors', () => {
    const clock = clockOf(2);
    const running = Array.from({ length: 8 }, () => beginOn(clock));
    idle += 40;
    expect(clock.ms).toBe(10);
    for (const work of running.slice(0, 6)) clock.end(work);
    idle += 40;
    expect(clock.ms).toBe(50);
  });

  it('counts busy turns of the event loop only for what ran through the whole turn', async () => {
    const clock = clockOf(2);
    const early = beginOn(clock);
    block(20);
    await setImmediate();
    expect(clock.ms - early.sinceMs, 'its first turn').toBe(0);
    const late = beginOn(clock);
    block(30);
    await setImmediate();
    expect(clock.end(early)).toBeGreaterThanOrEqual(30);
    expect(clock.end(late)).toBe(0);
  });
});

it('a statement is paid for while the event loop is never idle', async () => {
  const test = await createTestDatabase({ seeded: false });
  try {
    const work = new Cancellation(new Canceller(test.db.pool, new SqlClock()));
    let isOver = false;
    const asleep = work.run(() => test.db.pool.query('SELECT pg_sleep(0.3)')).then(() => (isOver = true));
    while (!isOver) {
      block(2);
      await setImmediate();
    }
    await asleep;
    expect(work.sqlMs).toBeGreaterThan(200);
  } finally {
    await test.drop();
  }
});

/** Keeps the event loop busy. */
function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}
