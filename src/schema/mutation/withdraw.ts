import type { Actor, Collection, Event, Topic } from '../../db/generated/client.ts';
import { transact } from '../../db/transaction.ts';
import { requireRecorder } from '../../domain/access/identity.ts';
import { ACTOR } from '../../domain/actor.ts';
import { COLLECTION_RETRACTED_MAX, retractCollection } from '../../domain/correction/collection.ts';
import { EVENT } from '../../domain/event.ts';
import { SOURCE } from '../../domain/source.ts';
import { TOPIC } from '../../domain/topic.ts';
import { type WithdrawalRules, withdrawEntry } from '../../domain/withdraw.ts';
import type { SourceRow } from '../../read/memory/catalog.ts';
import { builder, type Context } from '../builder/builder.ts';
import { RetractCollectionInput, WithdrawInput } from './input.ts';
import { type Written, WrittenRef } from './payload.ts';

/** Withdraws an entry in a transaction. Returns its id and the end of the log. */
async function withdraw(
  context: Context,
  { slug, reason }: { readonly slug: string; readonly reason: string },
  rules: WithdrawalRules,
): Promise<Written & { id: number }> {
  requireRecorder(context.identity);
  const { db, identity } = context;
  const { id, position } = await transact(db.prisma, (tx) =>
    withdrawEntry(tx, rules, slug, reason, identity.name),
  );
  return { id, ...(await context.settle(position)) };
}

const NOW = 'as it is now, with its `withdrawal`.';
const note = (noun: string) =>
  `Withdraws ${noun} that nothing current refers to. Otherwise the error is CONFLICT, with what refers to it. The entry leaves lists and searches; its slug stays taken, and a save of its whole content makes it current again.`;
const INPUT = { type: WithdrawInput, required: true as const, description: 'The withdrawal.' };

const WithdrawActorPayload = builder.objectRef<Written & { actor: Actor }>('WithdrawActorPayload').implement({
  description: 'An actor that was withdrawn.',
  interfaces: [WrittenRef],
  fields: (t) => ({
    actor: t.field({ type: 'Actor', description: `The actor ${NOW}`, resolve: ({ actor }) => actor }),
  }),
});
const WithdrawTopicPayload = builder.objectRef<Written & { topic: Topic }>('WithdrawTopicPayload').implement({
  description: 'A topic that was withdrawn.',
  interfaces: [WrittenRef],
  fields: (t) => ({
    topic: t.field({ type: 'Topic', description: `The topic ${NOW}`, resolve: ({ topic }) => topic }),
  }),
});
const WithdrawSourcePayload = builder
  .objectRef<Written & { source: SourceRow }>('WithdrawSourcePayload')
  .implement({
    description: 'A source that was withdrawn.',
    interfaces: [WrittenRef],
    fields: (t) => ({
      source: t.field({ type: 'Source', description: `The source ${NOW}`, resolve: ({ source }) => source }),
    }),
  });
const WithdrawEventPayload = builder.objectRef<Written & { event: Event }>('WithdrawEventPayload').implement({
  description: 'An event that was withdrawn.',
  interfaces: [WrittenRef],
  fields: (t) => ({
    event: t.field({ type: 'Event', description: `The event ${NOW}`, resolve: ({ event }) => event }),
  }),
});

interface CollectionRetracted extends Written {
  readonly collection: Collection;
  readonly retracted: number;
  readonly remaining: number;
  readonly withdrawn: number;
  readonly kept: number;
  readonly isComplete: boolean;
}

const RetractCollectionPayload = builder
  .objectRef<CollectionRetracted>('RetractCollectionPayload')
  .implement({
    description: 'A collection that was retracted, as a whole or in part.',
    interfaces: [WrittenRef],
    fields: (t) => ({
      collection: t.field({
        type: 'Collection',
        description: 'The collection as it is now.',
        resolve: ({ collection }) => collection,
      }),
      retracted: t.exposeInt('retracted', { description: 'Number of statements that were retracted now.' }),
      remaining: t.exposeInt('remaining', {
        description:
          'Number of its statements that are still current: those that the next mutations retract.',
      }),
      withdrawn: t.exposeInt('withdrawn', {
        description: 'Number of actors, topics, sources and events that were withdrawn now.',
      }),
      kept: t.exposeInt('kept', {
        description:
          'Number of its actors, topics, sources and events that are current. Where the retraction is complete, other entries refer to them.',
      }),
      isComplete: t.exposeBoolean('isComplete', {
        description: 'Whether nothing is left to do. Otherwise send the mutation again.',
      }),
    }),
  });

builder.mutationFields((t) => ({
  retractCollection: t.field({
    type: RetractCollectionPayload,
    nullable: true,
    description:
      'Retracts a collection: its statements, each in a change of its own, then the actors, topics, sources and events that it added and that ' +
      `nothing refers to any more, then itself. It is written in parts, and one mutation takes at most ${COLLECTION_RETRACTED_MAX} entries: send it again until it is complete, also after an interruption.`,
    args: {
      input: t.arg({ type: RetractCollectionInput, required: true, description: 'The retraction.' }),
    },
    resolve: async (_, { input: { slug, reason } }, context) => {
      requireRecorder(context.identity);
      const { db, identity } = context;
      const { id, position, ...done } = await retractCollection(db.prisma, slug, reason, identity.name);
      const written = await context.settle(position);
      return { ...done, ...written, collection: await context.load.collection.load(id) };
    },
  }),
  withdrawActor: t.field({
    type: WithdrawActorPayload,
    nullable: true,
    description: note('an actor'),
    args: { input: t.arg(INPUT) },
    resolve: async (_, { input }, context) => {
      const { id, ...written } = await withdraw(context, input, ACTOR);
      return { ...written, actor: await context.load.actor.load(id) };
    },
  }),
  withdrawTopic: t.field({
    type: WithdrawTopicPayload,
    nullable: true,
    description: note('a topic'),
    args: { input: t.arg(INPUT) },
    resolve: async (_, { input }, context) => {
      const { id, ...written } = await withdraw(context, input, TOPIC);
      return { ...written, topic: await context.load.topic.load(id) };
    },
  }),
  withdrawSource: t.field({
    type: WithdrawSourcePayload,
    nullable: true,
    description: note('a source'),
    args: { input: t.arg(INPUT) },
    resolve: async (_, { input }, context) => {
      const { id, ...written } = await withdraw(context, input, SOURCE);
      return { ...written, source: await context.load.source.load(id) };
    },
  }),
  withdrawEvent: t.field({
    type: WithdrawEventPayload,
    nullable: true,
    description: note('an event'),
    args: { input: t.arg(INPUT) },
    resolve: async (_, { input }, context) => {
      const { id, ...written } = await withdraw(context, input, EVENT);
      return { ...written, event: await context.load.event.load(id) };
    },
  }),
}));
