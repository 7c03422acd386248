/** Rows of one cache. A full cache is cleared. */
const ROWS_LENGTH_MAX = 100_000;

/** Cached rows of one table by id. A row is evicted when the log says that it has changed. */
export class RowCache<Row extends { readonly id: number }> {
  readonly #rows = new Map<number, Row>();
  #version = 0;
  hits = 0;
  misses = 0;

  /** Incremented with every change. A row that was read before a change must not be cached after it. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: number): Row | undefined {
    const row = this.#rows.get(id);
    if (row) this.hits += 1;
    else this.misses += 1;
    return row;
  }

  /** Caches rows that were read at this version; ignores them if the cache has another version by now. */
  put(rows: readonly Row[], version: number): void {
    if (version !== this.#version) return;
    if (this.#rows.size + rows.length > ROWS_LENGTH_MAX) this.#rows.clear();
    for (const row of rows) this.#rows.set(row.id, row);
  }

  async fill(read: () => Promise<Row[]>): Promise<void> {
    const version = this.#version;
    this.put(await read(), version);
  }

  evict(id: number): void {
    this.#version += 1;
    this.#rows.delete(id);
  }

  clear(): void {
    this.#version += 1;
    this.#rows.clear();
  }
}
