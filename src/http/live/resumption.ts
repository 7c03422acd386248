import { ReadoutError } from '../../base/errors.ts';
import {
  type Cursor,
  epochOf,
  formatCursor,
  type GivenCursor,
  names,
  otherHistory,
  parseCursor,
} from '../../log/cursor.ts';
import type { Tailer } from '../../log/tailer.ts';

/**
 * How long a subscription waits until this process has seen its cursor (`after`). Beyond it UNAVAILABLE, or
 * POSITION_AHEAD if the record has no such change.
 * @limit ms
 */
export const AHEAD_WAIT_MS = 2_000;

export interface ResumptionOptions {
  readonly tailer: Tailer;
  /** The digest in the database of the change at a position; null where the record has no such change. */
  readonly readDigest: (position: bigint) => Promise<string | null>;
}

/** Finds the change that a subscription resumes after. */
export class Resumption {
  readonly #options: ResumptionOptions;

  constructor(options: ResumptionOptions) {
    this.#options = options;
  }

  /**
   * The change that a cursor names, checked against the database. After a restore from a backup, the record may lack this
   * change or have another one at its position.
   * @param after a cursor or position; null for the present.
   * @throws ReadoutError RESYNC, POSITION_AHEAD; UNAVAILABLE where the database is ahead of this process.
   */
  async start(after: string | null): Promise<Cursor | null> {
    if (after === null) return null;
    const { tailer, readDigest } = this.#options;
    const given = parseCursor(after, ['after']);
    if (given.digest !== null && names(given, tailer.head)) return tailer.head;
    if (given.digest === null && given.position === 0n) return { position: 0n, digest: tailer.head.genesis };
    const isReached = await tailer.reached(given.position, AHEAD_WAIT_MS);
    const digest = await readDigest(given.position);
    if (digest === null) throw this.#ahead(given, after);
    const found = { position: given.position, digest };
    if (!names(given, found)) throw otherHistory(after, ['after'], { epoch: epochOf(tailer.head) });
    if (isReached) return found;
    throw new ReadoutError(
      'UNAVAILABLE',
      `This process has not reached ${after} yet; it is at ${formatCursor(tailer.head)}. Try again shortly.`,
      ['after'],
      { position: String(tailer.head.position) },
    );
  }

  /** The error for a position after the last change of the record. */
  #ahead({ digest }: GivenCursor, after: string): ReadoutError {
    const { head } = this.#options.tailer;
    if (digest !== null) return otherHistory(after, ['after'], { epoch: epochOf(head) });
    return new ReadoutError(
      'POSITION_AHEAD',
      `The position ${after} is ahead of the record, which is at ${head.position}. Take a cursor from this record.`,
      ['after'],
      { position: String(head.position) },
    );
  }
}
