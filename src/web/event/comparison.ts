import { readStatement, type StatementCardData } from '../cards/statementFragment.ts';
import type { ResultOf } from '../graphql/tada.ts';
import type { Verdict } from '../words/verdict.ts';
import type { EventQuery } from './eventQuery.ts';

export type EventData = NonNullable<ResultOf<typeof EventQuery>['event']>;
export type Account = EventData['accounts'][number];
export type ComparisonRow = EventData['comparison'][number];
export type OverviewRow = EventData['overview'][number];
export type ComparisonCell = ComparisonRow['cells'][number];

/** The most sides that are shown as columns. More are stacked, and only those that speak. */
export const COLUMNS_MAX = 3;

export type Side = ComparisonCell['side'];

/** The few sides that are compared, in the order of the event. */
export function comparedSides({ comparison, accounts }: EventData): Side[] {
  const [row] = comparison;
  if (!row) return [];
  const order = new Map(accounts.map(({ side }, i) => [side.slug, i]));
  const placeOf = ({ slug }: Side): number => order.get(slug) ?? order.size;
  return [...row.cells, ...row.silentCells].map(({ side }) => side).sort((a, b) => placeOf(a) - placeOf(b));
}

/** A side beside others: what it says in a row, or undefined if it is silent. */
interface Column<Cell> {
  readonly side: Side;
  readonly cell: Cell | undefined;
}

/** The columns of a row with few sides, silent ones too. */
export function columnsOf<Cell extends { readonly side: { readonly slug: string } }>(
  cells: readonly Cell[],
  sides: readonly Side[],
): Column<Cell>[] {
  return sides.map((side) => ({ side, cell: cells.find((cell) => cell.side.slug === side.slug) }));
}

/** The depth of a row's topic in the tree of topics that have a row; 0 at the top. */
export function depthsOf(rows: readonly OverviewRow[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  // Rows are in the order of the tree: a parent comes before its children.
  for (const { topic } of rows)
    depths.set(topic.slug, topic.parent ? (depths.get(topic.parent.slug) ?? -1) + 1 : 0);
  return depths;
}

/** A cell's statements on the row's own topic. Those on topics below it are in the rows of these topics. */
export function ownStatements(cell: ComparisonCell, { topic: own }: ComparisonRow): StatementCardData[] {
  return cell.statements
    .map(readStatement)
    .filter(({ topics }) => topics.some(({ topic }) => topic.slug === own.slug));
}

/** How many of a cell's statements are not shown. */
export const hiddenCount = (cell: ComparisonCell): number => cell.statementCount - cell.statements.length;

/** Whether a row only sums up the rows below it. Statements that are not shown may be on its own topic. */
export const isSummary = (row: ComparisonRow): boolean =>
  row.speakingCount === row.cells.length &&
  row.cells.every((cell) => hiddenCount(cell) === 0 && ownStatements(cell, row).length === 0);

/** One statement of a row that disputes, or agrees with, one of another side. */
export interface Contact {
  readonly side: string;
  readonly from: StatementCardData;
  readonly to: StatementCardData;
  readonly otherSide: string;
}

const DECIDING: Partial<Record<Verdict, string>> = { DISPUTED: 'DISPUTES', AGREED: 'AGREES_WITH' };

/** The links between sides that a row's verdict is based on; empty if it is based on stances or on silence. */
export function contactsOf({ verdict, cells }: ComparisonRow): Contact[] {
  const said = cells.flatMap(({ side, statements }) => statements.map((ref) => ({ side: side.name, ref })));
  return said.flatMap(({ side, ref }) =>
    ref.links
      .filter(({ kind }) => kind === DECIDING[verdict])
      .flatMap(({ statement }) => {
        const other = said.find((one) => one.ref.slug === statement.slug && one.side !== side);
        if (!other) return [];
        return [{ side, from: readStatement(ref), to: readStatement(other.ref), otherSide: other.side }];
      }),
  );
}

/** The fragment identifier of a row in the page. */
export const rowId = (row: OverviewRow | ComparisonRow): string => `topic-${row.topic.slug}`;

/** For each row the slugs of the topics below its own that have a row. */
export function coveredBy(rows: readonly OverviewRow[]): ReadonlyMap<string, ReadonlySet<string>> {
  const covered = new Map(rows.map(({ topic }) => [topic.slug, new Set<string>()]));
  const parents = new Map(rows.map(({ topic }) => [topic.slug, topic.parent?.slug]));
  for (const { topic } of rows) {
    for (let above = topic.parent?.slug; above !== undefined; above = parents.get(above)) {
      covered.get(above)?.add(topic.slug);
    }
  }
  return covered;
}
