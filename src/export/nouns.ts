import { ACTOR } from '../domain/actor.ts';
import { EVENT } from '../domain/event.ts';
import { SOURCE } from '../domain/source.ts';
import { TOPIC } from '../domain/topic.ts';
import type { EntryFields } from '../import/cells.ts';
import type { EntryNoun } from '../log/append.ts';
import { collectionSlugSql } from './collection.ts';
import { entryWriter } from './entry.ts';
import type { RecordSnapshot } from './snapshot.ts';

export type NounName = Exclude<EntryNoun, 'collection'>;
/** The nouns that some statements refer to, by slug. */
export type Referenced = ReadonlyMap<NounName, Set<string>>;

const PAGE_LENGTH = 200;
/** Bytes of the texts of sources that are read together. A single longer text is read alone. */
const PAGE_BYTES = 2_000_000;
/** Slugs whose references are looked up together. */
const SLUGS_PER_STEP = 5_000;

/** How the entries of each noun are read and written, in the order of an export. */
export const NOUN_CONTENTS = [ACTOR, TOPIC, SOURCE, EVENT].map(
  ({ noun, shape, contentSql, bytesSql = '0' }) => ({
    noun: noun as NounName,
    contentSql,
    bytesSql,
    write: entryWriter(shape),
  }),
);

/** $1 slugs. What entries refer to: noun by noun, the noun and the slug of the other entry. */
const REFERENCES: Readonly<Record<NounName, string>> = {
  actor: `SELECT 'actor' AS noun, other.slug FROM actor t JOIN affiliation x ON x.actor_id = t.id JOIN actor other ON other.id = x.in_id
    WHERE t.slug = ANY ($1::text[])`,
  topic: `SELECT 'topic' AS noun, other.slug FROM topic t JOIN topic other ON other.id = t.parent_id WHERE t.slug = ANY ($1::text[])`,
  source: `SELECT 'actor' AS noun, other.slug FROM source t JOIN actor other ON other.id = t.publisher_id WHERE t.slug = ANY ($1::text[])`,
  event: `SELECT 'actor' AS noun, other.slug FROM event t JOIN event_participant x ON x.event_id = t.id JOIN actor other ON other.id = x.actor_id
    WHERE t.slug = ANY ($1::text[])`,
};

/** Adds everything that the entries refer to, directly or through others. */
export async function addReferences(snapshot: RecordSnapshot, referenced: Referenced): Promise<void> {
  let pending = [...referenced].flatMap(([noun, slugs]) => [...slugs].map((slug) => ({ noun, slug })));
  while (pending.length > 0) {
    const found: typeof pending = [];
    for (const { noun } of NOUN_CONTENTS) {
      const slugs = pending.filter((each) => each.noun === noun).map(({ slug }) => slug);
      for (let i = 0; i < slugs.length; i += SLUGS_PER_STEP) {
        const values = [slugs.slice(i, i + SLUGS_PER_STEP)];
        const rows = await snapshot.query<(typeof pending)[number]>(REFERENCES[noun], values);
        for (const row of rows) {
          const known = referenced.get(row.noun);
          if (!known || known.has(row.slug)) continue;
          known.add(row.slug);
          found.push(row);
        }
      }
    }
    pending = found;
  }
}

/** Adds the slugs of the collections that the entries belong to. */
export async function addCollections(
  snapshot: RecordSnapshot,
  referenced: Referenced,
  collections: Set<string>,
): Promise<void> {
  for (const [noun, slugs] of referenced) {
    const rows = await snapshot.query<{ slug: string }>(
      `SELECT DISTINCT c.slug FROM ${noun} t JOIN collection c ON c.id = t.collection_id WHERE t.slug = ANY ($1::text[])`,
      [[...slugs]],
    );
    for (const { slug } of rows) collections.add(slug);
  }
}

/** An actor, topic, source or event in the shape of its input. */
interface NounEntry {
  readonly noun: NounName;
  readonly entry: EntryFields;
  /** Slug of the collection that it belongs to. */
  readonly collection: string | null;
}

/**
 * The actors, topics, sources and events, each noun by slug, in lists.
 * @param only the entries to read; null for all.
 * @param kind the noun to read; all where left out.
 */
export async function* readNouns(
  snapshot: RecordSnapshot,
  only: Referenced | null,
  kind?: NounName,
): AsyncGenerator<NounEntry[]> {
  for (const { noun, contentSql, bytesSql, write } of NOUN_CONTENTS) {
    if (kind !== undefined && noun !== kind) continue;
    const slugs = only === null ? null : [...(only.get(noun) ?? [])];
    if (slugs?.length === 0) continue;
    const read = async (page: readonly string[]): Promise<NounEntry[]> => {
      const rows = await snapshot.query<{ content: EntryFields; collection: string | null }>(
        `SELECT json_strip_nulls(${contentSql}) AS content, ${collectionSlugSql('t')} AS collection FROM ${noun} t WHERE t.slug = ANY ($1::text[])
         ORDER BY t.slug COLLATE "C"`,
        [page],
        `export ${noun}`,
      );
      return rows.map(({ content, collection }) => ({ noun, entry: write(content), collection }));
    };
    // COLLATE "C", so that the order is the same in every database.
    const order = `SELECT t.slug, coalesce(${bytesSql}, 0)::int AS bytes FROM ${noun} t
      WHERE t.withdrawal_reason IS NULL AND ($1::text[] IS NULL OR t.slug = ANY ($1)) ORDER BY t.slug COLLATE "C"`;
    for await (const rows of snapshot.pages<{ slug: string; bytes: number }>(order, [slugs], PAGE_LENGTH)) {
      for (const page of inParts(rows)) yield await read(page.map(({ slug }) => slug));
    }
  }
}

/** Splits a page where its texts would be too large together. */
function* inParts<Row extends { readonly bytes: number }>(rows: readonly Row[]): Generator<Row[]> {
  let part: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (part.length > 0 && bytes + row.bytes > PAGE_BYTES) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(row);
    bytes += row.bytes;
  }
  if (part.length > 0) yield part;
}
