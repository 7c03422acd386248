import type { Limits } from '../../config/limits.ts';
import type { Identity } from '../../domain/access/identity.ts';
import { REQUEST_POINTS } from './prices.ts';

/** Prefixes of the keys of tokens. No address begins with them. */
const READER_KEY = 'reader ';
const RECORDER_KEY = 'recorder ';
/** Prefix of the keys of health checks from an address. */
const PROBE_KEY = 'probe ';

/**
 * Requests of one address for `/health` and `/ready`: 100 a second. They take nothing from COST_PER_MINUTE. Beyond it HTTP 429.
 * @limit points a minute
 */
export const PROBE_COST_PER_MINUTE = 6_000 * REQUEST_POINTS;

/** The points a minute of a client, and the limit that defines them. */
export interface Budget {
  readonly limit: 'COST_PER_MINUTE' | 'RECORDER_COST_PER_MINUTE' | 'PROBE_COST_PER_MINUTE';
  readonly max: number;
}

/** The key of the budget of a token. */
export function tokenKey({ role, name }: Pick<Identity, 'role' | 'name'>): string {
  return `${role === 'reader' ? READER_KEY : RECORDER_KEY}${name}`;
}

/** The key of the budget for health checks from an address. */
export const probeKey = (address: string): string => `${PROBE_KEY}${address}`;

/** The budget with this key: an address, or the key of a token or of health checks. */
export function budgetOf(
  key: string,
  limits: Pick<Limits, 'COST_PER_MINUTE' | 'RECORDER_COST_PER_MINUTE'>,
): Budget {
  if (key.startsWith(PROBE_KEY)) return { limit: 'PROBE_COST_PER_MINUTE', max: PROBE_COST_PER_MINUTE };
  const limit = key.startsWith(RECORDER_KEY) ? 'RECORDER_COST_PER_MINUTE' : 'COST_PER_MINUTE';
  return { limit, max: limits[limit] };
}
