import { type ChainLink, chainDigest } from '../log/chain.ts';

/** A change that does not fit, and what does not. */
export interface Misfit {
  /** Null for what was written by no change. */
  readonly position: bigint | null;
  readonly what: string;
}

/** Where a log says that it ends. */
export interface ChainEnd {
  readonly position: bigint;
  /** In hexadecimal. */
  readonly digest: string;
}

/** Computes the chain of digests again, page by page. */
export class ChainCheck {
  /** Changes that were looked at; of these, those that are not in the chain, and those whose content has no digest. */
  readonly counts = { changes: 0, unchained: 0, withoutContent: 0 };
  readonly #genesis: string;
  readonly #expected: string | null;
  #position = 0n;
  #digest: string;
  /** Whether the last change is in the chain. */
  #isChained = true;
  #hasExpected: boolean;

  /** @param expected a digest in hexadecimal, or its beginning, that must be in the chain. */
  constructor(genesis: string, expected: string | null = null) {
    this.#genesis = genesis;
    this.#digest = genesis;
    this.#expected = expected;
    this.#hasExpected = expected === null || genesis.startsWith(expected);
  }

  /** The last change that was looked at. */
  get position(): bigint {
    return this.#position;
  }

  /** Whether the digest that was expected is in the chain so far. */
  get hasExpected(): boolean {
    return this.#hasExpected;
  }

  /** Looks at the next changes; the first that does not fit, or null. */
  take(links: readonly ChainLink[]): Misfit | null {
    for (const link of links) {
      const position = this.#position + 1n;
      if (link.position !== String(position)) return { position, what: 'it is not in the log' };
      this.#position = position;
      this.counts.changes += 1;
      if (link.contentDigest === null) this.counts.withoutContent += 1;
      this.#isChained = link.digest !== null;
      if (link.digest === null) {
        this.counts.unchained += 1;
        continue;
      }
      const computed = chainDigest(this.#digest, link);
      if (computed !== link.digest) {
        const subject = `${link.kind} ${link.slug}, ${link.at}, by ${link.by}`;
        return {
          position,
          what: `its digest is ${link.digest}, and what it says (${subject}) gives ${computed}`,
        };
      }
      this.#digest = computed;
      if (this.#expected !== null && computed.startsWith(this.#expected)) this.#hasExpected = true;
    }
    return null;
  }

  /** Whether the log ends where it says; what does not fit, or null. */
  end({ position, digest }: ChainEnd): Misfit | null {
    if (this.#position < position) return { position: this.#position + 1n, what: 'it is not in the log' };
    // A change that has no digest goes by the one that the chain begins at.
    if (this.#digest === digest || (!this.#isChained && digest === this.#genesis)) return null;
    return { position, what: `the chain ends at ${this.#digest}, and the record says ${digest}` };
  }
}
