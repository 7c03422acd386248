import { builder } from '../builder/builder.ts';
import { type Warned, type Written, WrittenRef, warningsField } from './payload.ts';

/** An entry that was saved. */
export interface SavedOne extends Written, Warned {
  readonly id: number;
  readonly created: boolean;
  readonly changed: readonly string[];
}

const SavedRef = builder.interfaceRef<SavedOne>('Saved').implement({
  description: 'The fields that every payload of a single save has.',
  fields: (t) => ({
    created: t.exposeBoolean('created', { description: 'Whether the entry is new.' }),
    changed: t.stringList({
      description:
        'Names of the fields that changed, in the order of the input; for a new entry those that it has. Empty if nothing differed.',
      resolve: ({ changed }) => [...changed],
    }),
    warnings: t.field(
      warningsField('What is odd about the entry as it is now, but allowed; empty if nothing is.'),
    ),
  }),
});

/** A list of entries that was saved. */
export interface SavedMany extends Written, Warned {
  readonly ids: readonly number[];
  readonly created: number;
  readonly revised: number;
  readonly changed: readonly (readonly string[])[];
}

const SavedListRef = builder.interfaceRef<SavedMany>('SavedList').implement({
  description: 'The fields that every payload of a list of saves has.',
  fields: (t) => ({
    created: t.exposeInt('created', { description: 'Number of entries that are new.' }),
    revised: t.exposeInt('revised', { description: 'Number of entries of the record that changed.' }),
    changed: t.field({
      type: t.listRef(t.listRef('String')),
      description:
        'For each item of the input, in its order, the names of the fields that changed; empty if nothing differed.',
      resolve: ({ changed }) => changed.map((fields) => [...fields]),
    }),
    warnings: t.field(
      warningsField(
        'What is odd about the entries as they are now, but allowed, in their order; empty if nothing is.',
      ),
    ),
  }),
});

const ONE = [WrittenRef, SavedRef];
const LIST = [WrittenRef, SavedListRef];
const IN_ORDER = 'as they are now, in the order of the input.';

export const SaveActorPayload = builder.objectRef<SavedOne>('SaveActorPayload').implement({
  description: 'An actor that was saved.',
  interfaces: ONE,
  fields: (t) => ({
    actor: t.field({
      type: 'Actor',
      description: 'The actor as it is now.',
      resolve: ({ id }, _, { load }) => load.actor.load(id),
    }),
  }),
});
export const SaveTopicPayload = builder.objectRef<SavedOne>('SaveTopicPayload').implement({
  description: 'A topic that was saved.',
  interfaces: ONE,
  fields: (t) => ({
    topic: t.field({
      type: 'Topic',
      description: 'The topic as it is now.',
      resolve: ({ id }, _, { load }) => load.topic.load(id),
    }),
  }),
});
export const SaveSourcePayload = builder.objectRef<SavedOne>('SaveSourcePayload').implement({
  description: 'A source that was saved.',
  interfaces: ONE,
  fields: (t) => ({
    source: t.field({
      type: 'Source',
      description: 'The source as it is now.',
      resolve: ({ id }, _, { load }) => load.source.load(id),
    }),
  }),
});
export const SaveEventPayload = builder.objectRef<SavedOne>('SaveEventPayload').implement({
  description: 'An event that was saved.',
  interfaces: ONE,
  fields: (t) => ({
    event: t.field({
      type: 'Event',
      description: 'The event as it is now.',
      resolve: ({ id }, _, { load }) => load.event.load(id),
    }),
  }),
});
export const SaveCollectionPayload = builder.objectRef<SavedOne>('SaveCollectionPayload').implement({
  description: 'A collection that was saved.',
  interfaces: ONE,
  fields: (t) => ({
    collection: t.field({
      type: 'Collection',
      description: 'The collection as it is now.',
      resolve: ({ id }, _, { load }) => load.collection.load(id),
    }),
  }),
});

export const SaveActorsPayload = builder.objectRef<SavedMany>('SaveActorsPayload').implement({
  description: 'Actors that were saved together.',
  interfaces: LIST,
  fields: (t) => ({
    actors: t.field({
      type: ['Actor'],
      description: `The actors ${IN_ORDER}`,
      resolve: ({ ids }, _, { load }) => load.actor.all(ids),
    }),
  }),
});

export const SaveTopicsPayload = builder.objectRef<SavedMany>('SaveTopicsPayload').implement({
  description: 'Topics that were saved together.',
  interfaces: LIST,
  fields: (t) => ({
    topics: t.field({
      type: ['Topic'],
      description: `The topics ${IN_ORDER}`,
      resolve: ({ ids }, _, { load }) => load.topic.all(ids),
    }),
  }),
});

export const SaveSourcesPayload = builder.objectRef<SavedMany>('SaveSourcesPayload').implement({
  description: 'Sources that were saved together.',
  interfaces: LIST,
  fields: (t) => ({
    sources: t.field({
      type: ['Source'],
      description: `The sources ${IN_ORDER}`,
      resolve: ({ ids }, _, { load }) => load.source.all(ids),
    }),
  }),
});

export const SaveEventsPayload = builder.objectRef<SavedMany>('SaveEventsPayload').implement({
  description: 'Events that were saved together.',
  interfaces: LIST,
  fields: (t) => ({
    events: t.field({
      type: ['Event'],
      description: `The events ${IN_ORDER}`,
      resolve: ({ ids }, _, { load }) => load.event.all(ids),
    }),
  }),
});
