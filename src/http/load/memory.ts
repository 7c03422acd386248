import { ReadoutError } from '../../base/errors.ts';
import type { Limits } from '../../config/limits.ts';
import type { Client } from '../client/address.ts';
import { unavailable } from './load.ts';

/** What a request and its response take beside body and answer. */
export const REQUEST_BYTES = 4_096;
const RETRY_AFTER_SECONDS = 5;

type MemoryLimits = Pick<Limits, 'MEMORY_PER_ADDRESS_BYTES_MAX' | 'MEMORY_BYTES_MAX'>;

/** Closes the holder of the memory, such as a socket. */
type End = () => void;

/** The memory of one address. */
interface Share {
  readonly key: string;
  /** Whether only the limit of the process counts. */
  readonly exempt: boolean;
  bytes: number;
  /** The `End` of each holding that has one; null before the first. */
  ends: Map<Holding, End> | null;
  /** Memory that several holdings of the address share, by key; null before the first. */
  common: Map<string, { readonly bytes: number; users: number }> | null;
  /** Whether it was evicted to make room for others. Its bytes no longer count. */
  evicted: boolean;
}

/**
 * Bytes that the process keeps for its clients: bodies, open subscriptions, unread answers. They are counted by address and for
 * the process. When the process reaches its limit, the address that holds the most is evicted.
 */
export class MemoryBudget {
  readonly #limits: MemoryLimits;
  readonly #shares = new Map<string, Share>();
  #bytes = 0;

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
  }

  /** Bytes held for all clients. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes held for one address. */
  bytesOf(key: string): number {
    return this.#shares.get(key)?.bytes ?? 0;
  }

  /**
   * Holds bytes for a client until they are released.
   * @param end called when the holding is evicted.
   * @throws ReadoutError LIMIT_EXCEEDED where the address holds too much, UNAVAILABLE where the process does.
   */
  hold({ key, exempt }: Client, bytes: number, end?: End): Holding {
    const share = this.#shares.get(key) ?? newShare(key, exempt);
    this.take(share, bytes);
    this.#shares.set(key, share);
    const holding = new Holding(this, share, bytes);
    if (end) holding.endBy(end);
    return holding;
  }

  /** Changes the bytes of a share. Only for `Holding`. */
  take(share: Share, bytes: number): void {
    if (share.evicted) {
      if (bytes > 0)
        throw unavailable('The service needs the memory of this request for others. Try again shortly.');
      return;
    }
    if (bytes > 0) this.#makeRoom(share, bytes);
    share.bytes += bytes;
    this.#bytes += bytes;
    if (share.bytes === 0) this.#shares.delete(share.key);
  }

  #makeRoom(share: Share, bytes: number): void {
    const { MEMORY_PER_ADDRESS_BYTES_MAX: max, MEMORY_BYTES_MAX } = this.#limits;
    if (share.bytes + bytes > max && !share.exempt) {
      const message = `The service keeps at most ${max} bytes for an address: bodies, subscriptions and unread answers. Read the answers, or ask for less at the same time.`;
      const details = { limit: 'MEMORY_PER_ADDRESS_BYTES_MAX', max, retryAfterSeconds: RETRY_AFTER_SECONDS };
      throw new ReadoutError('LIMIT_EXCEEDED', message, undefined, details);
    }
    while (this.#bytes + bytes > MEMORY_BYTES_MAX) {
      const largest = this.#largest();
      if (!largest || largest.bytes <= share.bytes + bytes) {
        throw unavailable('The service has no memory left for this. Try again shortly.');
      }
      this.#evict(largest);
    }
  }

  #largest(): Share | null {
    let largest: Share | null = null;
    for (const share of this.#shares.values()) {
      if (share.bytes > (largest?.bytes ?? 0)) largest = share;
    }
    return largest;
  }

  /** Ends all holdings of an address. Its bytes stop counting at once, though connections take a moment to close. */
  #evict(share: Share): void {
    share.evicted = true;
    this.#bytes -= share.bytes;
    this.#shares.delete(share.key);
    for (const end of share.ends?.values() ?? []) end();
    share.ends = null;
  }
}

/** Bytes that are held for a client. */
export class Holding {
  readonly #budget: MemoryBudget;
  readonly #share: Share;
  #bytes: number;
  #common: string | null = null;
  #released = false;

  /** Only for `MemoryBudget.hold`. */
  constructor(budget: MemoryBudget, share: Share, bytes: number) {
    this.#budget = budget;
    this.#share = share;
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Changes the number of bytes that it holds.
   * @throws ReadoutError as `MemoryBudget.hold` does; the holding is then unchanged.
   */
  resize(bytes: number): void {
    if (this.#released || bytes === this.#bytes) return;
    this.#budget.take(this.#share, bytes - this.#bytes);
    this.#bytes = bytes;
  }

  /** Adds bytes. @throws ReadoutError as `resize` does. */
  grow(bytes: number): void {
    this.resize(this.#bytes + bytes);
  }

  /**
   * Also holds bytes that it shares with other holdings of the address, which count once.
   * @throws ReadoutError as `resize` does.
   */
  shareCommon(key: string, bytes: number): void {
    const known = this.#share.common?.get(key);
    if (known) {
      known.users += 1;
    } else {
      this.#budget.take(this.#share, bytes);
      this.#share.common ??= new Map();
      this.#share.common.set(key, { bytes, users: 1 });
    }
    this.#common = key;
  }

  /** Sets the function that ends the holder when it is evicted. */
  endBy(end: End): void {
    if (this.#released) return;
    this.#share.ends ??= new Map();
    this.#share.ends.set(this, end);
  }

  /** Releases all bytes. Further calls have no effect. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#share.ends?.delete(this);
    this.#budget.take(this.#share, -this.#bytes - this.#leaveCommon());
  }

  #leaveCommon(): number {
    const { common } = this.#share;
    const known = this.#common === null ? undefined : common?.get(this.#common);
    if (!known) return 0;
    known.users -= 1;
    if (known.users > 0) return 0;
    common?.delete(this.#common as string);
    return known.bytes;
  }
}

function newShare(key: string, exempt: boolean): Share {
  return { key, exempt, bytes: 0, ends: null, common: null, evicted: false };
}
