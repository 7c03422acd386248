import { createHash } from 'node:crypto';
import type { Cursor } from '../../log/cursor.ts';

/** The answer to a query, as bytes. */
export interface CachedAnswer {
  /** Where the record stood before the answer was read: it holds everything up to there. */
  readonly head: Cursor;
  readonly contentType: string;
  readonly body: Buffer;
  /** What it cost, in points. A client that gets it from the cache pays the same. */
  readonly points: number;
}

interface Kept {
  readonly answer: CachedAnswer;
  /** Whether it was used since the last eviction pass. */
  used: boolean;
}

interface Flight {
  readonly head: Cursor;
  /** Null when it is over: a map that has been grown or shrunk can keep what it held alive for long. */
  answer: Promise<CachedAnswer | null> | null;
}

const isSame = (a: Cursor, b: Cursor): boolean => a.position === b.position && a.digest === b.digest;

/**
 * Answers to queries of anonymous readers, for as long as the record stands where it stood. A key is the whole question:
 * whatever the answer depends on, letter by letter.
 */
export class ResponseCache {
  readonly #bytesMax: number;
  readonly #head: () => Cursor;
  /** Answers at the current head, in order of eviction. An answer that was used since the last pass is skipped once. */
  readonly #answers = new Map<string, Kept>();
  readonly #flights = new Map<string, Flight>();
  #bytes = 0;

  /**
   * @param bytesMax of keys and bodies together; 0 for no cache.
   * @param head where this process stands now.
   */
  constructor(bytesMax: number, head: () => Cursor) {
    this.#bytesMax = bytesMax;
    this.#head = head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The answer at the present position: a kept one, or one that is being made; null where it must be made. */
  find(key: string): CachedAnswer | Promise<CachedAnswer | null> | null {
    const head = this.#head();
    const kept = this.#answers.get(key);
    if (kept && isSame(kept.answer.head, head)) {
      kept.used = true;
      return kept.answer;
    }
    const flight = this.#flights.get(key);
    return flight && isSame(flight.head, head) ? flight.answer : null;
  }

  /** Lets those who ask the same meanwhile wait for an answer, and keeps it; null where it can't be given again. */
  make(key: string, answer: Promise<CachedAnswer | null>): void {
    const flight: Flight = { head: this.#head(), answer };
    this.#flights.set(key, flight);
    const over = (made: CachedAnswer | null): void => {
      flight.answer = null;
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
      if (made) this.#keep(key, made);
    };
    answer.then(over, () => over(null)); // who makes it is told why it failed
  }

  #keep(key: string, answer: CachedAnswer): void {
    if (!isSame(answer.head, this.#head()) || bytesOf(key, answer) > this.#bytesMax) return;
    const [kept] = this.#answers.values();
    if (kept && !isSame(kept.answer.head, answer.head)) {
      this.#answers.clear();
      this.#bytes = 0;
    }
    this.#drop(key);
    this.#answers.set(key, { answer, used: false });
    this.#bytes += bytesOf(key, answer);
    while (this.#bytes > this.#bytesMax) this.#makeRoom();
  }

  #makeRoom(): void {
    const [first] = this.#answers;
    if (!first) return;
    const [key, kept] = first;
    if (!kept.used) {
      this.#drop(key);
      return;
    }
    kept.used = false;
    this.#answers.delete(key);
    this.#answers.set(key, kept);
  }

  #drop(key: string): void {
    const kept = this.#answers.get(key);
    if (!kept) return;
    this.#answers.delete(key);
    this.#bytes -= bytesOf(key, kept.answer);
  }
}

function bytesOf(key: string, { body }: CachedAnswer): number {
  return key.length + body.length;
}

/** Names an answer for caches on the way: the same question at the same position has the same bytes. */
export function etagOf(key: string, head: Cursor): string {
  const digest = createHash('sha256').update(`${head.position} ${head.digest}\n${key}`).digest('base64url');
  return `"${digest}"`;
}
