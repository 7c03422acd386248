import { describe, expect, it } from 'vitest';
import { SqlClock } from '../../../src/db/pool/sqlClock.ts';

describe('the clock for SQL', () => {
  let idle = 0;
  const clockOf = (processors: number) => new SqlClock(processors, () => idle);

  it('counts the time in which this process waits, while a statement runs', () => {
    const clock = clockOf(2);
    idle += 5;
    expect(clock.ms).toBe(0);
    clock.begin();
    idle += 7;
    expect(clock.ms).toBe(7);
    clock.end();
    idle += 100;
    expect(clock.ms).toBe(7);
  });

  it('slows down in proportion when more statements run than there are processors', () => {
    const clock = clockOf(2);
    for (let i = 0; i < 8; i += 1) clock.begin();
    idle += 40;
    expect(clock.ms).toBe(10);
    for (let i = 0; i < 6; i += 1) clock.end();
    idle += 40;
    expect(clock.ms).toBe(50);
  });
});
