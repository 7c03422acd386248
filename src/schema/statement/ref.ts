import type { GraphQLResolveInfo } from 'graphql';
import type { Connection } from '../../read/page.ts';
import type { Parent } from '../../read/statements/driver.ts';
import {
  FILTER_DEPTH_MAX,
  FILTER_LIST_MAX,
  SEARCH_LENGTH_MAX,
  type StatementFilterInput,
} from '../../read/statements/filter.ts';
import { countStatements, readStatements } from '../../read/statements/list.ts';
import { parseStatementList, type StatementListArguments } from '../../read/statements/request.ts';
import type { StatementRow } from '../../read/statements/row.ts';
import { builder, type Context } from '../builder/builder.ts';
import { StanceEnum, StatementActEnum, StatementModeEnum } from '../builder/enums.ts';
import { selectionOfConnection } from './selection.ts';

/** The statement, so that types it refers to can refer back; its fields are in statement.ts. */
export const StatementRef = builder.objectRef<StatementRow>('Statement');

/** A page of statements that knows how to count the whole list, when asked. */
export interface StatementPage extends Connection<StatementRow> {
  readonly count: () => Promise<number>;
}

export const StatementConnection = builder.connectionObject(
  {
    type: StatementRef,
    name: 'StatementConnection',
    description: 'A page of a list of statements.',
    fields: (t) => ({
      totalCount: t.int({
        description: 'Number of statements of the whole list. Counted only if selected.',
        resolve: (page) => (page as unknown as StatementPage).count(),
      }),
    }),
  },
  { name: 'StatementConnectionEdge', description: 'A statement in a list.' },
);

const PositionFilter = builder.inputType('PositionFilter', {
  description: 'A stance on the proposition of one topic.',
  fields: (t) => ({
    topic: t.string({ required: true, description: 'Slug of the topic; topics below it do not count.' }),
    stance: t.field({
      type: StanceEnum,
      required: true,
      description: 'The stance taken on its proposition.',
    }),
  }),
});

const slugs = (what: string) =>
  `${what} Slugs, at most ${FILTER_LIST_MAX}; one that the record does not have matches nothing.`;

export const StatementFilter = builder.inputRef<StatementFilterInput>('StatementFilter').implement({
  description:
    'Which statements. A statement must meet every field that is given; of the values of one list it must meet at ' +
    `least one, so an empty list matches nothing. Filters nest ${FILTER_DEPTH_MAX} deep at most.`,
  fields: (t) => ({
    speakers: t.stringList({ description: slugs('Said by one of these actors.') }),
    addressees: t.stringList({ description: slugs('Said to one of these actors.') }),
    attributedTo: t.stringList({
      description: slugs('Passed on by one of these actors, at any hop of the attribution chain.'),
    }),
    topics: t.stringList({
      description: slugs('About one of these topics, or one below it unless `includeSubtopics` is false.'),
    }),
    sources: t.stringList({ description: slugs('Taken from one of these sources.') }),
    events: t.stringList({ description: slugs('About one of these events.') }),
    modes: t.field({ type: [StatementModeEnum], description: 'Given by the source in one of these ways.' }),
    acts: t.field({ type: [StatementActEnum], description: 'One of these speech acts.' }),
    stances: t.field({
      type: [StanceEnum],
      description:
        'Takes one of these stances on some topic, whichever. For a stance on a certain topic use `positions`.',
    }),
    positions: t.field({
      type: [PositionFilter],
      description: 'Takes one of these stances on the very topic named with it.',
    }),
    saidFrom: t.field({
      type: 'Date',
      description: 'Can have been said on this day or later: `said.latest` is not before it.',
    }),
    saidTo: t.field({
      type: 'Date',
      description: 'Can have been said on this day or earlier: `said.earliest` is not after it.',
    }),
    search: t.string({
      description:
        'Full text over `text` and `quote`, with English stems and without accents: all words must occur, "quoted words" ' +
        `in this order, -word must not, \`or\` between alternatives. At most ${SEARCH_LENGTH_MAX} characters; blank is no condition.`,
    }),
    includeSubtopics: t.boolean({
      defaultValue: true,
      description: 'Whether `topics` means the topics below them as well.',
    }),
    includeRetracted: t.boolean({
      defaultValue: false,
      description: 'Whether retracted statements are listed too. Counts only on the outermost filter.',
    }),
    not: t.field({ type: StatementFilter, description: 'Must not meet this filter.' }),
    any: t.field({ type: [StatementFilter], description: 'Must meet at least one of these filters.' }),
  }),
});

const StatementOrderEnum = builder.enumType('StatementOrder', {
  description:
    'Order of a list of statements. Those of equal dates stand in the order they were recorded in, which SAID_ON_DESC and ' +
    'RELEVANCE turn round: the last recorded first.',
  values: {
    SAID_ON_DESC: {
      value: 'SAID_ON_DESC',
      description: 'Newest first, by the earliest day it can have been said on.',
    },
    SAID_ON_ASC: {
      value: 'SAID_ON_ASC',
      description: 'Oldest first, by the earliest day it can have been said on.',
    },
    RECORDED_DESC: { value: 'RECORDED_DESC', description: 'Last recorded first.' },
    RELEVANCE: { value: 'RELEVANCE', description: 'Best match of `filter.search` first; needs it.' },
  } as const,
});

/** The arguments of every list of statements. */
export const statementListArgs = builder.args((t) => ({
  filter: t.field({
    type: StatementFilter,
    description: 'Which of them; all that are current where left out.',
  }),
  orderBy: t.field({
    type: StatementOrderEnum,
    defaultValue: 'SAID_ON_DESC',
    description: 'In which order.',
  }),
}));

/** The statements of the record. */
export async function listStatements(
  args: StatementListArguments,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<StatementPage> {
  const request = parseStatementList(args, selectionOfConnection(info));
  const page = await readStatements(context.db, context.load.slugs, request);
  const count = async () => page.total ?? countStatements(context.db, context.load.slugs, request.condition);
  return { ...page, count };
}

/** The statements of one actor, topic, source or event; read together for all of a list. */
export async function listStatementsOf(
  parent: Parent,
  id: number,
  args: StatementListArguments,
  { load }: Context,
  info: GraphQLResolveInfo,
): Promise<StatementPage> {
  const lists = load.statementsOf(parent, info.fieldNodes, () =>
    parseStatementList(args, selectionOfConnection(info)),
  );
  const page = await lists.pages.load(id);
  return { ...page, count: () => lists.counts.load(id) };
}
