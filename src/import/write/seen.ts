import type { EntryKind } from '../item.ts';

const BITS = 32;
const WORDS_MIN = 1_024;

/** The entries that an import has, by their ids: a bit each. */
export class SeenEntries {
  readonly #bits = new Map<EntryKind, Uint32Array>();

  add(kind: EntryKind, id: number): void {
    if (!Number.isSafeInteger(id)) return; // not written, in a dry run
    const word = Math.floor(id / BITS);
    let bits = this.#bits.get(kind) ?? new Uint32Array(WORDS_MIN);
    if (word >= bits.length) {
      const grown = new Uint32Array(Math.max(2 * bits.length, word + 1));
      grown.set(bits);
      bits = grown;
    }
    bits[word] = (bits[word] ?? 0) | (1 << (id % BITS));
    this.#bits.set(kind, bits);
  }

  has(kind: EntryKind, id: number): boolean {
    const word = this.#bits.get(kind)?.[Math.floor(id / BITS)] ?? 0;
    return (word & (1 << (id % BITS))) !== 0;
  }
}
