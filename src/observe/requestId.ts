import { randomBytes } from 'node:crypto';

export const REQUEST_ID_HEADER = 'x-request-id';
/** An `x-request-id` that a client sends. The service uses its own instead of a longer one. @limit characters */
export const REQUEST_ID_LENGTH_MAX = 64;
/** Nothing that a header, a line of the log or a shell could take for something else. */
const REQUEST_ID = new RegExp(`^[A-Za-z0-9._-]{1,${REQUEST_ID_LENGTH_MAX}}$`);

/** Begins the ids of this process. */
const prefix = randomBytes(5).toString('hex');
let made = 0;

/** The id that a client has sent if it is a valid one, or else a new one. */
export function requestIdOf(given: unknown): string {
  if (typeof given === 'string' && REQUEST_ID.test(given)) return given;
  made += 1;
  return `${prefix}-${made.toString(36)}`;
}
