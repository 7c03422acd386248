import { setTimeout as sleep } from 'node:timers/promises';

/** Pauses after failed attempts. They are long enough for a restart of the database, which ends no subscription. */
const RETRY_DELAYS_MS = [100, 300, 1_000, 2_000];

/**
 * Reads, and again after a pause where that fails, as long as the result is wanted.
 * @param renew called before another attempt.
 * @throws the error of the last attempt.
 */
export async function retryRead<T>(
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
