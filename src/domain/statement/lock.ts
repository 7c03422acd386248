import type { Transaction } from '../../db/sql.ts';

/** A statement that no other writer can change until the transaction ends. */
export interface LockedStatement {
  readonly id: number;
  readonly slug: string;
  readonly position: bigint;
  /** Null while it is current. */
  readonly retractionReason: string | null;
  readonly collectionId: number | null;
}

// Not FOR UPDATE: that would also block writers that only link to the statement, and wait for their links.
const LOCK = `SELECT id, slug, position, retraction_reason AS "retractionReason", collection_id AS "collectionId"
  FROM statement WHERE id = ANY ($1::int[]) ORDER BY id FOR NO KEY UPDATE`;

/** Locks statements in the order of their ids. Call it before the counter row of the log is locked. */
export const lockStatements = (tx: Transaction, ids: readonly number[]): Promise<LockedStatement[]> =>
  tx.$queryRawUnsafe<LockedStatement[]>(LOCK, ids);

/** Locks statements. @returns those of them that are current. */
export async function lockCurrent(tx: Transaction, ids: readonly number[]): Promise<LockedStatement[]> {
  const locked = await lockStatements(tx, ids);
  return locked.filter(({ retractionReason }) => retractionReason === null);
}
