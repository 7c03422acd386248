import type { InputPath } from '../../base/errors.ts';
import { isSlug, SLUG_LENGTH_MAX } from '../../domain/input/slug.ts';
import { groupBy } from '../group.ts';
import { SEARCH_WORDS_MAX, searchNames } from '../names.ts';
import { query, type Readable } from '../sql.ts';
import type { SlugCache, SlugLoader } from './slugs.ts';

/** Warnings about unknown slugs in the answer to one operation. With more, it has `extensions.hasMoreWarnings`. @limit warnings */
export const WARNINGS_MAX = 20;
/** Unknown slugs of one operation, or of one refused mutation, for which similar ones are searched. @limit slugs */
export const SUGGESTED_SLUGS_MAX = 5;
/** Slugs that are suggested for an unknown one. @limit slugs */
export const SUGGESTIONS_MAX = 3;
/** Slugs of one operation that are looked up for warnings. */
const CHECKED_SLUGS_MAX = 1_000;
/** Edits by which a suggested slug can differ, where no name is similar. */
const SLUG_EDITS_MAX = 3;

/** The types of entry whose slugs are arguments of queries. */
export type SlugNoun = 'actor' | 'topic' | 'source' | 'event' | 'collection';

/** An argument that names an entry which the record does not have. */
export interface UnknownSlug {
  readonly noun: SlugNoun;
  readonly slug: string;
  /** Its place in the arguments of its field. */
  readonly path: InputPath;
}

/** $1 ids. */
const slugsOf = (noun: SlugNoun) =>
  `SELECT slug FROM ${noun} JOIN unnest($1::int[]) WITH ORDINALITY AS x(id, i) USING (id) ORDER BY i`;

const similarSlugs = (noun: SlugNoun) => `SELECT slug FROM (
    SELECT slug, levenshtein_less_equal(slug, $1, ${SLUG_EDITS_MAX}) AS edits FROM ${noun}
    WHERE length(slug) BETWEEN length($1) - ${SLUG_EDITS_MAX} AND length($1) + ${SLUG_EDITS_MAX}) AS near
  WHERE edits <= ${SLUG_EDITS_MAX} ORDER BY edits, slug LIMIT ${SUGGESTIONS_MAX}`;

/** Slugs that a client may have meant by an unknown one, best first: those of entries with a similar name, or else similar slugs. */
export async function suggestSlugs(db: Readable, noun: SlugNoun, slug: string): Promise<string[]> {
  if (slug.length > SLUG_LENGTH_MAX) return [];
  const words = slug.split(/[\s\p{P}]+/u).slice(0, SEARCH_WORDS_MAX);
  const ids = noun === 'collection' ? [] : await searchNames(db, noun, words.join(' '));
  const rows =
    ids.length > 0
      ? await query<{ slug: string }>(db, slugsOf(noun), [ids.slice(0, SUGGESTIONS_MAX)])
      : await query<{ slug: string }>(db, similarSlugs(noun), [slug]);
  return rows.map((row) => row.slug);
}

/** Collects the slugs that an operation names, and finds those that the record does not have. */
export class UnknownSlugs {
  readonly #cache: SlugCache;
  readonly #loader: SlugLoader;
  /** Slugs that may be unknown, by noun, path and slug. */
  #pending: Map<string, UnknownSlug> | null = null;

  constructor(cache: SlugCache, loader: SlugLoader) {
    this.#cache = cache;
    this.#loader = loader;
  }

  /** Whether every slug so far is a cached one, so that there is nothing to look up. */
  get isEmpty(): boolean {
    return this.#pending === null;
  }

  /** Takes an argument. Cached slugs, which are known, cost a look-up in memory. */
  take(noun: SlugNoun, slug: string, path: InputPath): void {
    if (this.#cache.get(noun, slug) ?? (noun === 'topic' && this.#cache.get('subtree', slug))) return;
    this.#pending ??= new Map();
    if (this.#pending.size < CHECKED_SLUGS_MAX)
      this.#pending.set(`${noun} ${path.join('.')} ${slug}`, { noun, slug, path });
  }

  /**
   * The slugs that the record does not have, at most `WARNINGS_MAX`, and whether there are or may be more. One SQL statement for each
   * noun looks up those not cached.
   */
  async find(): Promise<{ readonly unknown: readonly UnknownSlug[]; readonly hasMore: boolean }> {
    const unknown: UnknownSlug[] = [];
    for (const [noun, taken] of groupBy([...(this.#pending?.values() ?? [])], (each) => each.noun)) {
      const possible = taken.filter(({ slug }) => isSlug(slug));
      const ids = await this.#loader.ids(
        noun,
        possible.map(({ slug }) => slug),
      );
      const known = new Set(possible.filter((_, i) => (ids[i]?.length ?? 0) > 0));
      unknown.push(...taken.filter((each) => !known.has(each)));
    }
    const hasMore = unknown.length > WARNINGS_MAX || this.#pending?.size === CHECKED_SLUGS_MAX;
    return { unknown: unknown.slice(0, WARNINGS_MAX), hasMore };
  }
}
