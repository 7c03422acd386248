import type { EntrySubject } from '../../log/change.ts';
import { groupBy } from '../group.ts';
import type { MaybePromise } from '../maybePromise.ts';
import { query, type Readable } from '../sql.ts';

/** What a slug is looked up as; `subtree` is a topic with everything below it. */
export type SlugKind = 'actor' | 'topic' | 'source' | 'event' | 'collection' | 'subtree';

/** Cached slugs, and cached subtrees. A full cache is cleared. */
const SLUGS_LENGTH_MAX = 100_000;

/**
 * Cached ids of slugs. A slug always names the same thing. So only subtrees of topics are evicted, when the tree changes there, and slugs
 * of merged actors.
 */
export class SlugCache {
  readonly #ids = new Map<string, readonly number[]>();
  readonly #subtrees = new Map<string, readonly number[]>();
  #version = 0;
  hits = 0;
  misses = 0;

  /** Incremented with every change of a topic and every merge. What was read before a change must not be cached after it. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#ids.size + this.#subtrees.size;
  }

  get(kind: SlugKind, slug: string): readonly number[] | undefined {
    const ids = kind === 'subtree' ? this.#subtrees.get(slug) : this.#ids.get(`${kind} ${slug}`);
    if (ids) this.hits += 1;
    else this.misses += 1;
    return ids;
  }

  /** Caches ids that were read at this version. */
  put(kind: SlugKind, slug: string, ids: readonly number[], version: number): void {
    if (version !== this.#version) return;
    const [cache, key] = kind === 'subtree' ? [this.#subtrees, slug] : [this.#ids, `${kind} ${slug}`];
    if (cache.size >= SLUGS_LENGTH_MAX) cache.clear();
    cache.set(key, ids);
  }

  /** Evicts the subtrees that a topic has entered or left: its own, and those that contain its parent. */
  evictSubtrees(id: number, { slug: own, parentId }: EntrySubject): void {
    this.#version += 1;
    for (const [slug, ids] of this.#subtrees) {
      const belongs = slug === own || (parentId !== null && ids.includes(parentId));
      if (belongs !== ids.includes(id)) this.#subtrees.delete(slug);
    }
  }

  /** Evicts slugs that lead to another actor now. */
  evictActors(slugs: readonly string[]): void {
    this.#version += 1;
    for (const slug of slugs) this.#ids.delete(`actor ${slug}`);
  }

  clear(): void {
    this.#version += 1;
    this.#ids.clear();
    this.#subtrees.clear();
  }
}

const SUBTREES = `WITH RECURSIVE subtree AS (
    SELECT slug, id FROM topic WHERE slug = ANY ($1::text[])
    UNION SELECT subtree.slug, topic.id FROM topic JOIN subtree ON topic.parent_id = subtree.id)
  SELECT slug, id FROM subtree`;

/** The actors of slugs. The slug of one that was merged leads to the other one, through any number of merges. */
const ACTORS = `WITH RECURSIVE chain AS (
    SELECT slug, id, merged_into_id FROM actor WHERE slug = ANY ($1::text[])
    UNION SELECT chain.slug, actor.id, actor.merged_into_id FROM chain JOIN actor ON actor.id = chain.merged_into_id)
  SELECT slug, id FROM chain WHERE merged_into_id IS NULL`;

function slugsSql(kind: SlugKind): string {
  if (kind === 'subtree') return SUBTREES;
  return kind === 'actor' ? ACTORS : `SELECT slug, id FROM ${kind} WHERE slug = ANY ($1::text[])`;
}

/** The ids of each slug, with one SQL statement: none for a slug that the record does not have. */
export async function readSlugs(db: Readable, kind: SlugKind, slugs: readonly string[]): Promise<number[][]> {
  const text = slugsSql(kind);
  const rows = await query<{ slug: string; id: number }>(db, text, [slugs]);
  const bySlug = groupBy(rows, (row) => row.slug);
  return slugs.map((slug) => (bySlug.get(slug) ?? []).map(({ id }) => id));
}

/** Looks up slugs for one operation: from the cache if it has all of them, or else with one SQL statement. */
export class SlugLoader {
  readonly #db: Readable;
  readonly #cache: SlugCache;

  constructor(db: Readable, cache: SlugCache) {
    this.#db = db;
    this.#cache = cache;
  }

  /** The ids of each slug; none for one that the record does not have. */
  ids(kind: SlugKind, slugs: readonly string[]): MaybePromise<readonly (readonly number[])[]> {
    const known = slugs.map((slug) => this.#cache.get(kind, slug));
    return known.every((ids) => ids !== undefined) ? known : this.#read(kind, slugs);
  }

  async #read(kind: SlugKind, slugs: readonly string[]): Promise<readonly (readonly number[])[]> {
    const { version } = this.#cache;
    const found = await readSlugs(this.#db, kind, slugs);
    for (const [i, slug] of slugs.entries()) {
      const ids = found[i] ?? [];
      // Unknown slugs are not cached, because clients can invent any number of them.
      if (ids.length > 0) this.#cache.put(kind, slug, ids, version);
    }
    return found;
  }
}
