import { PAGE_SIZE_MAX } from '../read/page.ts';
import { LIST_OFFSET_MAX } from '../read/slice.ts';
import { builder } from './builder.ts';

/** The arguments of a plain list that hangs on something; `parseSlice` reads them. */
export const sliceArgs = (sizeDefault: number) =>
  builder.args((t) => ({
    first: t.int({
      defaultValue: sizeDefault,
      description: `Reads so many items, at most ${PAGE_SIZE_MAX}.`,
    }),
    offset: t.int({
      defaultValue: 0,
      description: `Passes over so many items first, at most ${LIST_OFFSET_MAX}.`,
    }),
  }));
