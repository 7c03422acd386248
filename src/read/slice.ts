import { PAGE_SIZE_MAX, parseSize } from './page.ts';

/** Items of a list that can be passed over at most: PostgreSQL reads them all to come to what follows. */
export const LIST_OFFSET_MAX = 10_000;
/** Items of a list that hangs on something, where no number is given. */
export const LIST_SIZE_DEFAULT = PAGE_SIZE_MAX;

/** The arguments of a plain list that hangs on something. */
export interface SliceArguments {
  readonly first?: number | null | undefined;
  readonly offset?: number | null | undefined;
}

/** A part of a list: the `first` items after `offset` others. */
export interface Slice {
  readonly first: number;
  readonly offset: number;
}

/**
 * Reads the arguments of a plain list.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument.
 */
export function parseSlice({ first, offset }: SliceArguments, sizeDefault: number): Slice {
  return {
    first: parseSize('first', first ?? sizeDefault, PAGE_SIZE_MAX, 'Read the rest with “offset”.'),
    offset: parseSize(
      'offset',
      offset ?? 0,
      LIST_OFFSET_MAX,
      'Read such a list from its other side, or ask for less.',
    ),
  };
}

/** The part of a list that is in memory. */
export function sliceOf<Item>(items: readonly Item[], { first, offset }: Slice): Item[] {
  return items.slice(offset, offset + first);
}
