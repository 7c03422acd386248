import { COLLECTION } from '../domain/collection.ts';
import type { EntryFields } from '../import/cells.ts';
import { entryWriter } from './entry.ts';
import type { Selection } from './selection.ts';
import type { RecordSnapshot } from './snapshot.ts';

/** $1 slugs; null for all. Only current collections are part of the content. */
const READ_COLLECTIONS = `SELECT json_strip_nulls(${COLLECTION.contentSql}) AS content FROM collection t
  WHERE t.withdrawal_reason IS NULL AND ($1::text[] IS NULL OR t.slug = ANY ($1)) ORDER BY t.slug COLLATE "C"`;
const PAGE_LENGTH = 200;

/** SQL of the slug of the current collection that the row `table` belongs to; null for none. */
export const collectionSlugSql = (table: string): string =>
  `(SELECT slug FROM collection WHERE id = ${table}.collection_id AND withdrawal_reason IS NULL)`;

export const writeCollection = entryWriter(COLLECTION.shape);

/** The only collection that the filter of an export names, in the shape of its input; null if it names none or several. */
export async function readFilteredCollection(
  snapshot: RecordSnapshot,
  { filter }: Selection,
): Promise<EntryFields | null> {
  const [slug, ...others] = filter?.collections ?? [];
  if (slug === undefined || others.length > 0) return null;
  const [row] = await snapshot.query<{ content: EntryFields }>(READ_COLLECTIONS, [[slug]]);
  return row ? writeCollection(row.content) : null;
}

/** The current collections with these slugs in the shape of their input, by slug, in lists. @param slugs null for all. */
export async function* readCollections(
  snapshot: RecordSnapshot,
  slugs: ReadonlySet<string> | null,
): AsyncGenerator<EntryFields[]> {
  const values = [slugs === null ? null : [...slugs]];
  for await (const rows of snapshot.pages<{ content: EntryFields }>(READ_COLLECTIONS, values, PAGE_LENGTH))
    yield rows.map(({ content }) => writeCollection(content));
}
