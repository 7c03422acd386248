import { type EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { LATE, within } from '../../src/base/within.ts';

/** How long tests wait for anything: less than vitest's own timeout, so that the failure names what did not come. */
export const WAIT_MAX_MS = 120_000;
const PAUSE_MS = 5;

/** Settings of a service that may be slow because its machine is busy, and must not refuse work for that reason. */
export const PATIENT_SETTINGS = {
  LAG_MAX_MS: '60000',
  QUEUE_WAIT_MS: '60000',
  OPERATION_TIMEOUT_MS: '120000',
  STATEMENT_TIMEOUT_MS: '120000',
} as const;

/**
 * Asks again and again, with a pause, until the answer is truthy, and returns it.
 * @param what the test waits for, as the failure names it: `two readers`. A function is called when the wait has failed.
 * @throws Error that names what it waited for and the last answer.
 */
export async function until<T>(
  what: string | (() => string),
  ask: () => T | Promise<T>,
): Promise<NonNullable<T>> {
  const end = performance.now() + WAIT_MAX_MS;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) {
      const named = typeof what === 'string' ? what : what();
      throw new Error(`timed out waiting for ${named}; the last answer was ${inspect(answer)}`);
    }
    await sleep(PAUSE_MS);
  }
}

/**
 * The result of something that happens by itself, such as the close of a socket.
 * @param what as for `until`.
 * @throws Error that names what it waited for.
 */
export async function happens<T>(what: string | (() => string), event: Promise<T>): Promise<T> {
  const result = await within(WAIT_MAX_MS, event);
  if (result === LATE) throw new Error(`timed out waiting for ${typeof what === 'string' ? what : what()}`);
  return result;
}

/**
 * The arguments of the next event of this name.
 * @throws Error that names the event, or the error of an event `error` that comes before.
 */
export function eventOf(emitter: EventEmitter, event: string): Promise<unknown[]> {
  return happens(`the event “${event}” of a ${emitter.constructor.name}`, once(emitter, event));
}
