import { ReadoutError } from '../base/errors.ts';
import type { EntryNoun } from '../log/append.ts';
import { type EntryRevisionRow, REVISIONS_BYTES_MAX } from '../read/loading/sublists.ts';
import { LIST_SIZE_DEFAULT, parseSlice, type SliceArguments } from '../read/slice.ts';
import { builder, type Context } from './builder/builder.ts';
import { sliceArgs } from './builder/slice.ts';

const EntryRevisionRef = builder.objectRef<EntryRevisionRow>('EntryRevision').implement({
  description: 'A former version of an actor, topic, source, event or collection.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Number of the former version, from 1.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was replaced.' }),
    by: t.exposeString('by', { description: 'The recorder who replaced it.' }),
    position: t.expose('position', {
      type: 'Position',
      description: 'Position of the change that replaced it.',
    }),
    content: t.string({
      description:
        'The whole former version as JSON, in the shape of the input that saves it, without empty fields. A list of contents has at ' +
        `most ${REVISIONS_BYTES_MAX} bytes; beyond it, ask for fewer.`,
      resolve: ({ number, content }, _, { memory }) => {
        if (content === null) {
          throw new ReadoutError(
            'LIMIT_EXCEEDED',
            `The contents up to revision ${number} have more than ${REVISIONS_BYTES_MAX} bytes together. Ask for fewer revisions.`,
            undefined,
            { limit: 'REVISIONS_BYTES_MAX', max: REVISIONS_BYTES_MAX },
          );
        }
        memory?.take(content.length);
        return content;
      },
    }),
  }),
});

const REVISIONS: [typeof EntryRevisionRef] = [EntryRevisionRef];

/** The options of the field `revisions` of a noun. */
export const revisionsOf = (noun: EntryNoun) => ({
  type: REVISIONS,
  description:
    'Its former versions, newest first; empty if it was never changed. `revisionCount` is the total.',
  args: sliceArgs(LIST_SIZE_DEFAULT),
  resolve: ({ id }: { readonly id: number }, args: SliceArguments, { load }: Context) =>
    load.entryRevisions.load(id, { noun, ...parseSlice(args, LIST_SIZE_DEFAULT) }),
});

/** The options of the field `revisionCount` of a noun. */
export const revisionCountOf = (noun: EntryNoun) => ({
  description: 'Number of revisions.',
  resolve: ({ id }: { readonly id: number }, _: object, { load }: Context) =>
    load.entryRevisionCount.load(id, { noun }),
});

/** The options of the field `position` of a noun. */
export const POSITION_OPTIONS = {
  type: 'Position',
  description:
    'Position of its latest change; "0" if the service did not write it. Give it as `ifPosition` when you save, so that no change by ' +
    'another recorder is lost.',
} as const;
