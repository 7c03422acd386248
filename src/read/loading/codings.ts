import type { Database } from '../../db/client.ts';
import { readCounts } from '../counts.ts';
import { listsOf } from '../memory/loader.ts';
import type { Slice } from '../slice.ts';
import { query } from '../sql.ts';

/*
 * Other codings of a passage: current statements of the same source with a CONTENT anchor on the same words. Spans are on the same words
 * where they overlap. The same words elsewhere in the text are another passage. An anchor without a span is on the words of its digest.
 */

/** As in the index `anchor_long_idx`. A span of at most this length begins at most this far before a place in it. */
const SPAN_LENGTH_MAX = 2_000;

/** Anchors `b` on the words of the anchor `a`, each read from an index. */
const SAME_WORDS = `
  SELECT b.statement_id FROM anchor b WHERE b.source_id = a.source_id AND b.role = 'CONTENT' AND b.status = 'PLACED'
    AND b.start < a."end" AND b.start >= a.start - ${SPAN_LENGTH_MAX} AND b."end" > a.start
  UNION ALL SELECT b.statement_id FROM anchor b WHERE b.source_id = a.source_id AND b.role = 'CONTENT' AND b.status = 'PLACED'
    AND b."end" - b.start > ${SPAN_LENGTH_MAX} AND b.start < a.start - ${SPAN_LENGTH_MAX} AND b."end" > a.start
  UNION ALL SELECT b.statement_id FROM anchor b WHERE b.source_id = a.source_id AND b.role = 'CONTENT' AND b.status = 'PLACED'
    AND b.start IS NULL AND b.digest = a.digest
  UNION ALL SELECT b.statement_id FROM anchor b WHERE a.start IS NULL AND b.source_id = a.source_id AND b.role = 'CONTENT' AND b.status = 'PLACED'
    AND b.start IS NOT NULL AND b.digest = a.digest`;

const CODINGS = `
  SELECT DISTINCT s.id FROM anchor a CROSS JOIN LATERAL (${SAME_WORDS}) AS b
  JOIN statement s ON s.id = b.statement_id AND s.status = 'CURRENT'
  WHERE a.statement_id = p.id AND a.role = 'CONTENT' AND a.status = 'PLACED' AND s.id <> p.id`;

const READ_CODINGS = `
SELECT p.id AS "parentId", coding.id AS "statementId" FROM unnest($1::int[]) AS p (id)
CROSS JOIN LATERAL (${CODINGS} ORDER BY s.id LIMIT $2::int OFFSET $3::int) AS coding`;

const COUNT_CODINGS = `
SELECT p.id AS parent, (SELECT count(*)::int FROM (${CODINGS}) AS coding) AS count FROM unnest($1::int[]) AS p (id)`;

/** The other codings of each statement, as ids, in the order in which they were recorded. */
export async function readCodings(
  db: Database,
  statementIds: readonly number[],
  { first, offset }: Slice,
): Promise<number[][]> {
  const rows = await query<{ parentId: number; statementId: number }>(db, READ_CODINGS, [
    statementIds,
    first,
    offset,
  ]);
  return listsOf(
    statementIds,
    rows,
    ({ parentId }) => parentId,
    ({ statementId }) => statementId,
  );
}

export const countCodings = (db: Database, statementIds: readonly number[]): Promise<number[]> =>
  readCounts(db, COUNT_CODINGS, statementIds);
