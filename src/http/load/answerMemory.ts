import { ReadoutError } from '../../base/errors.ts';
import type { Holding } from './memory.ts';

/** Texts of sources (`Source.text`) in one answer. @limit bytes */
export const ANSWER_TEXT_BYTES_MAX = 8 * 1_048_576;
/** Texts of sources in one delivery to a subscriber. Read longer texts with a query. @limit bytes */
export const DELIVERED_TEXT_BYTES_MAX = 65_536;
/** While an answer is made, its texts are in memory as rows, as JSON and as bytes, and some of these are garbage already. */
const COPIES = 2;

/** Counts the bytes of the source texts that an operation reads. */
export class AnswerMemory {
  readonly #bytesMax: number;
  readonly #holding: Holding | null;
  #bytes = 0;

  /** @param holding grows by the bytes of their copies; null where they do not count for a client. */
  constructor(bytesMax: number, holding: Holding | null) {
    this.#bytesMax = bytesMax;
    this.#holding = holding;
  }

  /** @throws ReadoutError LIMIT_EXCEEDED where one answer or the address has too many bytes. */
  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#bytesMax) {
      throw new ReadoutError(
        'LIMIT_EXCEEDED',
        `The texts of sources in one answer may have at most ${this.#bytesMax} bytes. Read them in several queries.`,
        undefined,
        { limit: 'ANSWER_TEXT_BYTES_MAX', max: this.#bytesMax },
      );
    }
    this.#holding?.grow(COPIES * bytes);
  }
}
