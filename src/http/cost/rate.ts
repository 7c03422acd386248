import { LRUCache } from 'lru-cache';
import type { Allowance } from '../client/allowance.ts';

const MINUTE_MS = 60_000;
/** Number of buckets. The least recently used is evicted, so its owner begins with a full bucket again. */
const BUCKETS_LENGTH_MAX = 100_000;

interface Bucket {
  points: number;
  atMs: number;
}

/** Token buckets of points, one for each client, which refill steadily to the points of a minute. */
export class Rate {
  readonly #quotaOf: (key: string) => number;
  readonly #now: () => number;
  readonly #buckets = new LRUCache<string, Bucket>({ max: BUCKETS_LENGTH_MAX });

  /**
   * @param perMinute points, either the same for every key or by key.
   * @param now milliseconds of a clock that never runs backwards.
   */
  constructor(perMinute: number | ((key: string) => number), now: () => number = () => performance.now()) {
    this.#quotaOf = typeof perMinute === 'number' ? () => perMinute : perMinute;
    this.#now = now;
  }

  /** Takes points where there are enough. A charge larger than a full bucket is allowed when the bucket is full. */
  take(key: string, points: number): Allowance {
    const quota = this.#quotaOf(key);
    const bucket = this.#refilled(key, quota);
    const wanted = Math.min(points, quota);
    const within = bucket.points >= wanted;
    if (within) bucket.points -= wanted;
    return this.#allowance(bucket, quota, within, within ? quota : wanted);
  }

  /**
   * Takes points for finished work, even where there are not enough. The bucket can go below zero by at most its size. The next
   * `take` then fails until the bucket has refilled.
   * @param points negative where some are given back.
   */
  settle(key: string, points: number): Allowance {
    const quota = this.#quotaOf(key);
    const bucket = this.#refilled(key, quota);
    bucket.points = Math.min(quota, Math.max(bucket.points - points, -quota));
    const within = bucket.points >= 0;
    return this.#allowance(bucket, quota, within, within ? quota : 0);
  }

  #allowance({ points }: Bucket, quota: number, within: boolean, wanted: number): Allowance {
    return {
      within,
      quota,
      remaining: Math.max(0, Math.floor(points)),
      waitMs: Math.ceil(((wanted - points) / quota) * MINUTE_MS),
    };
  }

  #refilled(key: string, quota: number): Bucket {
    const now = this.#now();
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      bucket = { points: quota, atMs: now };
      this.#buckets.set(key, bucket);
    }
    bucket.points = Math.min(quota, bucket.points + ((now - bucket.atMs) / MINUTE_MS) * quota);
    bucket.atMs = now;
    return bucket;
  }
}

const seconds = (ms: number): number => Math.ceil(ms / 1_000);

/**
 * The headers of a budget, as in draft-ietf-httpapi-ratelimit-headers-10, and Retry-After (RFC 9110) where the client has to
 * wait.
 */
export function rateHeaders({ within, quota, remaining, waitMs }: Allowance): Record<string, string> {
  return {
    'RateLimit-Policy': `"cost";q=${quota};w=${MINUTE_MS / 1_000};qu="points"`,
    RateLimit: `"cost";r=${remaining};t=${seconds(waitMs)}`,
    ...(!within && { 'Retry-After': String(Math.max(1, seconds(waitMs))) }),
  };
}
