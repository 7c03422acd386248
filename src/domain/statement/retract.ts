import type { Transaction } from '../../db/sql.ts';
import { statementDigest } from '../content.ts';
import { parseReason } from '../withdraw.ts';
import { readStatementContents } from './content.ts';
import { lockCurrent } from './lock.ts';
import { lockForChange, type Revised } from './revise.ts';
import { RETRACT_STATEMENTS } from './sql.ts';

/** Retracts statements that are locked and current. Returns their changes, in the order of their ids. */
async function writeRetractions(
  tx: Transaction,
  ids: readonly number[],
  reason: string,
  by: string,
  withCollection: boolean,
): Promise<{ id: number; position: bigint }[]> {
  const statements = await readStatementContents(tx, ids);
  const items = statements.map(({ id, content }) => ({
    id,
    contentDigest: statementDigest({ ...content, status: 'RETRACTED', retractionReason: reason }),
  }));
  return tx.$queryRawUnsafe(RETRACT_STATEMENTS, JSON.stringify(items), reason, by, withCollection);
}

/**
 * Retracts a statement. It stays, with the reason, and leaves lists unless they ask for it.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT without a reason; CONFLICT if it was retracted before.
 */
export async function retractStatement(
  tx: Transaction,
  id: number,
  reason: string,
  by: string,
): Promise<Revised> {
  const given = parseReason(reason);
  await lockForChange(tx, id, ['input', 'id'], null);
  const [written] = await writeRetractions(tx, [id], given, by, false);
  return written as { id: number; position: bigint };
}

/**
 * Retracts those of the statements of a collection that are current, each with its change in the log. The others stay as they are. A later
 * import that has one of them can make it current again with `reinstateStatement`.
 * @param ids few enough for a short transaction: some hundred.
 * @returns ids and positions of those that were retracted now.
 * @throws ReadoutError INVALID_INPUT without a reason.
 */
export async function retractStatements(
  tx: Transaction,
  ids: readonly number[],
  reason: string,
  by: string,
): Promise<{ id: number; position: bigint }[]> {
  const given = parseReason(reason);
  const locked = await lockCurrent(tx, ids);
  if (locked.length === 0) return [];
  return writeRetractions(
    tx,
    locked.map(({ id }) => id),
    given,
    by,
    true,
  );
}
