import type { Database } from '../../db/client.ts';
import type { Stance } from '../../db/generated/enums.ts';
import { listsOf } from '../memory/loader.ts';
import type { Slice } from '../slice.ts';
import { query } from '../sql.ts';
import { ACCOUNT_TOPICS, type ComparisonRow } from './rows.ts';
import { type ComparedEvent, comparisonsOf, comparisonValues, WITH_ACCOUNTS } from './sides.ts';

/** The statements of one side on a row's topic or a topic below it. */
export interface ComparisonCell {
  readonly event: ComparedEvent;
  readonly topicId: number;
  readonly sideId: number;
  /** 0 if the side is silent here. */
  readonly statementCount: number;
  /** The common stance on the row's own topic: MIXED if its statements differ, null if it takes none. */
  readonly stance: Stance | null;
}

/** The cells of a row, one for each side, in the order of the sides. */
export function cellsOf({ comparison, topicId, contents }: ComparisonRow): ComparisonCell[] {
  return comparison.sideIds.map((sideId) => {
    const { statementCount = 0, stance = null } = contents.get(sideId) ?? {};
    return { event: comparison.event, topicId, sideId, statementCount, stance };
  });
}

/** A statement is once in a cell, however many of its topics are below the row. */
const READ_STATEMENTS = `${WITH_ACCOUNTS},${ACCOUNT_TOPICS},
  cell AS MATERIALIZED (
    SELECT * FROM unnest($3::int[], $4::int[], $5::int[]) WITH ORDINALITY AS cell (n, row_id, side_id, cell)),
  found AS (
    SELECT DISTINCT cell, statement_id FROM cell JOIN above USING (row_id) JOIN account_topic USING (n, topic_id, side_id))
SELECT cell::int AS cell, statement_id AS "statementId" FROM (
  SELECT cell, statement_id, row_number() OVER (PARTITION BY cell ORDER BY said_earliest, statement_id) AS place
  FROM found JOIN statement ON statement.id = statement_id) AS listed
WHERE place > $6::int AND place <= $6::int + $7::int ORDER BY cell, place`;

/** A page of the statements of each cell, oldest first, as ids, with one SQL statement. */
export async function readCellStatements(
  db: Database,
  cells: readonly ComparisonCell[],
  { first, offset }: Slice,
): Promise<number[][]> {
  const { comparisons, numbers } = comparisonsOf(cells);
  const rows = await query<{ cell: number; statementId: number }>(db, READ_STATEMENTS, [
    ...comparisonValues(comparisons),
    numbers,
    cells.map(({ topicId }) => topicId),
    cells.map(({ sideId }) => sideId),
    offset,
    first,
  ]);
  return listsOf(
    cells.map((_, i) => i + 1),
    rows,
    ({ cell }) => cell,
    ({ statementId }) => statementId,
  );
}
