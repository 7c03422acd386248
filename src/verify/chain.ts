import { type ChainLink, chainDigest } from '../log/chain.ts';

/** A change that does not match the chain or the tables, and why. */
export interface Mismatch {
  /** Position of the change; null for a row that no change wrote. */
  readonly position: bigint | null;
  /** Why it does not match, as a sentence without a full stop. */
  readonly fault: string;
}

/** The end of a log, as its head says. */
interface ChainEnd {
  readonly position: bigint;
  /** In hexadecimal. */
  readonly digest: string;
}

/** Recomputes the chain of digests, page by page. */
export class ChainCheck {
  /** Number of checked changes, of those without a digest, and of those without a content digest. */
  readonly counts = { changes: 0, unchained: 0, withoutContent: 0 };
  readonly #genesis: string;
  readonly #expected: string | null;
  #position = 0n;
  #digest: string;
  /** Whether the last change is in the chain. */
  #isChained = true;
  #hasExpected: boolean;

  /** @param expected a digest in hexadecimal, or a prefix of one, that must be in the chain. */
  constructor(genesis: string, expected: string | null = null) {
    this.#genesis = genesis;
    this.#digest = genesis;
    this.#expected = expected;
    this.#hasExpected = expected === null || genesis.startsWith(expected);
  }

  /** The last checked change. */
  get position(): bigint {
    return this.#position;
  }

  /** Whether the expected digest is in the chain so far. */
  get hasExpected(): boolean {
    return this.#hasExpected;
  }

  /** Checks the next changes. Returns the first mismatch, or null. */
  take(links: readonly ChainLink[]): Mismatch | null {
    for (const link of links) {
      const position = this.#position + 1n;
      if (link.position !== String(position)) return { position, fault: 'it is not in the log' };
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
          fault: `its digest is ${link.digest}, and its fields (${subject}) give ${computed}`,
        };
      }
      this.#digest = computed;
      if (this.#expected !== null && computed.startsWith(this.#expected)) this.#hasExpected = true;
    }
    return null;
  }

  /** Checks that the log ends at its head. Returns a mismatch, or null. */
  end({ position, digest }: ChainEnd): Mismatch | null {
    if (this.#position < position) return { position: this.#position + 1n, fault: 'it is not in the log' };
    // A change without a digest is named by the genesis digest.
    if (this.#digest === digest || (!this.#isChained && digest === this.#genesis)) return null;
    return { position, fault: `the chain ends at ${this.#digest}, and the record says ${digest}` };
  }
}
