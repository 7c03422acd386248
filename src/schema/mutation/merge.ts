import type { Actor } from '../../db/generated/client.ts';
import { transact } from '../../db/transaction.ts';
import { requireRecorder } from '../../domain/access/identity.ts';
import { resolveMention } from '../../domain/correction/mention.ts';
import { mergeActors } from '../../domain/correction/merge.ts';
import { RENAMED_MAX, RENAMING_TIME_MAX_MS } from '../../domain/correction/renameAll.ts';
import { splitActor } from '../../domain/correction/split.ts';
import { mentionResolutionInput, mergeInput, splitInput } from '../../domain/input/correction.ts';
import { checkInput } from '../../domain/input/fault.ts';
import { INPUT_MAX } from '../../domain/input/field.ts';
import { builder, type Context } from '../builder/builder.ts';
import { MergeActorsInput, ResolveMentionInput, SplitActorInput } from './input.ts';
import { namedStatement } from './mutation.ts';
import { type Written, WrittenRef } from './payload.ts';

interface ActorWritten extends Written {
  readonly actor: Actor;
  readonly statements: number;
}
interface Merged extends ActorWritten {
  readonly entries: number;
  readonly isComplete: boolean;
}

const REVISED = 'Number of statements that were revised now.';
const COMPLETE = 'Whether nothing is left to do. Otherwise send the mutation again.';

const MergeActorsPayload = builder.objectRef<Merged>('MergeActorsPayload').implement({
  description: 'Two actors that were merged, as a whole or in part.',
  interfaces: [WrittenRef],
  fields: (t) => ({
    actor: t.field({
      type: 'Actor',
      description: 'The actor that remains, as it is now.',
      resolve: ({ actor }) => actor,
    }),
    statements: t.exposeInt('statements', { description: REVISED }),
    entries: t.exposeInt('entries', {
      description: 'Number of other actors, events and sources that were revised now.',
    }),
    isComplete: t.exposeBoolean('isComplete', { description: COMPLETE }),
  }),
});

const SplitActorPayload = builder.objectRef<ActorWritten>('SplitActorPayload').implement({
  description: 'An actor that was split.',
  interfaces: [WrittenRef],
  fields: (t) => ({
    actor: t.field({
      type: 'Actor',
      description: 'The actor whom the statements name now.',
      resolve: ({ actor }) => actor,
    }),
    statements: t.exposeInt('statements', { description: REVISED }),
  }),
});

const ResolveMentionPayload = builder.objectRef<Omit<Merged, 'entries'>>('ResolveMentionPayload').implement({
  description: 'Mentions that got an actor.',
  interfaces: [WrittenRef],
  fields: (t) => ({
    actor: t.field({ type: 'Actor', description: 'The actor.', resolve: ({ actor }) => actor }),
    statements: t.exposeInt('statements', { description: REVISED }),
    isComplete: t.exposeBoolean('isComplete', { description: COMPLETE }),
  }),
});

/** The payload of a write: the end of the log, and the actor after it. */
async function payload<Result extends { readonly id: number; readonly position: bigint | null }>(
  context: Context,
  { id, position, ...done }: Result,
) {
  const written = await context.settle(position);
  return { ...done, ...written, actor: await context.load.actor.load(id) };
}

const AGAIN = `One mutation revises at most ${RENAMED_MAX} entries, in parts, in about ${RENAMING_TIME_MAX_MS / 1_000} s: send it again until it is complete, also after an interruption.`;

builder.mutationFields((t) => ({
  mergeActors: t.field({
    type: MergeActorsPayload,
    nullable: true,
    description:
      'Merges an actor into another one. All current entries that named it then name the other one; each has one change. Its ' +
      'names become aliases; its affiliations and identifiers move. It is withdrawn, and its slug leads to the other one, in queries, filters and inputs. ' +
      AGAIN,
    args: { input: t.arg({ type: MergeActorsInput, required: true, description: 'The merge.' }) },
    resolve: async (_, { input }, context) => {
      requireRecorder(context.identity);
      checkInput(mergeInput, input, ['input']);
      const { db, identity } = context;
      return payload(context, await mergeActors(db.prisma, input, identity.name));
    },
  }),
  splitActor: t.field({
    type: SplitActorPayload,
    nullable: true,
    description: `Moves the references of up to ${INPUT_MAX.splitStatements} statements from one actor to another one, new or existing. Nothing else changes. All or none.`,
    args: { input: t.arg({ type: SplitActorInput, required: true, description: 'The split.' }) },
    resolve: async (_, { input }, context) => {
      requireRecorder(context.identity);
      checkInput(splitInput, input, ['input']);
      const { db, identity } = context;
      const statements: { id: number; given: string }[] = [];
      for (const [i, named] of input.statements.entries()) {
        const given = String(named);
        const { id } = await namedStatement(context, given, ['input', 'statements', i]);
        statements.push({ id, given });
      }
      const split = await transact(db.prisma, (tx) =>
        splitActor(tx, { ...input, statements }, identity.name),
      );
      return payload(context, split);
    },
  }),
  resolveMention: t.field({
    type: ResolveMentionPayload,
    nullable: true,
    description: `Gives an actor to every unresolved mention with these words: the actor is a speaker of these statements from then on. ${AGAIN}`,
    args: { input: t.arg({ type: ResolveMentionInput, required: true, description: 'Whom they mean.' }) },
    resolve: async (_, { input }, context) => {
      requireRecorder(context.identity);
      checkInput(mentionResolutionInput, input, ['input']);
      const { db, identity } = context;
      return payload(context, await resolveMention(db.prisma, input, identity.name));
    },
  }),
}));
