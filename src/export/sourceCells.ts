import { LRUCache } from 'lru-cache';
import { SOURCE_CONTENT } from '../domain/source.ts';
import type { EntryFields } from '../import/cells.ts';
import type { RecordSnapshot } from './snapshot.ts';

/** Statements of one source usually follow one another. */
const SOURCES_MAX = 1_000;

/** $1 slugs. */
const READ_SOURCES = `
  SELECT t.slug, json_strip_nulls(${SOURCE_CONTENT})::jsonb - 'text' AS content FROM source t WHERE t.slug = ANY ($1::text[])`;

/** Sources without their texts, each read once for consecutive statements. */
export class SourceCells {
  readonly #snapshot: RecordSnapshot;
  readonly #cache = new LRUCache<string, EntryFields>({ max: SOURCES_MAX });

  constructor(snapshot: RecordSnapshot) {
    this.#snapshot = snapshot;
  }

  /** Sources by slug. */
  async of(slugs: readonly string[]): Promise<ReadonlyMap<string, EntryFields>> {
    const found = new Map<string, EntryFields>();
    const missing = new Set<string>();
    for (const slug of slugs) {
      const known = this.#cache.get(slug);
      if (known) found.set(slug, known);
      else missing.add(slug);
    }
    if (missing.size === 0) return found;
    const rows = await this.#snapshot.query<{ slug: string; content: EntryFields }>(
      READ_SOURCES,
      [[...missing]],
      'export sources',
    );
    for (const { slug, content } of rows) {
      this.#cache.set(slug, content);
      found.set(slug, content);
    }
    return found;
  }
}
