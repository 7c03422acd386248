import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ReadoutError } from '../base/errors.ts';
import type { Prisma } from './client.ts';
import { Prisma as PrismaErrors } from './generated/client.ts';
import { poolSqlOf, type Queryable, type Transaction } from './sql.ts';

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
 * @param write gets the number of the attempt, from 1.
 * @throws the last error after four attempts, or an error that is not a conflict.
 */
export async function retry<T>(write: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write(attempt);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isRetryable(error)) throw error;
      await sleep(BACKOFF_MS * attempt * Math.random());
    }
  }
}

/**
 * Makes withdrawals wait until the transaction ends. A write that must look its entries up again takes this lock before, so that many
 * withdrawals one after the other do not make it fail each time.
 */
const KEEP_WITHDRAWALS_OUT = `SELECT pg_advisory_xact_lock_shared(hashtext('readout withdrawals'))`;

/** Makes this withdrawal wait for writes that keep withdrawals out. Take it before any other lock. */
export async function lockWithdrawals(tx: Transaction): Promise<void> {
  await tx.$executeRawUnsafe(`SELECT pg_advisory_xact_lock(hashtext('readout withdrawals'))`);
}

/** One attempt of a transaction on the pool. */
function attemptTransaction<T>(
  prisma: Prisma,
  attempt: number,
  write: (tx: Transaction, attempt: number) => Promise<T>,
): Promise<T> {
  return poolSqlOf(prisma).transact('BEGIN', async ({ rows }) => {
    const tx = {
      $queryRawUnsafe: <Rows>(text: string, ...values: unknown[]) => rows(text, ...values) as Promise<Rows>,
      $executeRawUnsafe: rows,
    };
    if (attempt > 1) await rows(KEEP_WITHDRAWALS_OUT);
    return write(tx, attempt);
  });
}

/** Runs `write` in a transaction on the pool, without the runtime of Prisma, and again when it conflicts with another one. */
export function transact<T>(
  prisma: Prisma,
  write: (tx: Transaction, attempt: number) => Promise<T>,
): Promise<T> {
  return retry((attempt) => attemptTransaction(prisma, attempt, write));
}

/** Like `transact`, for a write of one SQL statement after its look-ups. Its first attempt needs no transaction. */
export function writeAtOnce<T>(prisma: Prisma, write: (db: Queryable) => Promise<T>): Promise<T> {
  return retry((attempt) => (attempt === 1 ? write(prisma) : attemptTransaction(prisma, attempt, write)));
}
