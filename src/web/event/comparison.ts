import type { ResultOf } from '../graphql/tada.ts';
import type { StatementCardData } from '../parts/statementFragment.ts';
import { readStatement } from '../parts/statementFragment.ts';
import type { EventQuery } from './eventQuery.ts';

export type EventData = NonNullable<ResultOf<typeof EventQuery>['event']>;
export type ComparisonRow = EventData['comparison'][number];
export type ComparisonCell = ComparisonRow['cells'][number];

/** How deep a row's topic stands in the tree, 0 at the top, counting only topics that have a row. */
export function depthsOf(rows: readonly ComparisonRow[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  // Rows come in the order of the tree: a parent stands before its children.
  for (const { topic } of rows)
    depths.set(topic.slug, topic.parent ? (depths.get(topic.parent.slug) ?? -1) + 1 : 0);
  return depths;
}

/** A cell's statements on the very topic; those below it are told in the rows of their own topics. */
export function ownStatements(cell: ComparisonCell, row: ComparisonRow): StatementCardData[] {
  return cell.statements
    .map(readStatement)
    .filter(({ topics }) => topics.some(({ topic }) => topic.slug === row.topic.slug));
}

/** Whether a row only sums up what the rows below it tell. */
export const isSummary = (row: ComparisonRow): boolean =>
  row.cells.every((cell) => ownStatements(cell, row).length === 0);

/** The fragment identifier of a row in the page. */
export const rowId = (row: ComparisonRow): string => `topic-${row.topic.slug}`;

/** For each row the slugs of the topics below its own that have a row. */
export function coveredBy(rows: readonly ComparisonRow[]): ReadonlyMap<string, ReadonlySet<string>> {
  const covered = new Map(rows.map(({ topic }) => [topic.slug, new Set<string>()]));
  const parents = new Map(rows.map(({ topic }) => [topic.slug, topic.parent?.slug]));
  for (const { topic } of rows) {
    for (let above = topic.parent?.slug; above !== undefined; above = parents.get(above)) {
      covered.get(above)?.add(topic.slug);
    }
  }
  return covered;
}
