import type { Transaction } from '../../db/sql.ts';
import { transact } from '../../db/transaction.ts';
import { requireRecorder } from '../../domain/access/identity.ts';
import { saveActors } from '../../domain/actor.ts';
import { saveCollections } from '../../domain/collection.ts';
import { saveEvents } from '../../domain/event.ts';
import { INPUT_MAX } from '../../domain/input/field.ts';
import { saveSourcesWarned } from '../../domain/outdated.ts';
import type { Patch } from '../../domain/save/rules.ts';
import type { Saved, SaveOptions } from '../../domain/save/save.ts';
import { saveTopics } from '../../domain/topic.ts';
import { warningsAt } from '../../domain/warning.ts';
import { builder, type Context } from '../builder/builder.ts';
import {
  SaveActorInput,
  SaveCollectionInput,
  SaveEventInput,
  SaveSourceInput,
  SaveTopicInput,
} from './input.ts';
import {
  SaveActorPayload,
  SaveActorsPayload,
  SaveCollectionPayload,
  type SavedMany,
  type SavedOne,
  SaveEventPayload,
  SaveEventsPayload,
  SaveSourcePayload,
  SaveSourcesPayload,
  SaveTopicPayload,
  SaveTopicsPayload,
} from './savedPayload.ts';

type Save = (
  tx: Transaction,
  patches: readonly Patch[],
  by: string,
  options: SaveOptions,
) => Promise<Saved[]>;

/** Saves an input in a transaction. */
async function saveOne(context: Context, input: Patch, save: Save): Promise<SavedOne> {
  requireRecorder(context.identity);
  const options = { pathOf: () => ['input'] };
  const [saved] = await transact(context.db.prisma, (tx) =>
    save(tx, [input], context.identity.name, options),
  );
  const { id, position, created, changed, warnings } = saved as Saved;
  return {
    id,
    created,
    changed,
    ...(await context.settle(position)),
    warnings: warningsAt(['input'], warnings),
  };
}

/** Saves a list of inputs in one transaction. */
async function saveMany(context: Context, inputs: readonly Patch[], save: Save): Promise<SavedMany> {
  requireRecorder(context.identity);
  const saved = await transact(context.db.prisma, (tx) => save(tx, inputs, context.identity.name, {}));
  const last = saved.reduce<bigint | null>((max, { position }) => {
    if (position === null) return max;
    return max === null || position > max ? position : max;
  }, null);
  const created = saved.filter((one) => one.created).length;
  return {
    ids: saved.map(({ id }) => id),
    created,
    revised: saved.filter(({ position }) => position !== null).length - created,
    changed: saved.map(({ changed }) => changed),
    ...(await context.settle(last)),
    warnings: saved.flatMap(({ warnings }, i) => warningsAt(['input', i], warnings)),
  };
}

const ONE_NOTE = 'A field that is left out stays as it is. The former version is kept in `revisions`.';
const listNote = (nouns: string, references: string): string =>
  `Saves up to ${INPUT_MAX.entries} ${nouns}, all or none${references}. An error names every faulty item.`;
const oneArg = (noun: string) => ({ required: true as const, description: `The ${noun}.` });
const listArg = (nouns: string) => ({
  required: true as const,
  description: `The ${nouns}, at most ${INPUT_MAX.entries}.`,
});

builder.mutationFields((t) => ({
  saveActor: t.field({
    type: SaveActorPayload,
    nullable: true,
    description: `Creates an actor, or changes the one with this slug. ${ONE_NOTE}`,
    args: { input: t.arg({ type: SaveActorInput, ...oneArg('actor') }) },
    resolve: (_, { input }, context) => saveOne(context, input, saveActors),
  }),
  saveActors: t.field({
    type: SaveActorsPayload,
    nullable: true,
    description: listNote('actors', ', which may be affiliated to one another'),
    args: { input: t.arg({ type: [SaveActorInput], ...listArg('actors') }) },
    resolve: (_, { input }, context) => saveMany(context, input, saveActors),
  }),
  saveTopic: t.field({
    type: SaveTopicPayload,
    nullable: true,
    description: `Creates a topic, or changes the one with this slug. ${ONE_NOTE}`,
    args: { input: t.arg({ type: SaveTopicInput, ...oneArg('topic') }) },
    resolve: (_, { input }, context) => saveOne(context, input, saveTopics),
  }),
  saveTopics: t.field({
    type: SaveTopicsPayload,
    nullable: true,
    description: listNote('topics', ', which may be below one another'),
    args: { input: t.arg({ type: [SaveTopicInput], ...listArg('topics') }) },
    resolve: (_, { input }, context) => saveMany(context, input, saveTopics),
  }),
  saveSource: t.field({
    type: SaveSourcePayload,
    nullable: true,
    description: `Creates a source, or changes the one with this slug. ${ONE_NOTE}`,
    args: { input: t.arg({ type: SaveSourceInput, ...oneArg('source') }) },
    resolve: (_, { input }, context) => saveOne(context, input, saveSourcesWarned),
  }),
  saveSources: t.field({
    type: SaveSourcesPayload,
    nullable: true,
    description: listNote('sources', ''),
    args: { input: t.arg({ type: [SaveSourceInput], ...listArg('sources') }) },
    resolve: (_, { input }, context) => saveMany(context, input, saveSourcesWarned),
  }),
  saveEvent: t.field({
    type: SaveEventPayload,
    nullable: true,
    description: `Creates an event, or changes the one with this slug. ${ONE_NOTE}`,
    args: { input: t.arg({ type: SaveEventInput, ...oneArg('event') }) },
    resolve: (_, { input }, context) => saveOne(context, input, saveEvents),
  }),
  saveCollection: t.field({
    type: SaveCollectionPayload,
    nullable: true,
    description: `Creates a collection, or changes the one with this slug. ${ONE_NOTE} A retracted one becomes current again, without its former statements.`,
    args: { input: t.arg({ type: SaveCollectionInput, ...oneArg('collection') }) },
    resolve: (_, { input }, context) => saveOne(context, input, saveCollections),
  }),
  saveEvents: t.field({
    type: SaveEventsPayload,
    nullable: true,
    description: listNote('events', ''),
    args: { input: t.arg({ type: [SaveEventInput], ...listArg('events') }) },
    resolve: (_, { input }, context) => saveMany(context, input, saveEvents),
  }),
}));
