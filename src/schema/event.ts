import { dateToDay } from '../db/day.ts';
import type { Event } from '../db/generated/client.ts';
import { isSlug } from '../domain/input/slug.ts';
import { searchNames } from '../read/names.ts';
import { PAGE_SIZE_DEFAULT } from '../read/page.ts';
import { LIST_SIZE_DEFAULT, parseSlice, sliceOf } from '../read/slice.ts';
import { builder } from './builder/builder.ts';
import { COLLECTION_OPTIONS, CURRENT, WITHDRAWAL_OPTIONS } from './builder/collected.ts';
import { readSearched } from './builder/connection.ts';
import { FuzzyDateRef } from './builder/date.ts';
import { EventKindEnum } from './builder/enums.ts';
import { sliceArgs } from './builder/slice.ts';
import {
  AccountRef,
  ComparisonRowRef,
  comparisonArgs,
  ofSides,
  parseComparison,
  silentArgs,
  statementsOf,
} from './comparison.ts';
import { POSITION_OPTIONS, revisionCountOf, revisionsOf } from './revision.ts';
import { listStatementsOf, StatementConnection, StatementRef, statementListArgs } from './statement/ref.ts';

const NEWEST_FIRST = {
  name: 'DATE',
  keys: [
    { field: 'earliest', type: 'day', descending: true },
    { field: 'id', type: 'id', descending: true },
  ],
} as const;

const EventRef = builder.node('Event', {
  description:
    'Something that happened at a time, with participants. Statements were made at it or are about it.',
  id: { resolve: (event) => event.id, description: 'Identifies the event across all types; opaque.' },
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'Readable identifier, unique among events. Filters and inputs use it.',
    }),
    name: t.exposeString('name', { description: 'Short English name.' }),
    kind: t.expose('kind', { type: EventKindEnum, description: 'What kind of occasion it is.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What happened, in a sentence or two; null if not recorded.',
    }),
    date: t.field({
      type: FuzzyDateRef,
      description: 'When it happened.',
      resolve: (event) => ({
        edtf: event.edtf,
        earliest: dateToDay(event.earliest),
        latest: dateToDay(event.latest),
      }),
    }),
    participants: t.field({
      type: ['Actor'],
      description: 'The actors that took part. `participantCount` is the total.',
      args: sliceArgs(LIST_SIZE_DEFAULT),
      resolve: async (event, args, { load }) =>
        load.actor.all(await load.participants.load(event.id, parseSlice(args, LIST_SIZE_DEFAULT))),
    }),
    participantCount: t.int({
      description: 'Number of actors that took part.',
      resolve: (event, _, { load }) => load.participantCount.load(event.id),
    }),
    statements: t.connection(
      {
        type: StatementRef,
        description: 'The statements made at it or about it.',
        args: statementListArgs,
        resolve: (event, args, context, info) => listStatementsOf('event', event.id, args, context, info),
      },
      StatementConnection,
    ),
    accounts: t.field({
      type: [AccountRef],
      description:
        'The account of each side, in the order of the participants. A side is the state or organisation that a participant is, or ' +
        'belongs to on a day of the event; of several, the nearest. A statement counts for each side that its giver spoke on behalf of. ' +
        'If its giver spoke on behalf of none, it counts for each side that the giver is, or belongs to on the day of the statement. The ' +
        'filter `sides` finds the same statements. The giver is the outermost hop of the attribution that is not a news medium, or else ' +
        'the speakers. `accountCount` is the total.',
      args: { ...sliceArgs(LIST_SIZE_DEFAULT), ...silentArgs },
      resolve: async (event, args, { load }) => {
        const slice = parseSlice(args, LIST_SIZE_DEFAULT);
        return sliceOf(ofSides(await load.comparison.accounts.load(event.id), args), slice);
      },
    }),
    accountCount: t.int({
      description: 'Number of sides of the event, or of those that `silent` chooses.',
      args: silentArgs,
      resolve: async (event, { silent }, { load }) =>
        silent == null
          ? (await load.comparison.event.load(event.id)).sideIds.length
          : ofSides(await load.comparison.accounts.load(event.id), { silent }).length,
    }),
    otherStatements: t.field({
      type: [StatementRef],
      description:
        'Its statements that are in no account, because their givers spoke for no side of the event, oldest first. ' +
        '`otherStatementCount` is the total.',
      args: sliceArgs(PAGE_SIZE_DEFAULT),
      resolve: async (event, args, context) => {
        const slice = parseSlice(args, PAGE_SIZE_DEFAULT);
        return statementsOf(await context.load.comparison.otherStatements.load(event.id, slice), context);
      },
    }),
    otherStatementCount: t.int({
      description: 'Number of its statements that are in no account.',
      resolve: (event, _, { load }) => load.comparison.otherStatementCount.load(event.id),
    }),
    comparison: t.field({
      type: [ComparisonRowRef],
      description:
        'The accounts compared: a row for each topic of their statements and for each topic above it, in the order of the ' +
        'tree, siblings by name. All statements of the event count, however many. Empty if fewer than two sides took part. ' +
        '`comparisonRowCount` is the total.',
      args: { ...comparisonArgs, ...sliceArgs(LIST_SIZE_DEFAULT) },
      resolve: async (event, args, context) => {
        const slice = parseSlice(args, LIST_SIZE_DEFAULT);
        const request = await parseComparison(event, args, context);
        return [...(await context.load.comparison.rows(event.id, request, slice)).rows];
      },
    }),
    comparisonRowCount: t.int({
      description: 'Number of rows of the comparison.',
      args: comparisonArgs,
      resolve: async (event, args, context) =>
        context.load.comparison.rowCount(event.id, await parseComparison(event, args, context)),
    }),
    comparisonIsComplete: t.boolean({
      description: 'True: accounts and comparison use all statements of the event.',
      deprecationReason: 'It is always true.',
      resolve: () => true,
    }),
    revisions: t.field(revisionsOf('event')),
    revisionCount: t.int(revisionCountOf('event')),
    collection: t.field(COLLECTION_OPTIONS),
    withdrawal: t.field(WITHDRAWAL_OPTIONS),
    position: t.expose('position', POSITION_OPTIONS),
  }),
});

builder.queryFields((t) => ({
  event: t.field({
    type: EventRef,
    nullable: true,
    description: 'The event with this slug; null if the record has none.',
    args: {
      slug: t.arg.string({ required: true, description: 'The event’s slug, such as call-2025-07-01.' }),
    },
    resolve: (_, { slug }, { load }) => load.named('event', slug),
  }),
  events: t.connection(
    {
      type: EventRef,
      description:
        'Events, newest first by the earliest day of their date, or with `search` the best matches first.',
      args: {
        search: t.arg.string({
          description:
            'Finds events by name, in any script, also if misspelt. At most 200 matches; a blank search is ignored.',
        }),
        participants: t.arg.stringList({
          description: 'Slugs of actors. Only events in which at least one of them took part.',
        }),
      },
      resolve: (_, { participants, ...args }, { db, load }) => {
        participants?.forEach((slug, i) => {
          load.unknown.take('actor', slug, ['participants', i]);
        });
        const some = { actor: { slug: { in: participants?.filter(isSlug) ?? [] } } };
        return readSearched<Event>(
          args,
          NEWEST_FIRST,
          { ...CURRENT, ...(participants && { participants: { some } }) },
          (search) => searchNames(db, 'event', search),
          (wanted) => db.prisma.event.findMany(wanted),
        );
      },
    },
    { name: 'EventConnection', description: 'A page of a list of events.' },
    { name: 'EventConnectionEdge', description: 'An event in a list.' },
  ),
}));
