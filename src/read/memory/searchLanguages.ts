import { query, type Readable } from '../sql.ts';

/** One probe of an index for each language, however many statements and sources there are. */
const languagesOf = (noun: string, condition: string): string => `
  WITH RECURSIVE used (language) AS (
    SELECT min(search_language(language)) FROM ${noun} WHERE search_language(language) IS NOT NULL AND ${condition}
    UNION ALL
    SELECT (SELECT min(search_language(t.language)) FROM ${noun} t WHERE search_language(t.language) > used.language AND ${condition})
    FROM used WHERE used.language IS NOT NULL)
  SELECT language FROM used WHERE language IS NOT NULL`;
const LANGUAGES = `(${languagesOf('statement', 'true')}) UNION (${languagesOf('source', 'text IS NOT NULL')}) ORDER BY 1`;

/** Language tags that are remembered. Without a bound, a recorder of invented tags could fill the memory. */
const TAGS_MAX = 1_000;

/**
 * The languages beside English that the record's statements and kept texts use, as PostgreSQL names their stemmers. A search is made for
 * each of them. There are never more than PostgreSQL has stemmers. The log shows when there may be one more.
 */
export class SearchLanguages {
  readonly #tags = new Set<string>();
  #loading: Promise<readonly string[]> | undefined;

  /** The languages; read once, and again after a statement with a new language tag. */
  load(db: Readable): Promise<readonly string[]> {
    if (this.#loading) return this.#loading;
    const loading = this.#read(db).catch((error: unknown) => {
      if (this.#loading === loading) this.#loading = undefined;
      throw error;
    });
    this.#loading = loading;
    return loading;
  }

  /** The languages are read again: a source was saved, which may have a text in a new one. */
  applySource(): void {
    this.#loading = undefined;
  }

  /** Takes the language tag of a statement from the log. */
  apply(tag: string): void {
    if (this.#tags.has(tag)) return;
    if (this.#tags.size >= TAGS_MAX) this.#tags.clear();
    this.#tags.add(tag);
    this.#loading = undefined;
  }

  /** Clears everything, because the record has another history. */
  clear(): void {
    this.#tags.clear();
    this.#loading = undefined;
  }

  async #read(db: Readable): Promise<readonly string[]> {
    const rows = await query<{ language: string }>(db, LANGUAGES, [], 'each run');
    return rows.map(({ language }) => language);
  }
}
