import { dateToDay } from '../db/day.ts';
import type { Actor } from '../db/generated/client.ts';
import { isSlug } from '../domain/slug.ts';
import { searchActors } from '../read/nameSearch.ts';
import { builder } from './builder.ts';
import { readNamed } from './connection.ts';
import { ActorKindEnum } from './enums.ts';
import { ActorPosition } from './position.ts';
import { listStatementsOf, StatementConnection, StatementRef, statementListArgs } from './statementRef.ts';

const AliasRef = builder.prismaObject('Alias', {
  description: 'Another name that an actor goes by; search finds the actor by it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name.' }),
    language: t.exposeString('language', {
      nullable: true,
      description: 'Language of the name (BCP 47); null where it belongs to none in particular.',
    }),
    metonym: t.exposeBoolean('metonym', {
      description: 'Whether it stands for the actor by place, as “Moscow” does for Russia.',
    }),
    from: t.field({
      type: 'Date',
      nullable: true,
      description: 'First day it was in use; null where not known.',
      resolve: (a) => a.from && dateToDay(a.from),
    }),
    to: t.field({
      type: 'Date',
      nullable: true,
      description: 'Last day it was in use; null where it still is, or not known.',
      resolve: (a) => a.to && dateToDay(a.to),
    }),
  }),
});

const AffiliationRef = builder.prismaObject('Affiliation', {
  description: 'An actor’s role in another actor.',
  fields: (t) => ({
    actor: t.field({
      type: 'Actor',
      description: 'Who has the role.',
      resolve: (a, _, { load }) => load.actor.load(a.actorId),
    }),
    in: t.field({
      type: 'Actor',
      description: 'Where: the state, organisation or body.',
      resolve: (a, _, { load }) => load.actor.load(a.inId),
    }),
    role: t.exposeString('role', { description: 'The role, such as President.' }),
    from: t.field({
      type: 'Date',
      nullable: true,
      description: 'First day of it; null where not known.',
      resolve: (a) => a.from && dateToDay(a.from),
    }),
    to: t.field({
      type: 'Date',
      nullable: true,
      description: 'Last day of it; null where it lasts, or not known.',
      resolve: (a) => a.to && dateToDay(a.to),
    }),
  }),
});

export const ActorRef = builder.prismaNode('Actor', {
  description:
    'Who speaks or is spoken of: a person, a state, an organisation, a body of one, or a news medium.',
  id: { field: 'id', description: 'Identifies the actor across all types; opaque.' },
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'Readable identifier, unique among actors; what filters and inputs name it by.',
    }),
    name: t.exposeString('name', { description: 'Usual English name, in full.' }),
    kind: t.expose('kind', { type: ActorKindEnum, description: 'What it is.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'Who or what it is, in a sentence or two; null where nothing was recorded.',
    }),
    aliases: t.field({
      type: [AliasRef],
      description: 'Other names it goes by.',
      resolve: (actor, _, { load }) => load.aliases.load(actor.id),
    }),
    affiliations: t.field({
      type: [AffiliationRef],
      description: 'Its roles in other actors.',
      resolve: (actor, _, { load }) => load.affiliations.load(actor.id),
    }),
    members: t.field({
      type: [AffiliationRef],
      description: 'The roles that other actors have in it.',
      resolve: (actor, _, { load }) => load.members.load(actor.id),
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
        'Where it stands on the propositions of topics, newest statement first: one position for each topic that it takes a stance on.',
      args: { topics: t.arg.stringList({ description: 'Slugs: only on these topics.' }) },
      resolve: async (actor, { topics }, { load }) => {
        const positions = await load.positionsOfActor.load(actor.id);
        if (topics == null) return positions;
        const loaded = await Promise.all(positions.map((position) => load.topic.load(position.topicId)));
        return positions.filter((_, i) => topics.includes((loaded[i] as { slug: string }).slug));
      },
    }),
  }),
});

builder.queryFields((t) => ({
  actor: t.field({
    type: ActorRef,
    nullable: true,
    description: 'The actor of this slug; null where the record has none.',
    args: {
      slug: t.arg.string({ required: true, description: 'The actor’s slug, such as emmanuel-macron.' }),
    },
    resolve: (_, { slug }, { load }) => (isSlug(slug) ? load.find('actor', slug) : null),
  }),
  actors: t.connection(
    {
      type: ActorRef,
      description: 'Actors by name, or the best matches first where searched.',
      args: {
        search: t.arg.string({
          description:
            'Finds actors by name, alias or metonym, also when misspelt. At most 200 matches; blank is no condition.',
        }),
        kinds: t.arg({ type: [ActorKindEnum], description: 'Only these kinds.' }),
      },
      resolve: (_, args, { db }) =>
        readNamed<Actor>(
          args,
          args.kinds ? { kind: { in: args.kinds } } : {},
          (search) => searchActors(db, search),
          (wanted) => db.prisma.actor.findMany(wanted),
        ),
    },
    { name: 'ActorConnection', description: 'A page of a list of actors.' },
    { name: 'ActorConnectionEdge', description: 'An actor in a list.' },
  ),
}));
