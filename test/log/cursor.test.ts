import { expect, it } from 'vitest';
import { parseCursor, parsePosition } from '../../src/log/cursor.ts';

const POSITION_MAX = 2n ** 63n - 1n;

it('A position that PostgreSQL cannot hold is refused', () => {
  expect(parseCursor(`${POSITION_MAX}`, ['after']).position).toBe(POSITION_MAX);
  expect(parsePosition(`${POSITION_MAX}`)).toBe(POSITION_MAX);
  const tooLarge = `${POSITION_MAX + 1n}`;
  for (const text of [tooLarge, `${tooLarge}.0123456789abcdef`]) {
    expect(() => parseCursor(text, ['after']), text).toThrow('is not a cursor');
  }
  expect(() => parsePosition(tooLarge)).toThrow('is not a position');
});
