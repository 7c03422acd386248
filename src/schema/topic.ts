import type { Topic } from '../db/generated/client.ts';
import { findIdentified } from '../read/lookup.ts';
import { searchNames } from '../read/names.ts';
import { LIST_SIZE_DEFAULT, parseSlice } from '../read/slice.ts';
import { builder } from './builder/builder.ts';
import { COLLECTION_OPTIONS, CURRENT, WITHDRAWAL_OPTIONS } from './builder/collected.ts';
import { BY_NAME, readSearched } from './builder/connection.ts';
import { oneArgument } from './builder/oneArgument.ts';
import { sliceArgs } from './builder/slice.ts';
import { identifiersOf } from './identifier.ts';
import { IdentifierInput } from './mutation/input.ts';
import { POSITION_OPTIONS, revisionCountOf, revisionsOf } from './revision.ts';
import { ActorPosition, accountArg } from './standing.ts';
import { listStatementsOf, StatementConnection, StatementRef, statementListArgs } from './statement/ref.ts';

const TopicRef = builder.node('Topic', {
  description: 'What statements are about. Topics form a tree.',
  id: { resolve: (topic) => topic.id, description: 'Identifies the topic across all types; opaque.' },
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'Readable identifier, unique among topics. Filters and inputs use it.',
    }),
    name: t.exposeString('name', { description: 'Short English name.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What belongs to it; null if not recorded.',
    }),
    proposition: t.exposeString('proposition', {
      nullable: true,
      description:
        'One sentence that one can support or oppose. A stance on this topic refers to it. Null if the topic only groups others.',
    }),
    parent: t.field({
      type: 'Topic',
      nullable: true,
      description: 'The topic above it; null at the top of the tree.',
      resolve: ({ parentId }, _, { load }) => (parentId === null ? null : load.topic.load(parentId)),
    }),
    children: t.field({
      type: ['Topic'],
      description: 'The topics directly below it, by name. `childCount` is the total.',
      args: sliceArgs(LIST_SIZE_DEFAULT),
      resolve: (topic, args, { load }) => load.children.load(topic.id, parseSlice(args, LIST_SIZE_DEFAULT)),
    }),
    childCount: t.int({
      description: 'Number of topics directly below it.',
      resolve: (topic, _, { load }) => load.childCount.load(topic.id),
    }),
    statements: t.connection(
      {
        type: StatementRef,
        description:
          'The statements about it, and about the topics below it unless the filter’s `includeSubtopics` is false.',
        args: statementListArgs,
        resolve: (topic, args, context, info) =>
          listStatementsOf(
            args.filter?.includeSubtopics === false ? 'topicAlone' : 'topic',
            topic.id,
            args,
            context,
            info,
          ),
      },
      StatementConnection,
    ),
    positions: t.field({
      type: [ActorPosition],
      description:
        'Where actors stand on its own proposition, newest statement first: of each actor at most one position on its own account, and ' +
        'one that others report. Empty if it has no proposition. `positionCount` is the total.',
      args: { ...accountArg, ...sliceArgs(LIST_SIZE_DEFAULT) },
      resolve: (topic, { account, ...args }, { load }) =>
        load.positionsOnTopic.load(topic.id, {
          account: account ?? null,
          ...parseSlice(args, LIST_SIZE_DEFAULT),
        }),
    }),
    positionCount: t.int({
      description: 'Number of positions on its own proposition.',
      args: accountArg,
      resolve: (topic, { account }, { load }) =>
        load.positionCountOnTopic.load(topic.id, { account: account ?? null }),
    }),
    identifiers: t.field(identifiersOf('topic')),
    revisions: t.field(revisionsOf('topic')),
    revisionCount: t.int(revisionCountOf('topic')),
    collection: t.field(COLLECTION_OPTIONS),
    withdrawal: t.field(WITHDRAWAL_OPTIONS),
    position: t.expose('position', POSITION_OPTIONS),
  }),
});

builder.queryFields((t) => ({
  topic: t.field({
    type: TopicRef,
    nullable: true,
    description: 'The topic with this slug or identifier; null if the record has none.',
    args: {
      slug: t.arg.string({
        description: 'The topic’s slug, such as ukraine-ceasefire. Give it or `identifier`.',
      }),
      identifier: t.arg({ type: IdentifierInput, description: 'Its name in another system.' }),
    },
    resolve: async (_, args, { load, db }) => {
      const [by, value] = oneArgument('topic', args);
      if (by === 'slug') return load.named('topic', value);
      const id = await findIdentified(db, 'topic', value);
      return id === null ? null : load.topic.load(id);
    },
  }),
  topics: t.connection(
    {
      type: TopicRef,
      description: 'Topics by name, or with `search` the best matches first.',
      args: {
        search: t.arg.string({
          description:
            'Finds topics by name, in any script, also if misspelt. At most 200 matches; a blank search is ignored.',
        }),
        roots: t.arg.boolean({
          description: 'True: only topics at the top of the tree. False: only topics below another.',
        }),
      },
      resolve: (_, args, { db }) =>
        readSearched<Topic>(
          args,
          BY_NAME,
          { ...CURRENT, ...(args.roots != null && { parentId: args.roots ? null : { not: null } }) },
          (search) => searchNames(db, 'topic', search),
          (wanted) => db.prisma.topic.findMany(wanted),
        ),
    },
    { name: 'TopicConnection', description: 'A page of a list of topics.' },
    { name: 'TopicConnectionEdge', description: 'A topic in a list.' },
  ),
}));
