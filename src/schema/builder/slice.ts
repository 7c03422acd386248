import { PAGE_SIZE_MAX } from '../../read/page.ts';
import { LIST_OFFSET_MAX } from '../../read/slice.ts';
import { builder } from './builder.ts';

/** The arguments of a nested list, which `parseSlice` parses. */
export const sliceArgs = (sizeDefault: number) =>
  builder.args((t) => ({
    first: t.int({
      defaultValue: sizeDefault,
      description: `Number of items, at most ${PAGE_SIZE_MAX}.`,
    }),
    offset: t.int({
      defaultValue: 0,
      description: `Number of items to skip, at most ${LIST_OFFSET_MAX}.`,
    }),
  }));
