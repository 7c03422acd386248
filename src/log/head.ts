import type { Queryable } from '../db/client.ts';
import type { Cursor } from './cursor.ts';

/** The position of the last committed change, and the name of this history. */
export async function readHead(db: Queryable): Promise<Cursor> {
  const { epoch, position } = await db.head.findUniqueOrThrow({ where: { id: 1 } });
  return { epoch, position };
}
