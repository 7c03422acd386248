import type { Omitted, Place } from '../item.ts';

/** Counts what a reader leaves out of the entries that it takes. */
export class Omissions {
  readonly #counted = new Map<string, { readonly place: Place; count: number }>();

  /** @param what in the plural: “portraits”. */
  add(what: string, place: Place, count = 1): void {
    if (count <= 0) return;
    const counted = this.#counted.get(what);
    if (counted) counted.count += count;
    else this.#counted.set(what, { place, count });
  }

  /** One item for each kind of omission, in the order in which they were found. */
  *items(): Generator<Omitted> {
    for (const [what, { place, count }] of this.#counted) yield { kind: 'omitted', place, what, count };
  }
}
