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
  if (lengthWithin(result, max) <= max) return;
  const what = limit === 'ANSWER_BYTES_MAX' ? 'An answer' : 'A delivered change';
  const hint = isWritten ? 'Its changes are written. Read them with a query.' : 'Ask for less at once.';
  throw new ReadoutError('LIMIT_EXCEEDED', `${what} may have at most ${max} bytes. ${hint}`, undefined, {
    limit,
    max,
  });
}

/** The length of a value as JSON, or, as soon as that exceeds `max`, a part of it that does. */
function lengthWithin(value: unknown, max: number): number {
  if (typeof value === 'string') return MARKS_LENGTH + value.length;
  if (typeof value !== 'object' || value === null) return MARKS_LENGTH + OTHER_VALUE_LENGTH;
  let length = MARKS_LENGTH;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && length <= max; i += 1) length += lengthWithin(value[i], max - length);
    return length;
  }
  // Not `Object.entries`, which makes a list for each object: a twentieth of the CPU of a nested query.
  for (const name in value) {
    if (length > max) break;
    length += name.length + lengthWithin((value as Record<string, unknown>)[name], max - length);
  }
  return length;
}
