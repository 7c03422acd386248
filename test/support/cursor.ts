import type { Database } from '../../src/db/client.ts';
import { formatCursor } from '../../src/log/cursor.ts';
import { readDigest, readHead } from '../../src/log/head.ts';

/** The cursor of the last change in a database. */
export async function headCursor({ pool }: Pick<Database, 'pool'>): Promise<string> {
  return formatCursor(await readHead(pool));
}

/** The cursor of the change at a position. */
export async function cursorAt({ pool }: Pick<Database, 'pool'>, position: number | bigint): Promise<string> {
  const digest = await readDigest(pool, BigInt(position));
  if (digest === null) throw new Error(`the log does not reach ${position}`);
  return formatCursor({ position: BigInt(position), digest });
}

/** The position that a cursor names. */
export function positionOf(cursor: string): number {
  return Number(cursor.split('.')[0]);
}
