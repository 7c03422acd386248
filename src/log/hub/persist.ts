import { setTimeout as sleep } from 'node:timers/promises';

/** Pauses before a read that failed is tried again: a database that restarts costs its readers nothing. */
const RETRY_DELAYS_MS = [100, 300, 1_000, 2_000];

/**
 * Reads, and again after a pause where that fails, for as long as somebody wants it. The last failure is thrown.
 * @param renew called before another attempt, where what was read with must be made anew.
 */
export async function persist<T>(
  read: () => Promise<T>,
  wanted: () => boolean,
  renew: () => void = () => undefined,
): Promise<T> {
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return await read();
    } catch (error) {
      if (!wanted()) throw error;
      await sleep(delayMs);
      renew();
    }
  }
  return read();
}
