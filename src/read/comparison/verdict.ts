import type { Database } from '../../db/client.ts';
import { groupBy } from '../group.ts';
import { query } from '../sql.ts';
import { ACCOUNT_TOPICS, type ComparisonRow, throughArrays } from './rows.ts';
import { comparisonValues, WITH_ACCOUNTS } from './sides.ts';

/** The result of comparing the sides' accounts of one topic. */
export const VERDICTS = ['AGREED', 'DISPUTED', 'BOTH_REPORT', 'ONE_SIDED'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Whether a side has no statement in the row. */
export function isOneSided({ comparison, contents }: ComparisonRow): boolean {
  return contents.size < comparison.sideIds.length;
}

/**
 * $3 and $4 are the rows. `inside` has the statements of each row, with the lowest and the highest of their sides: two statements have
 * different sides unless all four are the same. `opposed` has the topics that one side supports and another one opposes. `IN … IS TRUE` is a
 * look-up in a hash table. The planner would expect one row of a join, and read all of them again for each row.
 */
const READ_EVIDENCE = `${WITH_ACCOUNTS},${ACCOUNT_TOPICS},
  covered AS MATERIALIZED (
    SELECT n, row_id, topic_id FROM unnest($3::int[], $4::int[]) AS row (n, row_id) JOIN above USING (row_id)),
  inside AS MATERIALIZED (
    SELECT n, row_id, statement_id, min(side_id) AS lowest, max(side_id) AS highest
    FROM ${throughArrays('covered', ['n', 'row_id', 'topic_id'])} JOIN account_topic USING (n, topic_id) GROUP BY n, row_id, statement_id),
  opposed AS MATERIALIZED (
    SELECT n, topic_id FROM account_topic WHERE stance IN ('SUPPORTS', 'OPPOSES') GROUP BY n, topic_id
    HAVING min(stance) <> max(stance) AND min(side_id) <> max(side_id))
SELECT n, row_id AS "topicId", link.kind::text AS kind
FROM inside CROSS JOIN LATERAL (
  SELECT to_id, kind FROM statement_link WHERE from_id = statement_id AND kind IN ('DISPUTES', 'AGREES_WITH') OFFSET 0) AS link
WHERE ((n, row_id, to_id) IN (SELECT n, row_id, statement_id FROM inside)) IS TRUE
  AND NOT (lowest = highest AND ((n, row_id, to_id, lowest, highest) IN (SELECT n, row_id, statement_id, lowest, highest FROM inside)) IS TRUE)
UNION SELECT n, row_id, 'OPPOSED' FROM covered WHERE ((n, topic_id) IN (SELECT n, topic_id FROM opposed)) IS TRUE`;

/** What a verdict rests on: a link between statements of different sides in a row, or opposite stances on one of its topics. */
interface Evidence {
  readonly n: number;
  readonly topicId: number;
  readonly kind: 'DISPUTES' | 'AGREES_WITH' | 'OPPOSED';
}

/**
 * The verdict of each row, the first of these that holds:
 * - ONE_SIDED: some side has no statement in the row.
 * - DISPUTED: a DISPUTES link joins statements of different sides in the row, or one side SUPPORTS and another OPPOSES the same
 *   topic in the row.
 * - AGREED: an AGREES_WITH link joins statements of different sides in the row, or all sides take the same stance on the row's own
 *   topic, SUPPORTS or OPPOSES.
 * - BOTH_REPORT.
 *
 * Links and stances are read, with one SQL statement, only of rows in which every side speaks.
 */
export async function readVerdicts(db: Database, rows: readonly ComparisonRow[]): Promise<Verdict[]> {
  const open = rows.filter((row) => !isOneSided(row));
  const comparisons = [...new Set(open.map(({ comparison }) => comparison))];
  const numbers = new Map(comparisons.map((comparison, i) => [comparison, i + 1]));
  const values = [
    ...comparisonValues(comparisons),
    open.map(({ comparison }) => numbers.get(comparison)),
    open.map(({ topicId }) => topicId),
  ];
  const evidence = open.length === 0 ? [] : await query<Evidence>(db, READ_EVIDENCE, values);
  const byRow = groupBy(evidence, ({ n, topicId }) => `${n} ${topicId}`);
  return rows.map((row) => {
    if (isOneSided(row)) return 'ONE_SIDED';
    const ofRow = byRow.get(`${numbers.get(row.comparison)} ${row.topicId}`) ?? [];
    const found = new Set(ofRow.map(({ kind }) => kind));
    if (found.has('DISPUTES') || found.has('OPPOSED')) return 'DISPUTED';
    return found.has('AGREES_WITH') || haveCommonStance(row) ? 'AGREED' : 'BOTH_REPORT';
  });
}

/** Whether all sides support the row's own topic, or all oppose it. */
function haveCommonStance({ contents }: ComparisonRow): boolean {
  const stances = new Set([...contents.values()].map(({ stance }) => stance));
  return stances.size === 1 && (stances.has('SUPPORTS') || stances.has('OPPOSES'));
}
