/** Whether a value is an object, and neither null nor a list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const OBJECT_BYTES = 72;
const FIELD_BYTES = 24;
const ITEM_BYTES = 8;
const TEXT_BYTES = 24;

/**
 * Estimates the bytes of a JSON value in the heap. It uses no recursion.
 * @param factor multiplies the bytes of lists and objects, not those of texts.
 */
export function heapBytesOf(value: unknown, factor = 1): number {
  let texts = 0;
  let others = 0;
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') texts += TEXT_BYTES + next.length;
    else if (Array.isArray(next)) {
      others += OBJECT_BYTES + ITEM_BYTES * next.length;
      for (const item of next) if (item !== null) waiting.push(item);
    } else if (typeof next === 'object' && next !== null) {
      others += OBJECT_BYTES;
      for (const [name, inner] of Object.entries(next)) {
        others += FIELD_BYTES + name.length;
        if (inner !== null) waiting.push(inner);
      }
    } else others += ITEM_BYTES;
  }
  return texts + factor * others;
}
