import { ReadoutError } from '../base/errors.ts';
import { dateToDay } from '../db/day.ts';
import type { Actor, Alias } from '../db/generated/client.ts';
import { isSlug } from '../domain/input/slug.ts';
import { findIdentified } from '../read/lookup.ts';
import { searchNames } from '../read/names.ts';
import { LIST_SIZE_DEFAULT, parseSlice } from '../read/slice.ts';
import { FILTER_LIST_MAX } from '../read/statements/conditions/kind/field.ts';
import { AffiliationRef } from './builder/affiliation.ts';
import { builder, type Context } from './builder/builder.ts';
import { COLLECTION_OPTIONS, CURRENT, WITHDRAWAL_OPTIONS } from './builder/collected.ts';
import { BY_NAME, readSearched } from './builder/connection.ts';
import { FuzzyDateRef, periodDate } from './builder/date.ts';
import { ActorKindEnum } from './builder/enums.ts';
import { oneArgument } from './builder/oneArgument.ts';
import { sliceArgs } from './builder/slice.ts';
import { identifiersOf } from './identifier.ts';
import { IdentifierInput } from './mutation/input.ts';
import { POSITION_OPTIONS, revisionCountOf, revisionsOf } from './revision.ts';
import { ActorPosition, accountArg } from './standing.ts';
import { listStatementsOf, StatementConnection, StatementRef, statementListArgs } from './statement/ref.ts';

const AliasRef = builder.objectRef<Alias>('Alias').implement({
  description: 'Another name of an actor. Search finds the actor by it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name.' }),
    language: t.exposeString('language', {
      nullable: true,
      description: 'Language of the name (BCP 47); null if it is used across languages.',
    }),
    metonym: t.exposeBoolean('metonym', {
      description:
        'Whether it is the name of a place that is used for the actor, such as “Moscow” for Russia.',
    }),
    since: t.field({
      type: FuzzyDateRef,
      nullable: true,
      description: 'When it came into use, as precisely as it is known; null if not known.',
      resolve: (a) => periodDate(a.from, a.fromEdtf),
    }),
    until: t.field({
      type: FuzzyDateRef,
      nullable: true,
      description:
        'When it went out of use, as precisely as it is known; null if it is still in use, or if not known.',
      resolve: (a) => periodDate(a.to, a.toEdtf),
    }),
    from: t.field({
      type: 'Date',
      nullable: true,
      description: 'First day on which it can have been in use: the earliest of `since`; null if not known.',
      resolve: (a) => a.from && dateToDay(a.from),
    }),
    to: t.field({
      type: 'Date',
      nullable: true,
      description:
        'Last day on which it can have been in use: the latest of `until`; null if it is still in use, or if not known.',
      resolve: (a) => a.to && dateToDay(a.to),
    }),
  }),
});

const onTopics = builder.args((t) => ({
  topics: t.stringList({
    description: `Slugs, at most ${FILTER_LIST_MAX}: only positions on these topics. An unknown slug matches nothing, and the answer warns of it.`,
  }),
}));

/** Ids of the topics that a client names; null if it names none. */
async function findTopics(
  slugs: readonly string[] | null | undefined,
  { load }: Context,
): Promise<readonly number[] | null> {
  if (slugs == null) return null;
  if (slugs.length > FILTER_LIST_MAX) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `“topics” may have at most ${FILTER_LIST_MAX} items, and has ${slugs.length}.`,
      ['topics'],
      { limit: 'FILTER_LIST_MAX', max: FILTER_LIST_MAX },
    );
  }
  slugs.forEach((slug, i) => {
    load.unknown.take('topic', slug, ['topics', i]);
  });
  return (await load.slugs.ids('topic', slugs.filter(isSlug))).flat();
}

