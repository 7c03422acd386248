import { requireRecorder } from '../../domain/access/identity.ts';
import type { AnchorOutcome } from '../../domain/statement/reanchor/placement.ts';
import {
  REANCHORED_ANCHORS_MAX,
  type ReanchoredAnchor,
  reanchorSource,
} from '../../domain/statement/reanchor/reanchor.ts';
import type { SourceRow } from '../../read/memory/catalog.ts';
import { builder } from '../builder/builder.ts';
import { StatementRef } from '../statement/ref.ts';
import { ReanchorSourceInput } from './input.ts';
import { type Written, WrittenRef } from './payload.ts';

const OUTCOMES: Readonly<Record<AnchorOutcome, string>> = {
  SAME: 'Its words are where they were.',
  MOVED: 'Its words are at another place, which it now has.',
  AMBIGUOUS:
    'The new text has its words, usually several times, and nothing decides which place is meant. It keeps its former place and has this status.',
  ORPHANED: 'The new text does not have its words. It keeps its former place and has this status.',
};

const AnchorOutcomeEnum = builder.enumType('AnchorOutcome', {
  description: 'How an anchor of the former text was placed in the new one.',
  values: Object.fromEntries(
    Object.entries(OUTCOMES).map(([value, description]) => [value, { value, description }]),
  ) as Record<AnchorOutcome, { value: AnchorOutcome; description: string }>,
});

const ReanchoredAnchorRef = builder.objectRef<ReanchoredAnchor>('ReanchoredAnchor').implement({
  description: 'An anchor of the former text, and how it was placed in the new one.',
  fields: (t) => ({
    statement: t.field({
      type: StatementRef,
      description: 'The statement.',
      resolve: async ({ statementId }, _, { load }) => {
        const statement = await load.statement.load(statementId);
        if (!statement) throw new Error(`statement ${statementId} of an anchor is not in the record`);
        return statement;
      },
    }),
    outcome: t.expose('outcome', { type: AnchorOutcomeEnum, description: 'How it was placed.' }),
    formerStart: t.exposeInt('formerStart', { description: 'Where it began, in code points.' }),
    formerEnd: t.exposeInt('formerEnd', { description: 'Where it ended.' }),
    start: t.exposeInt('start', { description: 'Where it begins; the former place if it was not found.' }),
    end: t.exposeInt('end', { description: 'Where it ends.' }),
    places: t.exposeInt('places', { description: 'Number of places of the new text that have its words.' }),
  }),
});

interface SourceReanchored extends Written {
  readonly source: SourceRow;
  readonly anchors: readonly ReanchoredAnchor[];
}

const countOf = (outcome: AnchorOutcome) => ({
  description: `Number of anchors with the outcome ${outcome}.`,
  resolve: ({ anchors }: SourceReanchored) => anchors.filter((anchor) => anchor.outcome === outcome).length,
});

const ReanchorSourcePayload = builder.objectRef<SourceReanchored>('ReanchorSourcePayload').implement({
  description: 'A source that got a new text.',
  interfaces: [WrittenRef],
  fields: (t) => ({
    source: t.field({
      type: 'Source',
      description: 'The source as it is now.',
      resolve: ({ source }) => source,
    }),
    same: t.int(countOf('SAME')),
    moved: t.int(countOf('MOVED')),
    ambiguous: t.int(countOf('AMBIGUOUS')),
    orphaned: t.int(countOf('ORPHANED')),
    anchors: t.field({
      type: [ReanchoredAnchorRef],
      description: 'The anchors with another outcome than SAME, in the order of the former text.',
      resolve: ({ anchors }) => anchors.filter(({ outcome }) => outcome !== 'SAME'),
    }),
  }),
});

builder.mutationFields((t) => ({
  reanchorSource: t.field({
    type: ReanchorSourcePayload,
    nullable: true,
    description:
      'Gives a source a new text, and finds the anchors of its current statements in it: by their words, which their digests prove, and by the ' +
      `context of words that are repeated. Each statement whose anchors change is revised, in a change of its own. At most ${REANCHORED_ANCHORS_MAX} anchors.`,
    args: { input: t.arg({ type: ReanchorSourceInput, required: true, description: 'The new text.' }) },
    resolve: async (_, { input }, context) => {
      requireRecorder(context.identity);
      const { id, position, anchors } = await reanchorSource(context.db.prisma, input, context.identity.name);
      const written = await context.settle(position);
      return { ...written, anchors, source: await context.load.source.load(id) };
    },
  }),
}));
