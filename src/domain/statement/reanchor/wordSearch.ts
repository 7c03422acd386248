import { ReadoutError } from '../../../base/errors.ts';
import { sha256 } from '../../anchor.ts';
import type { IndexedText } from './indexedText.ts';

/**
 * Code points that one re-anchoring hashes to find spans whose words are not known. Each window of a length counts as its length, at
 * least 256. Beyond it, the words have to be given. @limit code points
 */
export const REANCHOR_HASHED_CODE_POINTS_MAX = 500_000_000;
/** Below this length, the overhead of a hash is its whole cost. */
const WINDOW_LENGTH_MIN = 256;
/** Windows of one step of `inSteps`. */
const WINDOWS_PER_STEP = 1_000;
/** A span of a former text whose words are known only by their digest. */
interface DigestedSpan {
  readonly start: number;
  readonly end: number;
  readonly digest: string;
}

/** Finds spans whose words are not known, by their digests. */
export class WordSearch {
  readonly #text: IndexedText;
  readonly #words: Map<string, string>;
  #hashed = 0;

  /** @param words the words that are known, by their digests. `find` adds those that it finds. */
  constructor(text: IndexedText, words: Map<string, string>) {
    this.#text = text;
    this.#words = words;
  }

  /**
   * Finds the words of spans. One correction moves all spans after it by the same distance. So a span is looked for at the distances of
   * others first, and only then in every window of its length. Run it with `inSteps`.
   * @param shift how much longer the new text is.
   * @throws ReadoutError LIMIT_EXCEEDED
   */
  *find(spans: readonly DigestedSpan[], shift: number): Generator<void, void> {
    let shifts = [0, shift];
    let pending = spans;
    while (pending.length > 0) {
      pending = pending.filter((span) => !shifts.some((distance) => this.#isShifted(span, distance)));
      const [first] = pending;
      if (!first) return;
      const length = first.end - first.start;
      const wanted = pending.filter(({ start, end }) => end - start === length);
      shifts = yield* this.#scan(wanted, length);
      pending = pending.filter(({ start, end }) => end - start !== length);
    }
  }

  #isShifted({ start, end, digest }: DigestedSpan, shift: number): boolean {
    const words = this.#words.has(digest) ? null : this.#text.slice(start + shift, end + shift);
    if (words !== null && sha256(words) === digest) this.#words.set(digest, words);
    return this.#words.has(digest);
  }

  /** Hashes every window of a length. @returns the distances by which spans have moved. */
  *#scan(spans: readonly DigestedSpan[], length: number): Generator<void, number[]> {
    const windows = Math.max(0, this.#text.length - length + 1);
    this.#hashed += windows * Math.max(length, WINDOW_LENGTH_MIN);
    if (this.#hashed > REANCHOR_HASHED_CODE_POINTS_MAX) {
      throw new ReadoutError(
        'LIMIT_EXCEEDED',
        `The words of too many anchors are not known and would have to be found by their digests. Save the source with its former text ` +
          'first, or give the anchors their words as exact.',
        ['input', 'text'],
        { limit: 'REANCHOR_HASHED_CODE_POINTS_MAX', max: REANCHOR_HASHED_CODE_POINTS_MAX },
      );
    }
    const wanted = new Map(spans.map((span) => [span.digest, span.start]));
    const shifts: number[] = [];
    for (let start = 0; start < windows && wanted.size > 0; start += 1) {
      if (start % WINDOWS_PER_STEP === 0) yield;
      const words = this.#text.slice(start, start + length) as string;
      const digest = sha256(words);
      const former = wanted.get(digest);
      if (former === undefined) continue;
      this.#words.set(digest, words);
      wanted.delete(digest);
      shifts.push(start - former);
    }
    return shifts;
  }
}
