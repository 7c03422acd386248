import type { Prisma } from '../../db/client.ts';
import { transact } from '../../db/transaction.ts';
import type { StatementContent } from '../content.ts';
import { renameInStatements } from '../statement/rename.ts';

/** Statements and other entries that one `mergeActors` or `resolveMention` revises. Call it again for the rest. @limit entries */
export const RENAMED_MAX = 5_000;
/**
 * Time after which `mergeActors` and `resolveMention` begin no further transaction. It leaves the operation the time to answer what they have
 * done. Call them again for the rest. @limit ms
 */
export const RENAMING_TIME_MAX_MS = 8_000;
/** Entries of a transaction, few enough to hold the counter row for some hundred milliseconds at most. */
export const RENAMED_PER_TRANSACTION_MAX = 100;

/** What one call does at most. */
export interface RenamingLimits {
  /** Default: `RENAMED_MAX`. */
  readonly entriesMax?: number;
  /** Default: `RENAMING_TIME_MAX_MS`. */
  readonly timeMaxMs?: number;
}

interface RenameOptions {
  /** Reads the ids of some of the statements, all where they are fewer than the limit. */
  readonly find: (limit: number) => Promise<readonly { readonly id: number }[]>;
  /** Returns the new content of a statement, or the same object where nothing differs. */
  readonly rename: (content: StatementContent) => StatementContent;
  readonly reason: string;
  readonly by: string;
  /** Statements that are revised at most. */
  readonly max: number;
  /** Time, by `performance.now()`, after which no further transaction begins. */
  readonly endMs: number;
}

interface Renamed {
  /** Statements that were revised. */
  readonly statements: number;
  /** Position of the last change; null if there was none. */
  readonly position: bigint | null;
  /** Whether no statement is left. */
  readonly isComplete: boolean;
}

/** Replaces actors in any number of statements, in short transactions. */
export async function renameAll(
  prisma: Prisma,
  { find, rename, reason, by, max, endMs }: RenameOptions,
): Promise<Renamed> {
  let position: bigint | null = null;
  let statements = 0;
  const ids = (await find(max)).map(({ id }) => id);
  for (let start = 0; start < ids.length; start += RENAMED_PER_TRANSACTION_MAX) {
    if (performance.now() > endMs) return { statements, position, isComplete: false };
    const some = ids.slice(start, start + RENAMED_PER_TRANSACTION_MAX);
    const written = await transact(prisma, (tx) => renameInStatements(tx, some, rename, reason, by));
    position = written.at(-1)?.position ?? position;
    statements += written.length;
  }
  return { statements, position, isComplete: ids.length < max };
}
