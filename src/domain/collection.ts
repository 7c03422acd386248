import type { Transaction } from '../db/sql.ts';
import { collectionDigest } from './content.ts';
import type { Fault } from './input/fault.ts';
import { type CollectionInput, collectionInput } from './input/noun.ts';
import { WITHDRAWAL } from './save/former.ts';
import { ITEMS, itemsJson } from './save/rows.ts';
import type { NounRules, Patch } from './save/rules.ts';
import { type Saved, type SaveOptions, saveEntries } from './save/save.ts';

/** Faults of a collection beside those of its form. */
function collectionFaults({ files = [] }: CollectionInput): Fault[] {
  const names = files.map(({ name }) => name);
  return names.flatMap((name, i) =>
    names.indexOf(name) < i
      ? [{ path: ['input', 'files', i, 'name'], message: `names “${name}” twice` }]
      : [],
  );
}

/** SQL of a collection, the row `t`, as JSON in the shape of its input. */
export const COLLECTION_CONTENT = `json_build_object('slug', t.slug, 'title', t.title, 'version', t.version, 'url', t.url,
  'licence', t.licence, 'files', t.files, ${WITHDRAWAL})`;

/** $1 items. */
const WRITE_COLLECTIONS = `
WITH ${ITEMS},
  added AS (
    INSERT INTO collection (id, slug, title, version, url, licence, files)
    SELECT id, slug, j ->> 'title', j ->> 'version', j ->> 'url', j ->> 'licence', j -> 'files' FROM item WHERE is_new ORDER BY n)
UPDATE collection SET title = j ->> 'title', version = j ->> 'version', url = j ->> 'url', licence = j ->> 'licence',
  files = j -> 'files'
FROM item WHERE NOT is_new AND collection.id = item.id`;

/** How collections are checked and written. */
export const COLLECTION: NounRules<CollectionInput> = {
  noun: 'collection',
  shape: collectionInput,
  named: 'title',
  namesOf: null,
  contentSql: COLLECTION_CONTENT,
  visitReferences: () => undefined,
  contentOf: (input, slug) => ({ ...input, slug }),
  digestOf: collectionDigest,
  faults: collectionFaults,
  write: async (tx, entries) => {
    await tx.$executeRawUnsafe(WRITE_COLLECTIONS, itemsJson(entries));
  },
};

/** $1 slugs. */
const END_RETRACTING = `UPDATE collection SET retracting_reason = NULL WHERE slug = ANY ($1::text[]) AND retracting_reason IS NOT NULL`;

/**
 * Creates or changes collections, as `saveEntries` describes. A retracted one becomes current again, without its former statements. A
 * retraction that is not complete ends.
 */
export async function saveCollections(
  tx: Transaction,
  patches: readonly Patch[],
  by: string,
  options?: SaveOptions,
): Promise<Saved[]> {
  const slugs = patches.flatMap(({ slug }) => (typeof slug === 'string' ? [slug] : []));
  // Before the counter row is locked.
  if (!options?.dryRun) await tx.$executeRawUnsafe(END_RETRACTING, slugs);
  return saveEntries(tx, COLLECTION, patches, by, options);
}
