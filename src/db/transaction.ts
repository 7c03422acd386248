import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ReadoutError } from '../base/errors.ts';
import type { Prisma } from './client.ts';
import { Prisma as PrismaErrors } from './generated/client.ts';
import { poolSqlOf, type Transaction } from './sql.ts';

const ATTEMPTS_MAX = 4;
const BACKOFF_MS = 20;

/** SQLSTATEs after which the same transaction can succeed: serialization failure, deadlock, unique violation. */
const RETRYABLE_STATES = new Set(['40001', '40P01', '23505']);
/** SQLSTATEs of invalid data and of violated constraints. */
const REFUSING_STATES = /^2[23]/;
const RETRYABLE_PRISMA_CODES = new Set(['P2002', 'P2034']);

/** A write that wrote nothing, because another writer had changed what it was checked against. */
export class OvertakenError extends ReadoutError {
  constructor(message: string) {
    super('CONFLICT', message);
  }
}

/** The SQLSTATE of an error of the driver, or of one that Prisma has no code for; undefined for other errors. */
function stateOf(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return error.code;
  if (!(error instanceof PrismaErrors.PrismaClientKnownRequestError)) return undefined;
  const meta = error.meta as { driverAdapterError?: { cause?: { originalCode?: string } } } | undefined;
  return meta?.driverAdapterError?.cause?.originalCode;
}

function isRetryable(error: unknown): boolean {
  if (error instanceof OvertakenError) return true;
  if (error instanceof PrismaErrors.PrismaClientKnownRequestError && RETRYABLE_PRISMA_CODES.has(error.code))
    return true;
  return RETRYABLE_STATES.has(stateOf(error) ?? '');
}

/** Whether an error proves that nothing was written. After a lost connection, the write may have been committed. */
export function wroteNothing(error: unknown): boolean {
  if (error instanceof ReadoutError || isRetryable(error)) return true;
  return REFUSING_STATES.test(stateOf(error) ?? '');
}

/**
 * Runs `write`, and again when it conflicts with another write, after a pause. It must be atomic: one SQL statement or one
 * transaction. When two writers create the same key, one of them gets a unique violation, and its next attempt finds the row.
 * @throws the last error after four attempts, or an error that is not a conflict.
 */
export async function retry<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isRetryable(error)) throw error;
      await sleep(BACKOFF_MS * attempt * Math.random());
    }
  }
}

/** Runs `write` in a transaction on the pool, without the runtime of Prisma, and again when it conflicts with another one. */
export function transact<T>(prisma: Prisma, write: (tx: Transaction) => Promise<T>): Promise<T> {
  return retry(() =>
    poolSqlOf(prisma).transact('BEGIN', ({ rows }) =>
      write({
        $queryRawUnsafe: <Rows>(text: string, ...values: unknown[]) => rows(text, ...values) as Promise<Rows>,
        $executeRawUnsafe: rows,
      }),
    ),
  );
}
