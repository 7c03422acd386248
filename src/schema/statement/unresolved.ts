import { LIST_SIZE_DEFAULT, parseSlice } from '../../read/slice.ts';
import {
  readUnresolvedMentions,
  type UnresolvedMention,
  type UnresolvedMentions,
} from '../../read/statements/counts/unresolvedMentions.ts';
import { parseFilter } from '../../read/statements/filter.ts';
import { builder } from '../builder/builder.ts';
import { sliceArgs } from '../builder/slice.ts';
import { StatementFilter } from './filter.ts';
import { StatementRef, takeFilter } from './ref.ts';

const UnresolvedMentionRef = builder.objectRef<UnresolvedMention>('UnresolvedMention').implement({
  description: 'Words that sources use for a speaker who is not identified.',
  fields: (t) => ({
    as: t.exposeString('as', { description: 'The words.' }),
    count: t.exposeInt('count', { description: 'Number of statements with them.' }),
    example: t.field({
      type: StatementRef,
      description: 'One of these statements: the one recorded last.',
      resolve: async ({ exampleId }, _, { load }) => {
        const statement = await load.statement.load(exampleId);
        if (!statement) throw new Error(`statement ${exampleId} of a mention is not in the record`);
        return statement;
      },
    }),
  }),
});

const UnresolvedMentionsRef = builder.objectRef<UnresolvedMentions>('UnresolvedMentions').implement({
  description: 'A page of the mentions without an actor.',
  fields: (t) => ({
    mentions: t.field({
      type: [UnresolvedMentionRef],
      description: 'Those in most statements first, then by their words. `total` is the number of all.',
      resolve: ({ mentions }) => mentions,
    }),
    total: t.exposeInt('total', { description: 'Number of all different mentions without an actor.' }),
  }),
});

builder.queryFields((t) => ({
  unresolvedMentions: t.field({
    type: UnresolvedMentionsRef,
    description:
      'The speakers who are not identified, as the sources write them, each with the number of its statements.',
    args: {
      ...sliceArgs(LIST_SIZE_DEFAULT),
      filter: t.arg({
        type: StatementFilter,
        description: 'In which statements. Without it, in all current ones.',
      }),
    },
    resolve: (_, { filter, ...slice }, { db, load }) => {
      const condition = parseFilter(filter);
      takeFilter(filter, load);
      return readUnresolvedMentions(db, load, condition, parseSlice(slice, LIST_SIZE_DEFAULT));
    },
  }),
}));
