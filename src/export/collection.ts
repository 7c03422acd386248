import { COLLECTION } from '../domain/collection.ts';
import type { Entry } from '../import/cells.ts';
import { entryWriter } from './entry.ts';
import type { Selection } from './selection.ts';
import type { Snapshot } from './snapshot.ts';

/** $1 slug. */
const READ_COLLECTION = `SELECT json_strip_nulls(${COLLECTION.contentSql}) AS content FROM collection t WHERE t.slug = $1`;

export const writeCollection = entryWriter(COLLECTION.shape);

/** What the header of an export says of collections. */
export interface CollectionHeader {
  /** The collection that the filter is about, in the shape of its input. An import puts all entries into it. */
  readonly collection?: Entry;
  /** Collections whose entries the file may have without saying so. */
  readonly cutCollections?: number;
}

export async function readCollectionHeader(
  snapshot: Snapshot,
  { filter }: Selection,
): Promise<CollectionHeader> {
  const [slug, ...others] = filter?.collections ?? [];
  if (slug !== undefined && others.length === 0) {
    const [row] = await snapshot.query<{ content: Entry }>(READ_COLLECTION, [slug]);
    if (row?.content.withdrawalReason === undefined && row)
      return { collection: writeCollection(row.content) };
  }
  const [row] = await snapshot.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM collection WHERE withdrawal_reason IS NULL',
    [],
  );
  return row && row.count > 0 ? { cutCollections: row.count } : {};
}
