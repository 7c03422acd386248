import type { Database } from '../../db/client.ts';
import type { Cancellation } from '../../db/pool/cancellation.ts';
import type { Rendering } from '../../log/hub/delivery.ts';
import { Loaders } from '../../read/loading/loaders.ts';
import type { Catalog } from '../../read/memory/catalog.ts';
import { MatchLoaders } from '../../read/statements/matchLoaders.ts';

/** Reads and renderings that the feeds share for one batch of changes. */
export interface Batch {
  /**
   * The loaders for an answer key. Null gives the loaders of all answers without variables. With variables, the same field
   * can have other arguments, so each answer key has separate loaders.
   */
  readonly loadFor: (answerKey: string | null) => Loaders;
  readonly match: MatchLoaders;
  /** By answer key and cursor of the change. */
  readonly renderings: Map<string, Promise<Rendering>>;
}

/** @param meter measures the SQL of searches. */
export function newBatch(db: Database, catalog: Catalog, meter: () => Cancellation): Batch {
  const loaders = new Map<string | null, Loaders>();
  const loadFor = (answerKey: string | null): Loaders => {
    const known = loaders.get(answerKey);
    if (known) return known;
    const made = new Loaders(db, catalog);
    loaders.set(answerKey, made);
    return made;
  };
  return { loadFor, match: new MatchLoaders(db, catalog, meter), renderings: new Map() };
}
