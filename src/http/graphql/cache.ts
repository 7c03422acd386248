import { createHash } from 'node:crypto';
import type { Cursor } from '../../log/cursor.ts';

/** The answer to a query, as bytes. */
export interface CachedAnswer {
  /** The head before the answer was read. The answer contains every change up to it. */
  readonly head: Cursor;
  readonly contentType: string;
  readonly body: Buffer;
  /** The cost of the answer. A client that gets it from the cache pays the same. */
  readonly points: number;
}

interface CacheEntry {
  readonly answer: CachedAnswer;
  /** Whether it was used since the last eviction pass. */
  used: boolean;
}

interface Flight {
  readonly head: Cursor;
  /** Set to null at the end, because a Map can reference deleted values until it is resized. */
  answer: Promise<CachedAnswer | null> | null;
}

const isSame = (a: Cursor, b: Cursor): boolean => a.position === b.position && a.digest === b.digest;

/**
 * Answers to queries, as bytes. An answer is valid while the head is the one before it was read, so
 * that nothing needs to be invalidated. The key is the complete request, letter by letter.
 *
 * Eviction is CLOCK (second chance): an entry that was used since the last pass is skipped once. Concurrent requests with the
 * same key share one execution (single flight).
 */
export class ResponseCache {
  readonly #bytesMax: number;
  readonly #head: () => Cursor;
  /** Answers at the current head, in the order of eviction. */
  readonly #answers = new Map<string, CacheEntry>();
  readonly #flights = new Map<string, Flight>();
  #bytes = 0;

  /**
   * @param bytesMax of keys and bodies together; 0 for no cache.
   * @param head of the log, as this process has read it.
   */
  constructor(bytesMax: number, head: () => Cursor) {
    this.#bytesMax = bytesMax;
    this.#head = head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The answer at the current head, from the cache or from an execution that is running; null where there is neither. */
  find(key: string): CachedAnswer | Promise<CachedAnswer | null> | null {
    const head = this.#head();
    const entry = this.#answers.get(key);
    if (entry && isSame(entry.answer.head, head)) {
      entry.used = true;
      return entry.answer;
    }
    const flight = this.#flights.get(key);
    return flight && isSame(flight.head, head) ? flight.answer : null;
  }

  /** Shares a running execution with concurrent requests, and caches its answer unless that is null. */
  make(key: string, answer: Promise<CachedAnswer | null>): void {
    const flight: Flight = { head: this.#head(), answer };
    this.#flights.set(key, flight);
    const over = (made: CachedAnswer | null): void => {
      flight.answer = null;
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
      if (made) this.#add(key, made);
    };
    answer.then(over, () => over(null)); // the request that started the execution gets the error
  }

  #add(key: string, answer: CachedAnswer): void {
    if (!isSame(answer.head, this.#head()) || bytesOf(key, answer) > this.#bytesMax) return;
    const [entry] = this.#answers.values();
    if (entry && !isSame(entry.answer.head, answer.head)) {
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
    const [key, entry] = first;
    if (!entry.used) {
      this.#drop(key);
      return;
    }
    entry.used = false;
    this.#answers.delete(key);
    this.#answers.set(key, entry);
  }

  #drop(key: string): void {
    const entry = this.#answers.get(key);
    if (!entry) return;
    this.#answers.delete(key);
    this.#bytes -= bytesOf(key, entry.answer);
  }
}

function bytesOf(key: string, { body }: CachedAnswer): number {
  return key.length + body.length;
}

/** The entity tag of an answer. The same request at the same head has the same bytes. */
export function etagOf(key: string, head: Cursor): string {
  const digest = createHash('sha256').update(`${head.position} ${head.digest}\n${key}`).digest('base64url');
  return `"${digest}"`;
}
