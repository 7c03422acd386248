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
 * Measures a result before it is serialised. Escapes do not count.
 * @returns the number of its objects.
 * @throws ReadoutError LIMIT_EXCEEDED that names the limit, where it would be too long as JSON.
 */
export function measureAnswer(
  result: unknown,
  limit: 'ANSWER_BYTES_MAX' | 'DELIVERED_BYTES_MAX',
  isWritten = false,
): number {
  const max = limit === 'ANSWER_BYTES_MAX' ? ANSWER_BYTES_MAX : DELIVERED_BYTES_MAX;
  const size = { length: 0, objects: 0 };
  addTo(size, result, max);
  if (size.length <= max) return size.objects;
  const what = limit === 'ANSWER_BYTES_MAX' ? 'An answer' : 'A delivered change';
  const hint = isWritten ? 'Its changes are written. Read them with a query.' : 'Ask for less at once.';
  throw new ReadoutError('LIMIT_EXCEEDED', `${what} may have at most ${max} bytes. ${hint}`, undefined, {
    limit,
    max,
  });
}

/** Adds a value to the size of a result, unless that exceeds `max`. */
function addTo(size: { length: number; objects: number }, value: unknown, max: number): void {
  if (size.length > max) return;
  size.length += MARKS_LENGTH;
  if (typeof value === 'string') size.length += value.length;
  else if (typeof value !== 'object' || value === null) size.length += OTHER_VALUE_LENGTH;
  else if (Array.isArray(value)) for (const item of value) addTo(size, item, max);
  else {
    size.objects += 1;
    // Not `Object.entries`, which makes a list for each object: a twentieth of the CPU of a nested query.
    for (const name in value) {
      size.length += name.length;
      addTo(size, (value as Record<string, unknown>)[name], max);
    }
  }
}
