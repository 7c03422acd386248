import type { LogEntry, MatchableEntry, MatchableFacets } from '../../log/change.ts';
import type { Facets, SpanFacets } from '../../log/facets.ts';
import { query, type Readable } from '../sql.ts';

const PARENTS = 'SELECT id, parent_id AS "parentId" FROM topic WHERE parent_id IS NOT NULL';

/**
 * The tree of topics as it was at the last change that the hub has published. Each change is matched with it, so no
 * subscription has to be prepared again when a topic is added or moved.
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

  /** Sets the parent of the topic that a change is about, if it is about one. */
  apply({ topicId, subject }: LogEntry): void {
    // Before the tree is loaded, there is nothing to change: the load includes earlier changes.
    if (topicId !== null && subject && this.#loading) this.#parents.set(topicId, subject.parentId);
  }

  /** Clears the tree, because the record has another history. */
  clear(): void {
    this.#parents = new Map();
    this.#loading = undefined;
  }

  /** A change with the topics above those of its statement. */
  matchable(entry: LogEntry): MatchableEntry {
    const { facets } = entry;
    if (!facets) return { ...entry, facets };
    const { before, after } = facets;
    return {
      ...entry,
      facets: { before: before && this.withLineage(before), after: this.withLineage(after) },
    };
  }

  /** Facets with the topics above theirs. */
  withLineage(facets: Facets & SpanFacets): MatchableFacets {
    const lineage = new Set<number>();
    for (const { id } of facets.topics) {
      let topic: number | null | undefined = id;
      // The tree can briefly have a cycle, because it was read later than the change that is matched.
      while (topic != null && !lineage.has(topic)) {
        lineage.add(topic);
        topic = this.#parents.get(topic);
      }
    }
    return { ...facets, topicLineage: [...lineage] };
  }

  async #read(db: Readable, parents: Map<number, number | null>): Promise<void> {
    const rows = await query<{ id: number; parentId: number }>(db, PARENTS, []);
    for (const { id, parentId } of rows) if (!parents.has(id)) parents.set(id, parentId);
  }
}
