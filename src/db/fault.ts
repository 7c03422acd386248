/** What a failure of PostgreSQL means to whoever asked; null where it is a fault of this service. */
export type Fault =
  /** It can't be reached, or has no room for one more. */
  | 'away'
  /** It is there and can't write: no space, or it only reads. */
  | 'full'
  /** Another transaction was in the way, and still was after some attempts. */
  | 'conflict'
  /** It took longer than a statement may. */
  | 'slow'
  | null;

const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
/** Prisma's: can't reach, timed out, connection closed, pool exhausted, transaction not begun in time or closed. */
const PRISMA_AWAY = new Set(['P1000', 'P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
/** pg says these without a code. */
const AWAY_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after|Server has closed the connection|Can't reach database server|Unable to start a transaction)/i;

/** Looks through an error and what caused it; drivers wrap one another's. */
export function faultOf(error: unknown): Fault {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [error];
  while (waiting.length > 0) {
    const next = waiting.shift();
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const fault = ofOne(next as Wrapped);
    if (fault) return fault;
    const { cause, originalError, meta, errors } = next as Wrapped;
    waiting.push(cause, originalError, meta?.driverAdapterError, ...(Array.isArray(errors) ? errors : []));
  }
  return null;
}

interface Wrapped {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly kind?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly originalError?: unknown;
  readonly errors?: unknown;
  readonly meta?: { readonly driverAdapterError?: unknown };
}

function ofOne({ code, originalCode, kind, message }: Wrapped): Fault {
  for (const state of [originalCode, code]) {
    if (typeof state !== 'string') continue;
    if (SYSTEM_CODES.has(state) || PRISMA_AWAY.has(state)) return 'away';
    if (state === 'P2034') return 'conflict';
    const fault = /^[0-9A-Z]{5}$/.test(state) ? ofState(state) : null;
    if (fault) return fault;
  }
  // Prisma's adapter for pg names the kinds of failure that it knows instead of their codes.
  if (kind === 'DatabaseNotReachable' || kind === 'ConnectionClosed' || kind === 'SocketTimeout')
    return 'away';
  if (kind === 'TooManyConnections') return 'away';
  if (kind === 'TransactionWriteConflict') return 'conflict';
  return typeof message === 'string' && AWAY_MESSAGE.test(message) ? 'away' : null;
}

/** Source: PostgreSQL's table of error codes (SQLSTATE). */
function ofState(state: string): Fault {
  if (state === '53100' || state === '25006') return 'full';
  if (state === '57014') return 'slow';
  if (state === '40001' || state === '40P01' || state === '55P03') return 'conflict';
  // 08: connection; 53: resources; 57P: shut down, crashed, starting; 25P03 and 25P04: a transaction that took too long.
  return /^(08|53|57P|58|25P0[34])/.test(state) ? 'away' : null;
}
