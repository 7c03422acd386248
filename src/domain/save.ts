import { ReadoutError } from '../base/errors.ts';
import { makeSlug } from './input/slug.ts';

/** The result of a save. `position` is the position of its change; null if nothing differed. */
export interface Saved {
  readonly id: number;
  readonly position: bigint | null;
  readonly created: boolean;
}

/**
 * The given slug, or one made from the name.
 * @throws ReadoutError CONFLICT if the made slug is taken: only a given slug can replace an entry.
 */
export async function slugOf(
  given: string | undefined,
  name: string,
  isTaken: (slug: string) => Promise<boolean>,
): Promise<string> {
  if (given !== undefined) return given;
  const made = makeSlug(name);
  if (await isTaken(made)) {
    throw new ReadoutError(
      'CONFLICT',
      `“${made}”, the slug made from this name, is taken. Give a slug: this one to replace its entry, another one to add a new entry.`,
      ['input', 'slug'],
      { slug: made },
    );
  }
  return made;
}

/** Whether `before` has every field of `after` with the same value. Lists are compared item by item, dates by value. */
export function sameContent(before: unknown, after: unknown): boolean {
  if (after instanceof Date) return before instanceof Date && before.getTime() === after.getTime();
  if (Array.isArray(after)) {
    return (
      Array.isArray(before) &&
      before.length === after.length &&
      after.every((item, i) => sameContent(before[i], item))
    );
  }
  if (typeof after === 'object' && after !== null) {
    if (typeof before !== 'object' || before === null) return false;
    return Object.entries(after).every(([key, value]) =>
      sameContent((before as Record<string, unknown>)[key], value),
    );
  }
  return before === after;
}
