import type { Collection } from '../db/generated/client.ts';
import type { CollectedNoun } from '../read/loading/sublists.ts';
import { builder, type Context } from './builder/builder.ts';
import { CURRENT, WITHDRAWAL_OPTIONS } from './builder/collected.ts';
import { BY_TITLE, readPage } from './builder/connection.ts';
import { POSITION_OPTIONS, revisionCountOf, revisionsOf } from './revision.ts';
import { listStatementsOf, StatementConnection, StatementRef, statementListArgs } from './statement/ref.ts';

/** A file of a collection, as `Collection.files` keeps it. */
interface CollectionFile {
  readonly name: string;
  readonly digest: string;
  readonly length: number;
}

const CollectionFileRef = builder.objectRef<CollectionFile>('CollectionFile').implement({
  description: 'A file that a collection was imported from.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the file.' }),
    digest: t.exposeString('digest', { description: 'SHA-256 of its bytes, in lowercase hexadecimal.' }),
    length: t.exposeFloat('length', {
      description: 'Its length in bytes: a whole number. It can be larger than an Int.',
    }),
  }),
});

/** The options of a field that counts what a collection has added. */
const countOf = (noun: CollectedNoun, description: string) => ({
  description,
  resolve: ({ id }: { readonly id: number }, _: object, { load }: Context) =>
    load.collectionCount.load(id, { noun }),
});

const CollectionRef = builder.node('Collection', {
  description:
    'Documents that were imported together, and where they come from. Statements, actors, topics, sources and events belong to the collection that added them.',
  id: {
    resolve: (collection) => collection.id,
    description: 'Identifies the collection across all types; opaque.',
  },
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'Readable identifier, unique among collections. Filters and inputs use it.',
    }),
    title: t.exposeString('title', { description: 'What it is called.' }),
    version: t.exposeString('version', {
      nullable: true,
      description: 'The edition that the record has, as its publisher numbers it; null if not recorded.',
    }),
    url: t.exposeString('url', { nullable: true, description: 'Where it comes from; null if not recorded.' }),
    licence: t.exposeString('licence', {
      nullable: true,
      description: 'The licence of its content, such as CC BY 4.0; null if not recorded.',
    }),
    files: t.field({
      type: [CollectionFileRef],
      description: 'The files that it was imported from; empty if not recorded.',
      resolve: ({ files }) => (files ?? []) as unknown as CollectionFile[],
    }),
    statements: t.connection(
      {
        type: StatementRef,
        description: 'The statements that it added.',
        args: statementListArgs,
        resolve: ({ id }, args, context, info) => listStatementsOf('collection', id, args, context, info),
      },
      StatementConnection,
    ),
    statementCount: t.int(countOf('statement', 'Number of current statements that it added.')),
    actorCount: t.int(countOf('actor', 'Number of current actors that it added.')),
    topicCount: t.int(countOf('topic', 'Number of current topics that it added.')),
    sourceCount: t.int(countOf('source', 'Number of current sources that it added.')),
    eventCount: t.int(countOf('event', 'Number of current events that it added.')),
    recordedAt: t.field({
      type: 'DateTime',
      description: 'When it was first saved.',
      resolve: async ({ id }, _, { load }) => (await load.added.load(id)).at,
    }),
    recordedBy: t.string({
      description: 'The recorder who first saved it.',
      resolve: async ({ id }, _, { load }) => (await load.added.load(id)).by,
    }),
    retraction: t.field({
      ...WITHDRAWAL_OPTIONS,
      description:
        'Its retraction; null if it is current. Its statements are then retracted, too. A save makes the collection current again, without them.',
    }),
    retracting: t.string({
      nullable: true,
      description:
        'Why it is being retracted; null unless a retraction has begun and is not complete. `retractCollection` continues it, and a save of ' +
        'the collection ends it.',
      resolve: ({ id }, _, { load }) => load.retracting.load(id),
    }),
    revisions: t.field(revisionsOf('collection')),
    revisionCount: t.int(revisionCountOf('collection')),
    position: t.expose('position', POSITION_OPTIONS),
  }),
});

builder.queryFields((t) => ({
  collection: t.field({
    type: CollectionRef,
    nullable: true,
    description: 'The collection with this slug, retracted or not; null if the record has none.',
    args: { slug: t.arg.string({ required: true, description: 'The collection’s slug.' }) },
    resolve: (_, { slug }, { load }) => load.named('collection', slug),
  }),
  collections: t.connection(
    {
      type: CollectionRef,
      description: 'Collections by title.',
      args: {
        includeRetracted: t.arg.boolean({
          defaultValue: false,
          description: 'Whether retracted collections are listed too.',
        }),
      },
      resolve: (_, { includeRetracted, ...args }, { db }) =>
        readPage<Collection>(args, BY_TITLE, includeRetracted ? {} : CURRENT, (wanted) =>
          db.prisma.collection.findMany(wanted),
        ),
    },
    { name: 'CollectionConnection', description: 'A page of a list of collections.' },
    { name: 'CollectionConnectionEdge', description: 'A collection in a list.' },
  ),
}));
