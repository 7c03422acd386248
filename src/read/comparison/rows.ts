import type { Database } from '../../db/client.ts';
import type { Stance } from '../../db/generated/enums.ts';
import { groupBy } from '../group.ts';
import type { Slice } from '../slice.ts';
import { query } from '../sql.ts';
import { type Comparison, comparisonValues, WITH_ACCOUNTS } from './sides.ts';

/** What a cell of a row has. */
interface CellContent {
  readonly statementCount: number;
  /** The common stance on the row's own topic: MIXED if its statements differ, null if it takes none. */
  readonly stance: Stance | null;
}

/** A topic of a comparison. It covers the topics below it. */
export interface ComparisonRow {
  readonly comparison: Comparison;
  readonly topicId: number;
  /** By side; a side that is silent here has none. */
  readonly contents: ReadonlyMap<number, CellContent>;
}

export interface RowPage {
  readonly rows: readonly ComparisonRow[];
  /** Number of rows of the whole comparison. */
  readonly count: number;
}

/**
 * Follows `WITH_ACCOUNTS`: the topics of the statements, as `account_topic` (n, statement_id, side_id, topic_id, stance), and the rows that
 * each of these topics is in, its own and those above it, as `above` (topic_id, row_id).
 */
export const ACCOUNT_TOPICS = `
  account_topic AS MATERIALIZED (
    SELECT n, statement_id, side_id, topic_id, stance FROM account_statement CROSS JOIN LATERAL (
      SELECT topic_id, stance FROM statement_topic WHERE statement_id = account_statement.statement_id OFFSET 0) AS topic),
  above AS (
    SELECT DISTINCT topic_id, topic_id AS row_id FROM account_topic
    UNION SELECT above.topic_id, topic.parent_id FROM above CROSS JOIN LATERAL (
      SELECT parent_id FROM topic WHERE id = above.row_id AND parent_id IS NOT NULL OFFSET 0) AS topic)`;

/**
 * SQL for a small relation of ids, by way of arrays. The planner expects one row of a relation that is made from a recursive query, and would
 * then read all of it for each row of another one. It expects ten rows of arrays, and puts them into a hash table.
 */
export const throughArrays = (relation: string, columns: readonly string[]): string =>
  `unnest(${columns.map((column) => `ARRAY(SELECT ${column} FROM ${relation})`).join(', ')}) AS ${relation} (${columns.join(', ')})`;

const PATH = `ARRAY[row.name, to_char(row.row_id, 'FM0000000000')]`;
/**
 * `path` puts topics into the order of the tree, siblings by name. The first row is always on the page, since each row has the length
 * of the whole list. A statement counts once in a cell, however many of its topics are below the row.
 */
const READ_ROWS = `${WITH_ACCOUNTS},${ACCOUNT_TOPICS},
  row AS MATERIALIZED (
    SELECT n, row_id, parent_id, name FROM (
      SELECT DISTINCT n, row_id FROM (SELECT DISTINCT n, topic_id FROM account_topic) AS topic JOIN above USING (topic_id)) AS row
    JOIN topic ON topic.id = row_id),
  ordered AS (
    SELECT n, row_id, ${PATH} AS path FROM row WHERE parent_id IS NULL
    UNION ALL SELECT n, row.row_id, ordered.path || ${PATH}
      FROM ordered JOIN row USING (n) WHERE row.parent_id = ordered.row_id),
  placed AS (
    SELECT n, row_id, (row_number() OVER (PARTITION BY n ORDER BY path))::int AS place, (count(*) OVER (PARTITION BY n))::int AS total
    FROM ordered WHERE $3::int[] IS NULL OR row_id = ANY ($3::int[])),
  page AS MATERIALIZED (
    SELECT *, place > $4::int AND place <= $4::int + $5::int AS wanted FROM placed),
  covered AS MATERIALIZED (
    SELECT n, row_id, topic_id FROM page JOIN above USING (row_id) WHERE wanted),
  cell AS MATERIALIZED (
    SELECT row_id, side_id, n, count(DISTINCT statement_id)::int AS count,
      min(stance) FILTER (WHERE topic_id = row_id) AS stance, max(stance) FILTER (WHERE topic_id = row_id) AS other_stance
    FROM ${throughArrays('covered', ['n', 'row_id', 'topic_id'])} JOIN account_topic USING (n, topic_id)
    GROUP BY row_id, side_id, n),
  cells AS (
    SELECT row_id, n, array_agg(side_id) AS side_ids, array_agg(count) AS counts,
      array_agg((CASE WHEN stance <> other_stance THEN 'MIXED' ELSE stance END)::text) AS stances
    FROM cell GROUP BY row_id, n)
SELECT n, row_id AS "topicId", wanted, total, side_ids AS "sideIds", counts, stances
FROM page LEFT JOIN cells USING (n, row_id) WHERE wanted OR place = 1 ORDER BY n, place`;

interface Row {
  readonly n: number;
  readonly topicId: number;
  readonly wanted: boolean;
  readonly total: number;
  readonly sideIds: readonly number[];
  readonly counts: readonly number[];
  readonly stances: readonly (Stance | null)[];
}

/**
 * A page of the rows of each comparison, depth first, siblings by name, with one SQL statement. With fewer than two sides there
 * is no row.
 * @param topicIds only rows of these topics; null for all.
 */
export async function readRows(
  db: Database,
  comparisons: readonly Comparison[],
  topicIds: readonly number[] | null,
  { first, offset }: Slice,
): Promise<RowPage[]> {
  const comparable = comparisons.filter(({ sideIds }) => sideIds.length >= 2);
  const values = [...comparisonValues(comparable), topicIds, offset, first];
  const found = comparable.length === 0 ? [] : await query<Row>(db, READ_ROWS, values);
  const byComparison = groupBy(found, ({ n }) => comparable[n - 1]);
  return comparisons.map((comparison) => {
    const ofEvent = byComparison.get(comparison) ?? [];
    const rows = ofEvent.filter(({ wanted }) => wanted);
    return {
      rows: rows.map((row) => ({ comparison, topicId: row.topicId, contents: contentsOf(row) })),
      count: ofEvent[0]?.total ?? 0,
    };
  });
}

function contentsOf({ sideIds, counts, stances }: Row): ReadonlyMap<number, CellContent> {
  return new Map(
    sideIds.map((id, i) => [id, { statementCount: counts[i] as number, stance: stances[i] ?? null }]),
  );
}
