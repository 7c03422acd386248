import { isSlug, SLUG_LENGTH_MAX } from '../../../../domain/input/slug.ts';

/** Slugs that are not too long. Longer ones match nothing, and would use memory while the filter is kept. */
export function withoutLong(slugs: readonly string[]): readonly string[] {
  return slugs.some(isTooLong) ? slugs.filter((slug) => !isTooLong(slug)) : slugs;
}

export const isTooLong = ({ length }: string): boolean => length > SLUG_LENGTH_MAX;

/** The list of a condition with slugs. */
export const SLUG_LIST = { name: 'slugs', isPossible: isSlug } as const;
