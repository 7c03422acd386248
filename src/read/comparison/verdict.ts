import type { Database } from '../../db/client.ts';
import { groupBy } from '../group.ts';
import { query } from '../sql.ts';
import { CARRIED, type ComparisonRow, listed } from './rows.ts';
import { GIVEN, givenValues } from './sides.ts';

/** The result of comparing the sides' accounts of one topic. */
export const VERDICTS = ['AGREED', 'DISPUTED', 'BOTH_REPORT', 'ONE_SIDED'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Whether a side has no statement in the row. */
export function isOneSided({ comparison, voices }: ComparisonRow): boolean {
  return voices.size < comparison.sideIds.length;
}

/**
 * $3 and $4 are the rows. A statement is `inside` a row, with the lowest and the highest of its sides: two statements have different sides
 * unless all four are the same. Sides are opposed on a topic where both stances are taken, and not by a single side. `IN … IS TRUE` is a
 * look-up in a hash table. A join would be planned for one row, and read all of them again for each row.
 */
const READ_CONTACTS = `${GIVEN},${CARRIED},
  covered AS MATERIALIZED (
    SELECT n, row_id, topic_id FROM unnest($3::int[], $4::int[]) AS row (n, row_id) JOIN above USING (row_id)),
  inside AS MATERIALIZED (
    SELECT n, row_id, statement_id, min(side_id) AS least, max(side_id) AS most
    FROM ${listed('covered', ['n', 'row_id', 'topic_id'])} JOIN carried USING (n, topic_id) GROUP BY n, row_id, statement_id),
  opposed AS MATERIALIZED (
    SELECT n, topic_id FROM carried WHERE stance IN ('SUPPORTS', 'OPPOSES') GROUP BY n, topic_id
    HAVING min(stance) <> max(stance) AND min(side_id) <> max(side_id))
SELECT n, row_id AS "topicId", link.kind::text AS contact
FROM inside CROSS JOIN LATERAL (
  SELECT to_id, kind FROM statement_link WHERE from_id = statement_id AND kind IN ('DISPUTES', 'AGREES_WITH') OFFSET 0) AS link
WHERE ((n, row_id, to_id) IN (SELECT n, row_id, statement_id FROM inside)) IS TRUE
  AND NOT (least = most AND ((n, row_id, to_id, least, most) IN (SELECT n, row_id, statement_id, least, most FROM inside)) IS TRUE)
UNION SELECT n, row_id, 'OPPOSED' FROM covered WHERE ((n, topic_id) IN (SELECT n, topic_id FROM opposed)) IS TRUE`;

/** What joins or divides the sides in a row. */
interface Contact {
  readonly n: number;
  readonly topicId: number;
  readonly contact: 'DISPUTES' | 'AGREES_WITH' | 'OPPOSED';
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
    ...givenValues(comparisons),
    open.map(({ comparison }) => numbers.get(comparison)),
    open.map(({ topicId }) => topicId),
  ];
  const contacts = open.length === 0 ? [] : await query<Contact>(db, READ_CONTACTS, values);
  const byRow = groupBy(contacts, ({ n, topicId }) => `${n} ${topicId}`);
  return rows.map((row) => {
    if (isOneSided(row)) return 'ONE_SIDED';
    const ofRow = byRow.get(`${numbers.get(row.comparison)} ${row.topicId}`) ?? [];
    const found = new Set(ofRow.map(({ contact }) => contact));
    if (found.has('DISPUTES') || found.has('OPPOSED')) return 'DISPUTED';
    return found.has('AGREES_WITH') || haveCommonStance(row) ? 'AGREED' : 'BOTH_REPORT';
  });
}

/** Whether all sides support the row's own topic, or all oppose it. */
function haveCommonStance({ voices }: ComparisonRow): boolean {
  const stances = new Set([...voices.values()].map(({ stance }) => stance));
  return stances.size === 1 && (stances.has('SUPPORTS') || stances.has('OPPOSES'));
}
