import type { Prisma } from '../../db/client.ts';
import { transact } from '../../db/transaction.ts';
import type { StatementContent } from '../content.ts';
import { renameInStatements } from '../statement/rename.ts';

/** Statements and other entries that one `mergeActors` or `resolveMention` revises. Call it again for the rest. @limit entries */
export const RENAMED_MAX = 5_000;
/** Entries of a transaction, few enough to hold the counter row for some hundred milliseconds at most. */
export const RENAMED_PER_TRANSACTION_MAX = 100;

interface RenameOptions {
  /** Reads the ids of the next statements after an id, in ascending order. */
  readonly next: (after: number, limit: number) => Promise<readonly { readonly id: number }[]>;
  /** Returns the new content of a statement, or the same object where nothing differs. */
  readonly rename: (content: StatementContent) => StatementContent;
  readonly reason: string;
  readonly by: string;
  /** Statements that are revised at most. */
  readonly max: number;
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
  { next, rename, reason, by, max }: RenameOptions,
): Promise<Renamed> {
  let position: bigint | null = null;
  let statements = 0;
  for (let after = 0; statements < max; ) {
    const rows = await next(after, Math.min(max - statements, RENAMED_PER_TRANSACTION_MAX));
    const last = rows.at(-1);
    if (!last) return { statements, position, isComplete: true };
    const ids = rows.map(({ id }) => id);
    const written = await transact(prisma, (tx) => renameInStatements(tx, ids, rename, reason, by));
    position = written.at(-1)?.position ?? position;
    statements += written.length;
    after = last.id;
  }
  return { statements, position, isComplete: false };
}
