import { query, type Readable } from '../sql.ts';

const PARENTS = 'SELECT id, parent_id AS "parentId" FROM topic WHERE parent_id IS NOT NULL';

/**
 * The tree of topics, kept up to date from the log. Filters consult it for each change, so no subscription has to be prepared
 * again when a topic is added or moved.
 */
export class TopicTree {
  /** Parents by id; null for a topic that the log has made a root. */
  #parents = new Map<number, number | null>();
  #loading: Promise<void> | undefined;

  /** Reads the tree, once. Changes from the log in the meantime take precedence. */
  load(db: Readable): Promise<void> {
    if (this.#loading) return this.#loading;
    const loading = this.#read(db, this.#parents).catch((error: unknown) => {
      if (this.#loading === loading) this.clear();
      throw error;
    });
    this.#loading = loading;
    return loading;
  }

  /** Sets the parent of a topic as the log shows it. */
  apply(id: number, parentId: number | null): void {
    if (this.#loading) this.#parents.set(id, parentId); // later reads include earlier changes
  }

  /** Clears the tree, because the record has another history. */
  clear(): void {
    this.#parents = new Map();
    this.#loading = undefined;
  }

  /** The topic and all above it, upwards. */
  lineage(id: number): number[] {
    const lineage = new Set([id]); // entries are read at different moments, so the tree can briefly have a cycle
    let above = this.#parents.get(id);
    while (above != null && !lineage.has(above)) {
      lineage.add(above);
      above = this.#parents.get(above);
    }
    return [...lineage];
  }

  /** Whether the topic is one of these or lies below one. */
  isBelow(id: number, ids: ReadonlySet<number>): boolean {
    let topic: number | null | undefined = id;
    for (let steps = 0; topic != null && steps <= this.#parents.size; steps += 1) {
      if (ids.has(topic)) return true;
      topic = this.#parents.get(topic);
    }
    return false;
  }

  async #read(db: Readable, parents: Map<number, number | null>): Promise<void> {
    const rows = await query<{ id: number; parentId: number }>(db, PARENTS, []);
    for (const { id, parentId } of rows) if (!parents.has(id)) parents.set(id, parentId);
  }
}
