import { type ExceededLimit, ReadoutError } from '../base/errors.ts';
import type { Event } from '../db/generated/client.ts';
import { INPUT_MAX } from '../domain/input/field.ts';
import type { Account } from '../read/comparison/accounts.ts';
import { type ComparisonCell, cellsOf } from '../read/comparison/cells.ts';
import type { ComparisonRow } from '../read/comparison/rows.ts';
import type { RowsRequest } from '../read/loading/comparisons.ts';
import { PAGE_SIZE_DEFAULT } from '../read/page.ts';
import { parseSlice, sliceOf } from '../read/slice.ts';
import { FILTER_LIST_MAX } from '../read/statements/conditions/kind/field.ts';
import type { StatementRow } from '../read/statements/row.ts';
import { builder, type Context } from './builder/builder.ts';
import { StanceEnum } from './builder/enums.ts';
import { sliceArgs } from './builder/slice.ts';
import { StatementRef } from './statement/ref.ts';

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

const SILENT =
  'false: only sides that have statements. true: only sides that are silent. By default all sides.';

/** Chooses among sides by whether they are silent. */
export const silentArgs = builder.args((t) => ({ silent: t.boolean({ description: SILENT }) }));

interface SilentArguments {
  readonly silent?: boolean | null | undefined;
}

/** The accounts or cells that `silent` chooses. */
export function ofSides<Item extends { readonly statementCount: number }>(
  items: readonly Item[],
  { silent }: SilentArguments,
): readonly Item[] {
  return silent == null ? items : items.filter(({ statementCount }) => (statementCount === 0) === silent);
}

/** The statements with these ids, in their order. */
export async function statementsOf(ids: readonly number[], { load }: Context): Promise<StatementRow[]> {
  const rows = await Promise.all(ids.map((id) => load.statement.load(id)));
  return rows.filter((row) => row !== null);
}

export const AccountRef = builder.objectRef<Account>('Account').implement({
  description: 'The statements of one side about an event.',
  fields: (t) => ({
    side: t.field({
      type: 'Actor',
      description: 'The state or organisation that a participant is, or belongs to on a day of the event.',
      resolve: (account, _, { load }) => load.actor.load(account.sideId),
    }),
    statements: t.field({
      type: [StatementRef],
      description:
        'The statements of this side about the event, oldest first; empty if it is silent. `statementCount` is the total.',
      args: sliceArgs(PAGE_SIZE_DEFAULT),
      resolve: async (account, args, context) => {
        const slice = parseSlice(args, PAGE_SIZE_DEFAULT);
        if (account.statementCount === 0) return [];
        return statementsOf(await context.load.comparison.accountStatements.load(account, slice), context);
      },
    }),
    statementCount: t.int({
      description: 'Number of statements of this side about the event; 0 if it is silent.',
      resolve: (account) => account.statementCount,
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
      resolve: async (cell, args, context) => {
        const slice = parseSlice(args, PAGE_SIZE_DEFAULT);
        if (cell.statementCount === 0) return [];
        return statementsOf(await context.load.comparison.cellStatements.load(cell, slice), context);
      },
    }),
    statementCount: t.int({
      description: 'Number of its statements on the topic or a topic below it; 0 if it is silent.',
      resolve: (cell) => cell.statementCount,
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

export const ComparisonRowRef = builder.objectRef<ComparisonRow>('ComparisonRow').implement({
  description: 'One topic of a comparison. It covers the topics below it as well.',
  fields: (t) => ({
    topic: t.field({
      type: 'Topic',
      description: 'The topic.',
      resolve: (row, _, { load }) => load.topic.load(row.topicId),
    }),
    cells: t.field({
      type: [ComparisonCellRef],
      description:
        'One for each side that is compared, in the order of `accounts`. `cellCount` is the total.',
      args: { ...sliceArgs(PAGE_SIZE_DEFAULT), ...silentArgs },
      resolve: (row, args) => sliceOf(ofSides(cellsOf(row), args), parseSlice(args, PAGE_SIZE_DEFAULT)),
    }),
    cellCount: t.int({
      description: 'Number of its cells: one for each side that is compared, or that `silent` chooses.',
      args: silentArgs,
      resolve: (row, args) => ofSides(cellsOf(row), args).length,
    }),
    verdict: t.field({
      type: ComparisonVerdict,
      description: 'The result of comparing the accounts of all the sides that are compared.',
      resolve: (row, _, { load }) => load.comparison.verdict(row),
    }),
  }),
});

/** Chooses sides and rows of a comparison. */
export const comparisonArgs = builder.args((t) => ({
  sides: t.stringList({
    description:
      'Slugs of sides of the event, at least two: only these are compared, and verdicts are about these. By default all. ' +
      'A slug that names no side of the event is refused.',
  }),
  topics: t.stringList({
    description:
      `Slugs of topics, at most ${FILTER_LIST_MAX}: only their rows, in which everything below them counts. By default all. ` +
      'A topic that none of the sides speaks about has no row; an unknown slug is refused.',
  }),
}));

interface ComparisonArguments {
  readonly sides?: readonly string[] | null | undefined;
  readonly topics?: readonly string[] | null | undefined;
}

/**
 * What the arguments of a comparison choose.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument.
 */
export async function parseComparison(
  event: Event,
  { sides, topics }: ComparisonArguments,
  context: Context,
): Promise<RowsRequest> {
  return {
    sideIds: sides == null ? null : await findSides(event, sides, context),
    topicIds: topics == null ? null : await findTopics(topics, context),
  };
}

async function findSides(event: Event, slugs: readonly string[], { load }: Context): Promise<number[]> {
  refuseLong('sides', slugs, { limit: 'INPUT_MAX.participants', max: INPUT_MAX.participants });
  const { sideIds } = await load.comparison.event.load(event.id);
  const found = await load.slugs.ids('actor', slugs);
  const chosen = new Set(
    slugs.map((slug, i) => {
      const id = found[i]?.[0];
      if (id !== undefined && sideIds.includes(id)) return id;
      const message = `“${slug}” is not a side of the event “${event.slug}”. Its “accounts” name its sides.`;
      throw new ReadoutError('INVALID_INPUT', message, ['sides', i]);
    }),
  );
  if (chosen.size < 2) {
    throw new ReadoutError('INVALID_INPUT', 'Choose at least two “sides” to compare.', ['sides']);
  }
  return sideIds.filter((id) => chosen.has(id));
}

async function findTopics(slugs: readonly string[], { load }: Context): Promise<number[]> {
  refuseLong('topics', slugs, { limit: 'FILTER_LIST_MAX', max: FILTER_LIST_MAX });
  const found = await load.slugs.ids('topic', slugs);
  return slugs.map((slug, i) => {
    const id = found[i]?.[0];
    if (id !== undefined) return id;
    throw new ReadoutError('INVALID_INPUT', `The record has no topic “${slug}”.`, ['topics', i]);
  });
}

function refuseLong(name: string, slugs: readonly string[], bound: ExceededLimit): void {
  if (slugs.length <= bound.max) return;
  const message = `“${name}” may have at most ${bound.max} items, and has ${slugs.length}.`;
  throw new ReadoutError('LIMIT_EXCEEDED', message, [name], bound);
}