const ActorRef = builder.node('Actor', {
  description:
    'Who speaks or is spoken of: a person, a state, an organisation, a body of one, or a news medium.',
  id: { resolve: (actor) => actor.id, description: 'Identifies the actor across all types; opaque.' },
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'Readable identifier, unique among actors. Filters and inputs use it.',
    }),
    name: t.exposeString('name', { description: 'Usual English name, in full.' }),
    kind: t.expose('kind', { type: ActorKindEnum, description: 'What it is.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'Who or what it is, in a sentence or two; null if not recorded.',
    }),
    aliases: t.field({
      type: [AliasRef],
      description: 'Other names of the actor.',
      resolve: (actor, _, { load }) => load.aliases.load(actor.id),
    }),
    affiliations: t.field({
      type: [AffiliationRef],
      description: 'Its roles in other actors.',
      resolve: (actor, _, { load }) => load.affiliations.load(actor.id),
    }),
    members: t.field({
      type: [AffiliationRef],
      description:
        'The roles that other actors have in it, in the order the actors were added. `memberCount` is the total.',
      args: sliceArgs(LIST_SIZE_DEFAULT),
      resolve: (actor, args, { load }) => load.members.load(actor.id, parseSlice(args, LIST_SIZE_DEFAULT)),
    }),
    memberCount: t.int({
      description: 'Number of roles that other actors have in it.',
      resolve: (actor, _, { load }) => load.memberCount.load(actor.id),
    }),
    statements: t.connection(
      {
        type: StatementRef,
        description: 'What it said, alone or with others.',
        args: statementListArgs,
        resolve: (actor, args, context, info) => listStatementsOf('actor', actor.id, args, context, info),
      },
      StatementConnection,
    ),
    positions: t.field({
      type: [ActorPosition],
      description:
        'Where it stands on the propositions of topics, newest statement first: for each topic at most one position on its own account, ' +
        'and one that others report. `positionCount` is the total.',
      args: { ...onTopics, ...accountArg, ...sliceArgs(LIST_SIZE_DEFAULT) },
      resolve: async (actor, { topics, account, ...args }, context) => {
        const slice = parseSlice(args, LIST_SIZE_DEFAULT);
        return context.load.positionsOfActor.load(actor.id, {
          topicIds: await findTopics(topics, context),
          account: account ?? null,
          ...slice,
        });
      },
    }),
    positionCount: t.int({
      description: 'Number of its positions.',
      args: { ...onTopics, ...accountArg },
      resolve: async (actor, { topics, account }, context) =>
        context.load.positionCountOfActor.load(actor.id, {
          topicIds: await findTopics(topics, context),
          account: account ?? null,
        }),
    }),
    identifiers: t.field(identifiersOf('actor')),
    formerSlugs: t.stringList({
      description:
        'Slugs of actors that were merged into it, in the order they were added. They lead to it in queries, filters and inputs.',
      resolve: (actor, _, { load }) => load.formerSlugs.load(actor.id),
    }),
    mergedInto: t.field({
      type: 'Actor',
      nullable: true,
      description:
        'The actor that it was merged into; null unless it was merged. Its slug leads to that actor, so only `node` and the log show this one.',
      resolve: ({ mergedIntoId }, _, { load }) =>
        mergedIntoId === null ? null : load.actor.load(mergedIntoId),
    }),
    revisions: t.field(revisionsOf('actor')),
    revisionCount: t.int(revisionCountOf('actor')),
    collection: t.field(COLLECTION_OPTIONS),
    withdrawal: t.field(WITHDRAWAL_OPTIONS),
    position: t.expose('position', POSITION_OPTIONS),
  }),
});

builder.queryFields((t) => ({
  actor: t.field({
    type: ActorRef,
    nullable: true,
    description: 'The actor with this slug or identifier; null if the record has none.',
    args: {
      slug: t.arg.string({
        description: 'The actor’s slug, such as emmanuel-macron. Give it or `identifier`.',
      }),
      identifier: t.arg({ type: IdentifierInput, description: 'Its name in another system.' }),
    },
    resolve: async (_, args, { load, db }) => {
      const [by, value] = oneArgument('actor', args);
      if (by === 'slug') return load.named('actor', value);
      const id = await findIdentified(db, 'actor', value);
      return id === null ? null : load.actor.load(id);
    },
  }),
  actors: t.connection(
    {
      type: ActorRef,
      description: 'Actors by name, or with `search` the best matches first.',
      args: {
        search: t.arg.string({
          description:
            'Finds actors by name, alias or metonym, in any script, also if misspelt. At most 200 matches; a blank search is ignored.',
        }),
        kinds: t.arg({ type: [ActorKindEnum], description: 'Only these kinds.' }),
      },
      resolve: (_, args, { db }) =>
        readSearched<Actor>(
          args,
          BY_NAME,
          { ...CURRENT, ...(args.kinds && { kind: { in: args.kinds } }) },
          (search) => searchNames(db, 'actor', search),
          (wanted) => db.prisma.actor.findMany(wanted),
        ),
    },
    { name: 'ActorConnection', description: 'A page of a list of actors.' },
    { name: 'ActorConnectionEdge', description: 'An actor in a list.' },
  ),
}));
