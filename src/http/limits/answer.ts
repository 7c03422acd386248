import { ReadoutError } from '../../base/errors.ts';

/**
 * An answer to a query or mutation, as JSON. The result is measured before it is serialised, which blocks the event loop and
 * takes memory. Beyond it LIMIT_EXCEEDED.
 * @limit bytes
 */
export const ANSWER_BYTES_MAX = 12 * 1_048_576;
/**
 * A change delivered to a subscriber, as JSON. Beyond it an error is delivered in its place.
 * @limit bytes
 */
export const DELIVERED_BYTES_MAX = 262_144;

/** Characters around a name or value in JSON: quotation marks, a colon, a comma. */
const MARKS_LENGTH = 4;
const OTHER_VALUE_LENGTH = 8;

/**
 * Refuses a result that would be too long as JSON, before it is serialised. Escapes do not count.
 * @throws ReadoutError LIMIT_EXCEEDED that names the limit.
 */
export function refuseLargeAnswer(
  result: unknown,
  limit: 'ANSWER_BYTES_MAX' | 'DELIVERED_BYTES_MAX',
  isWritten = false,
): void {
  const max = limit === 'ANSWER_BYTES_MAX' ? ANSWER_BYTES_MAX : DELIVERED_BYTES_MAX;
  if (!isLonger(result, max)) return;
  const what = limit === 'ANSWER_BYTES_MAX' ? 'An answer' : 'A delivered change';
  const hint = isWritten ? 'What it wrote is written. Read it with a query.' : 'Ask for less at once.';
  throw new ReadoutError('LIMIT_EXCEEDED', `${what} may have at most ${max} bytes. ${hint}`, undefined, {
    limit,
    max,
  });
}

/** Whether a value is longer than `max` as JSON. It uses no recursion, and stops at the limit. */
function isLonger(value: unknown, max: number): boolean {
  let length = 0;
  const waiting: unknown[] = [value];
  while (waiting.length > 0 && length <= max) {
    const next = waiting.pop();
    length += MARKS_LENGTH;
    if (typeof next === 'string') length += next.length;
    else if (Array.isArray(next)) for (const item of next) waiting.push(item);
    else if (typeof next === 'object' && next !== null) {
      for (const [name, inner] of Object.entries(next)) {
        length += name.length;
        waiting.push(inner);
      }
    } else length += OTHER_VALUE_LENGTH;
  }
  return length > max;
}
