/** Why PostgreSQL failed, as far as a client needs to know. */
export type DatabaseFailure =
  /** It can't be reached, or accepts no more connections. */
  | 'unreachable'
  /** It can't write: its disk is full, or it is read-only. */
  | 'unwritable'
  /** A transaction conflicted with others, also after some attempts. */
  | 'conflict'
  /** A statement exceeded its time limit. */
  | 'slow';

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
  // Its certificate is not accepted.
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
/** Codes of Prisma: can't connect, timed out, connection closed, pool exhausted, transaction not begun in time or closed. */
const PRISMA_UNREACHABLE = new Set(['P1000', 'P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
/** Messages of `pg` that come without a code. */
const UNREACHABLE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after|Server has closed the connection|Can't reach database server|Unable to start a transaction|The server does not support SSL|SASL: )/i;

/**
 * The failure of PostgreSQL that caused an error, directly or through the errors that it wraps; null for another cause, such as a bug of
 * this service.
 */
export function databaseFailureOf(error: unknown): DatabaseFailure | null {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [error];
  while (waiting.length > 0) {
    const next = waiting.shift();
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const failure = ofOne(next as Wrapped);
    if (failure) return failure;
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

/** The failure that one error names, without the errors that it wraps. */
function ofOne({ code, originalCode, kind, message }: Wrapped): DatabaseFailure | null {
  for (const state of [originalCode, code]) {
    if (typeof state !== 'string') continue;
    if (SYSTEM_CODES.has(state) || PRISMA_UNREACHABLE.has(state)) return 'unreachable';
    if (state === 'P2034') return 'conflict';
    const failure = /^[0-9A-Z]{5}$/.test(state) ? ofState(state) : null;
    if (failure) return failure;
  }
  // Prisma's adapter for pg gives a kind instead of a code for the failures that it knows.
  if (kind === 'DatabaseNotReachable' || kind === 'ConnectionClosed' || kind === 'SocketTimeout')
    return 'unreachable';
  if (kind === 'TooManyConnections') return 'unreachable';
  if (kind === 'TransactionWriteConflict') return 'conflict';
  return typeof message === 'string' && UNREACHABLE_MESSAGE.test(message) ? 'unreachable' : null;
}

/** Source: PostgreSQL's table of error codes (SQLSTATE). */
function ofState(state: string): DatabaseFailure | null {
  if (state === '53100' || state === '25006') return 'unwritable';
  if (state === '57014') return 'slow';
  if (state === '40001' || state === '40P01' || state === '55P03') return 'conflict';
  // 08: connection; 53: resources; 57P: shut down, crashed, starting; 25P03 and 25P04: a transaction that took too long.
  return /^(08|53|57P|58|25P0[34])/.test(state) ? 'unreachable' : null;
}
