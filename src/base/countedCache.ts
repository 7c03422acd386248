import { LRUCache } from 'lru-cache';

/** An LRU cache that counts its hits and misses. */
export class CountedCache<Key extends object | string, Value extends object> extends LRUCache<Key, Value> {
  hits = 0;
  misses = 0;

  override get(key: Key): Value | undefined {
    const value = super.get(key);
    if (value === undefined) this.misses += 1;
    else this.hits += 1;
    return value;
  }
}
