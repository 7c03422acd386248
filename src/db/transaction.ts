import { setTimeout as sleep } from 'node:timers/promises';
import { ReadoutError } from '../base/errors.ts';
import type { Prisma, Transaction } from './client.ts';
import { Prisma as PrismaErrors } from './generated/client.ts';

const ATTEMPTS_MAX = 4;
const BACKOFF_MS = 20;

/** SQLSTATEs after which the same transaction can succeed: serialization, deadlock, and two writers of one key. */
const RETRYABLE_STATES = new Set(['40001', '40P01', '23505']);
/** SQLSTATEs of data that can't be stored, and of broken constraints. */
const REFUSING_STATES = /^2[23]/;
const RETRYABLE_PRISMA_CODES = new Set(['P2002', 'P2034']);

/** A write that wrote nothing because another writer had changed what it was checked against. */
export class OvertakenError extends ReadoutError {
  constructor(message: string) {
    super('CONFLICT', message);
  }
}

/** The code that PostgreSQL gave, where it answered with an error that Prisma has no name for. */
function stateOf(error: PrismaErrors.PrismaClientKnownRequestError): string | undefined {
  const meta = error.meta as { driverAdapterError?: { cause?: { originalCode?: string } } } | undefined;
  return meta?.driverAdapterError?.cause?.originalCode;
}

function isRetryable(error: unknown): boolean {
  if (error instanceof OvertakenError) return true;
  if (!(error instanceof PrismaErrors.PrismaClientKnownRequestError)) return false;
  return RETRYABLE_PRISMA_CODES.has(error.code) || RETRYABLE_STATES.has(stateOf(error) ?? '');
}

/** Whether a write was certainly refused for what it holds or for another write. A broken connection leaves it open. */
export function wroteNothing(error: unknown): boolean {
  if (error instanceof ReadoutError || isRetryable(error)) return true;
  if (!(error instanceof PrismaErrors.PrismaClientKnownRequestError)) return false;
  return REFUSING_STATES.test(stateOf(error) ?? '');
}

/**
 * Repeats `write` when another writer got in its way. It must be all or nothing: one SQL statement, or a
 * transaction. Two writers of one key meet as a unique violation; the second attempt finds what the first wrote.
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

/** Runs `write` in a transaction, and again when another writer got in its way. */
export function transact<T>(prisma: Prisma, write: (tx: Transaction) => Promise<T>): Promise<T> {
  return retry(() => prisma.$transaction(write));
}
