import type { Place } from '../item.ts';

/** Different pairs of words and actor that the report of an import names as found by name or office. Further ones are counted. @limit items */
export const FOUND_ACTORS_MAX = 10_000;

/** By what an actor was found: its exact name, or an office that it held. Another person can have the same name or office. */
export type FindingRule = 'name' | 'office';

/** An actor that an import has found by words alone, without an identifier, a slug or a map. */
export interface FoundActor extends Place {
  /** The name of an actor of a file, or a mention of a speaker. */
  readonly mention: string;
  /** Its slug in the record. */
  readonly actor: string;
  readonly rule: FindingRule;
  /** How often it was found. */
  readonly count: number;
}

/** The actors that an import has found by words alone. */
export interface FoundActors {
  readonly actors: readonly FoundActor[];
  /** Occurrences of further ones, which are not named. */
  readonly further: number;
}

/** Counts the actors that an import finds by words alone. */
export class FoundActorCounts {
  readonly #counted = new Map<string, FoundActor>();
  #further = 0;

  add(mention: string, actor: string, rule: FindingRule, { file, line }: Place): void {
    const key = JSON.stringify([mention, actor, rule]);
    const known = this.#counted.get(key);
    if (known) this.#counted.set(key, { ...known, count: known.count + 1 });
    else if (this.#counted.size === FOUND_ACTORS_MAX) this.#further += 1;
    else this.#counted.set(key, { mention, actor, rule, count: 1, file, line });
  }

  /** In the order of the import. */
  get found(): FoundActors {
    return { actors: [...this.#counted.values()], further: this.#further };
  }
}
