import { ReadoutError } from '../../base/errors.ts';
import type { Anchor } from '../../db/generated/client.ts';
import { type LostAnchors, readLostAnchors } from '../../read/loading/lostAnchors.ts';
import { LIST_SIZE_DEFAULT, parseSlice } from '../../read/slice.ts';
import { builder } from '../builder/builder.ts';
import { sliceArgs } from '../builder/slice.ts';
import { AnchorRef } from './detail.ts';
import { StatementRef } from './ref.ts';

const LostAnchorRef = builder.objectRef<Anchor>('LostAnchor').implement({
  description: 'An anchor whose place in the current text of its source is not known.',
  fields: (t) => ({
    anchor: t.field({
      type: AnchorRef,
      description: 'The anchor, AMBIGUOUS or ORPHANED. Its start and end are those of a former text.',
      resolve: (anchor) => anchor,
    }),
    statement: t.field({
      type: StatementRef,
      description: 'Its statement.',
      resolve: async ({ statementId }, _, { load }) => {
        const statement = await load.statement.load(statementId);
        if (!statement) throw new Error(`statement ${statementId} of an anchor is not in the record`);
        return statement;
      },
    }),
  }),
});

const LostAnchorsRef = builder.objectRef<LostAnchors>('LostAnchors').implement({
  description: 'A page of the anchors whose place is not known.',
  fields: (t) => ({
    anchors: t.field({
      type: [LostAnchorRef],
      description: 'By source and statement, as these were recorded.',
      resolve: ({ anchors }) => anchors,
    }),
    total: t.exposeInt('total', { description: 'Number of all of them.' }),
  }),
});

builder.queryFields((t) => ({
  lostAnchors: t.field({
    type: LostAnchorsRef,
    description:
      'The anchors of current statements that `reanchorSource` did not find in a new text. Revise their statements with the right place.',
    args: {
      ...sliceArgs(LIST_SIZE_DEFAULT),
      source: t.arg.string({ description: 'Slug of a source. Without it, those of all sources.' }),
    },
    resolve: async (_, { source: slug, ...args }, { db, load }) => {
      const slice = parseSlice(args, LIST_SIZE_DEFAULT);
      const source = slug == null ? null : await load.named('source', slug);
      if (slug != null && !source)
        throw new ReadoutError('NOT_FOUND', `The record has no source “${slug}”.`, ['source']);
      return readLostAnchors(db, source?.id ?? null, slice);
    },
  }),
}));
