import { PAGE_BOUND, PAGE_SIZE_MAX, parseSize } from './page.ts';

/** `offset` of a nested list. PostgreSQL reads all skipped items. @limit items */
export const LIST_OFFSET_MAX = 10_000;
/** Items of a page of a nested list (one with `offset`) if the client names no number. @limit items */
export const LIST_SIZE_DEFAULT = PAGE_SIZE_MAX;

/** The arguments of a nested list. */
export interface SliceArguments {
  readonly first?: number | null | undefined;
  readonly offset?: number | null | undefined;
}

/** A page of a list: the `first` items after `offset` skipped ones. */
export interface Slice {
  readonly first: number;
  readonly offset: number;
}

/**
 * Parses the arguments of a nested list.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument.
 */
export function parseSlice({ first, offset }: SliceArguments, sizeDefault: number): Slice {
  return {
    first: parseSize('first', first ?? sizeDefault, PAGE_BOUND, 'Read the rest with “offset”.'),
    offset: parseSize(
      'offset',
      offset ?? 0,
      { limit: 'LIST_OFFSET_MAX', max: LIST_OFFSET_MAX },
      'Read the list in the other order, or narrow it.',
    ),
  };
}

/** The page of a list in memory. */
export function sliceOf<Item>(items: readonly Item[], { first, offset }: Slice): Item[] {
  return items.slice(offset, offset + first);
}
