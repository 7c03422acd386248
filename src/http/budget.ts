import type { Limits } from '../limits.ts';
import type { Identity } from '../schema/identity.ts';

/** Prefixes of the keys of tokens. No address begins with them. */
const READER_KEY = 'reader ';
const RECORDER_KEY = 'recorder ';

/** The points a minute of a client, and the limit that they come from. */
export interface Budget {
  readonly limit: 'COST_PER_MINUTE' | 'RECORDER_COST_PER_MINUTE';
  readonly max: number;
}

/** The key of the budget of a token. */
export function tokenKey({ role, name }: Pick<Identity, 'role' | 'name'>): string {
  return `${role === 'reader' ? READER_KEY : RECORDER_KEY}${name}`;
}

/** The budget with this key: an address, or the key of a token. */
export function budgetOf(
  key: string,
  limits: Pick<Limits, 'COST_PER_MINUTE' | 'RECORDER_COST_PER_MINUTE'>,
): Budget {
  const limit = key.startsWith(RECORDER_KEY) ? 'RECORDER_COST_PER_MINUTE' : 'COST_PER_MINUTE';
  return { limit, max: limits[limit] };
}
