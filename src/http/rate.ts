const MINUTE_MS = 60_000;
/** Buckets that are kept; the one that was used least lately makes room, which is to its owner's advantage. */
const BUCKETS_LENGTH_MAX = 100_000;

/** Where somebody stands with what they may spend. */
export interface Standing {
  /** Whether it was within what they had; otherwise nothing was taken. */
  readonly within: boolean;
  /** Points a minute. */
  readonly quota: number;
  readonly remaining: number;
  /** Until what was asked for would be within, or, where it was, until the bucket is full again. */
  readonly waitMs: number;
}

interface Bucket {
  points: number;
  atMs: number;
}

/** A bucket of points for everybody, which refills steadily to a minute's worth. */
export class Rate {
  readonly #quotaOf: (key: string) => number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param perMinute points, the same for every key or by key.
   * @param now milliseconds of a clock that never runs backwards.
   */
  constructor(perMinute: number | ((key: string) => number), now: () => number = () => performance.now()) {
    this.#quotaOf = typeof perMinute === 'number' ? () => perMinute : perMinute;
    this.#now = now;
  }

  /** Takes points where there are enough. What costs more than a full bucket is let through when the bucket is full. */
  take(key: string, points: number): Standing {
    const quota = this.#quotaOf(key);
    const bucket = this.#refilled(key, quota);
    const wanted = Math.min(points, quota);
    const within = bucket.points >= wanted;
    if (within) bucket.points -= wanted;
    return this.#standing(bucket, quota, within, within ? quota : wanted);
  }

  /**
   * Takes points for work that was done already, also where there are not enough: at most until the bucket lacks as much as it
   * can hold. Its owner waits until it has refilled to what is asked for next.
   */
  settle(key: string, points: number): Standing {
    const quota = this.#quotaOf(key);
    const bucket = this.#refilled(key, quota);
    bucket.points = Math.max(bucket.points - points, -quota);
    const within = bucket.points >= 0;
    return this.#standing(bucket, quota, within, within ? quota : 0);
  }

  #standing({ points }: Bucket, quota: number, within: boolean, wanted: number): Standing {
    return {
      within,
      quota,
      remaining: Math.max(0, Math.floor(points)),
      waitMs: Math.ceil(((wanted - points) / quota) * MINUTE_MS),
    };
  }

  #refilled(key: string, quota: number): Bucket {
    const now = this.#now();
    const found = this.#buckets.get(key);
    this.#buckets.delete(key); // put back at the end, so that the first one is the one least lately used
    const points = found ? Math.min(quota, found.points + ((now - found.atMs) / MINUTE_MS) * quota) : quota;
    const bucket = { points, atMs: now };
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > BUCKETS_LENGTH_MAX) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket;
  }
}

const seconds = (ms: number): number => Math.ceil(ms / 1_000);

/**
 * The headers that tell where somebody stands, as in draft-ietf-httpapi-ratelimit-headers-10; Retry-After (RFC 9110) where
 * they have to wait.
 */
export function rateHeaders({ within, quota, remaining, waitMs }: Standing): Record<string, string> {
  return {
    'RateLimit-Policy': `"cost";q=${quota};w=${MINUTE_MS / 1_000};qu="points"`,
    RateLimit: `"cost";r=${remaining};t=${seconds(waitMs)}`,
    ...(!within && { 'Retry-After': String(Math.max(1, seconds(waitMs))) }),
  };
}
