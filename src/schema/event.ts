import { dateToDay } from '../db/day.ts';
import type { Event } from '../db/generated/client.ts';
import type { ComparisonCell, ComparisonRow } from '../domain/compare/comparison.ts';
import type { Account } from '../domain/compare/sides.ts';
import { INPUT_MAX } from '../domain/input/field.ts';
import { isSlug } from '../domain/input/slug.ts';
import { COMPARED_STATEMENTS_MAX } from '../read/loading/comparison.ts';
import { searchNames } from '../read/names.ts';
import { PAGE_SIZE_DEFAULT } from '../read/page.ts';
import { LIST_SIZE_DEFAULT, parseSlice, type SliceArguments, sliceOf } from '../read/slice.ts';
import type { StatementRow } from '../read/statements/row.ts';
import { builder, type Context } from './builder/builder.ts';
import { readSearched } from './builder/connection.ts';
import { FuzzyDateRef } from './builder/date.ts';
import { EventKindEnum, StanceEnum } from './builder/enums.ts';
import { sliceArgs } from './builder/slice.ts';
import { listStatementsOf, StatementConnection, StatementRef, statementListArgs } from './statement/ref.ts';

const NEWEST_FIRST = {
  name: 'DATE',
  keys: [
    { field: 'earliest', type: 'day', descending: true },
    { field: 'id', type: 'id', descending: true },
  ],
} as const;

const ComparisonVerdict = builder.enumType('ComparisonVerdict', {
  description: 'The result of comparing the accounts of an event on one topic.',
  values: {
    AGREED: {
      value: 'AGREED',
      description:
        'The sides agree: one expressly agrees with another, or all take the same stance, for or against, on this topic itself.',
    },
    DISPUTED: {
      value: 'DISPUTED',
      description:
        'The sides contradict one another: a statement of one disputes one of another, or they take opposite stances on the same topic.',
    },
    BOTH_REPORT: {
      value: 'BOTH_REPORT',
      description: 'Every side speaks about it, without agreement or dispute.',
    },
    ONE_SIDED: { value: 'ONE_SIDED', description: 'At least one side is silent on it.' },
  } as const,
});

/** A page of the statements of an account or a cell. */
async function loadStatements(
  { statementIds }: Pick<Account, 'statementIds'>,
  args: SliceArguments,
  { load }: Context,
): Promise<StatementRow[]> {
  const ids = sliceOf(statementIds, parseSlice(args, PAGE_SIZE_DEFAULT));
  const rows = await Promise.all(ids.map((id) => load.statement.load(id)));
  return rows.filter((row) => row !== null);
}

const AccountRef = builder.objectRef<Account>('Account').implement({
  description: 'The statements of one side about an event.',
  fields: (t) => ({
    side: t.field({
      type: 'Actor',
      description: 'The state or organisation that a participant is, or belongs to on the day of the event.',
      resolve: (account, _, { load }) => load.actor.load(account.sideId),
    }),
    statements: t.field({
      type: [StatementRef],
      description:
        'The statements of this side about the event, oldest first; empty if it is silent. `statementCount` is the total.',
      args: sliceArgs(PAGE_SIZE_DEFAULT),
      resolve: loadStatements,
    }),
    statementCount: t.int({
      description: 'Number of statements of this side about the event; 0 if it is silent.',
      resolve: ({ statementIds }) => statementIds.length,
    }),
  }),
});

const ComparisonCellRef = builder.objectRef<ComparisonCell>('ComparisonCell').implement({
  description: 'The statements of one side on one topic of a comparison.',
  fields: (t) => ({
    side: t.field({
      type: 'Actor',
      description: 'The side.',
      resolve: (cell, _, { load }) => load.actor.load(cell.sideId),
    }),
    statements: t.field({
      type: [StatementRef],
      description:
        'Its statements on the topic or a topic below it, oldest first; empty if it is silent. `statementCount` is the total.',
      args: sliceArgs(PAGE_SIZE_DEFAULT),
      resolve: loadStatements,
    }),
    statementCount: t.int({
      description: 'Number of its statements on the topic or a topic below it; 0 if it is silent.',
      resolve: ({ statementIds }) => statementIds.length,
    }),
    stance: t.field({
      type: StanceEnum,
      nullable: true,
      description:
        'Its common stance on this topic itself. MIXED if its statements differ; null if it takes none.',
      resolve: (cell) => cell.stance,
    }),
  }),
});

const ComparisonRowRef = builder.objectRef<ComparisonRow>('ComparisonRow').implement({
  description: 'One topic of a comparison. It covers the topics below it as well.',
  fields: (t) => ({
    topic: t.field({
      type: 'Topic',
      description: 'The topic.',
      resolve: (row, _, { load }) => load.topic.load(row.topicId),
    }),
    cells: t.field({
      type: [ComparisonCellRef],
      description: 'One for each side, in the order of `accounts`.',
      resolve: (row) => row.cells,
    }),
    verdict: t.field({
      type: ComparisonVerdict,
      description: 'The result of comparing the accounts here.',
      resolve: (row) => row.verdict,
    }),
  }),
});

const EventRef = builder.node('Event', {
  description:
    'Something that happened at a time, with participants. Statements were made at it or are about it.',
  id: { resolve: (event) => event.id, description: 'Identifies the event across all types; opaque.' },
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'Readable identifier, unique among events. Filters and inputs refer to it by this.',
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
      description: 'The actors that took part.',
      resolve: async (event, _, { load }) =>
        Promise.all((await load.participantIds.load(event.id)).map((id) => load.actor.load(id))),
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
        'The account of each side. A side is the state or organisation that a participant is or belongs to. A statement ' +
        'counts for the side of its giver: the outermost hop of its attribution that is not a news medium, or else its speakers. ' +
        `At most ${INPUT_MAX.participants}, because no event has more participants.`,
      resolve: (event, _, { load }) => load.accounts.load(event.id),
    }),
    comparison: t.field({
      type: [ComparisonRowRef],
      description:
        'The accounts compared: a row for each topic of their statements and for each topic above it, in the order of the ' +
        'tree. Empty if fewer than two sides took part. `comparisonRowCount` is the total, and ' +
        '`comparisonIsComplete` says whether all statements of the event were compared.',
      args: sliceArgs(LIST_SIZE_DEFAULT),
      resolve: async (event, args, { load }) => {
        const slice = parseSlice(args, LIST_SIZE_DEFAULT);
        return sliceOf(await load.comparisonRows.load(event.id), slice);
      },
    }),
    comparisonRowCount: t.int({
      description: 'Number of rows of the comparison.',
      resolve: async (event, _, { load }) => (await load.comparisonRows.load(event.id)).length,
    }),
    comparisonIsComplete: t.boolean({
      description:
        'Whether accounts and comparison use all statements of the event. False if it has more than ' +
        `${COMPARED_STATEMENTS_MAX}: then only the newest are compared, and a side that spoke earlier may appear silent.`,
      resolve: async (event, _, { load }) => (await load.comparison.load(event.id)).isComplete,
    }),
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
          participants ? { participants: { some } } : {},
          (search) => searchNames(db, 'event', search),
          (wanted) => db.prisma.event.findMany(wanted),
        );
      },
    },
    { name: 'EventConnection', description: 'A page of a list of events.' },
    { name: 'EventConnectionEdge', description: 'An event in a list.' },
  ),
}));
