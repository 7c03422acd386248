import type { Transaction } from '../../db/client.ts';
import { parseInput } from '../input/fault.ts';
import { lockLinks } from '../input/link.ts';
import { References } from '../input/reference.ts';
import { type StatementInput, statementInput } from '../input/statement.ts';
import { READ_CONTENTS } from './content.ts';
import { makeDraft, visitReferences } from './draft.ts';
import { CLEAR_PARTS_BUT_LINKS, REWRITE_STATEMENTS } from './sql.ts';

/** The content of a statement, in the shape of RecordStatementInput. */
export type RenamedContent = Readonly<Record<string, unknown>> &
  Pick<StatementInput, 'speakers' | 'mentions' | 'addressees' | 'attribution' | 'onBehalfOf'>;

/** A statement that was written. */
interface RenamedStatement {
  readonly id: number;
  readonly position: bigint;
}

/** $1 ids. Locks those that are current, in the order of their ids. */
const LOCK_CURRENT = `SELECT id, collection_id AS "collectionId" FROM statement
  WHERE id = ANY ($1::int[]) AND status = 'CURRENT' ORDER BY id FOR NO KEY UPDATE`;

/** A statement that is locked. */
interface LockedStatement {
  readonly id: number;
  readonly collectionId: number | null;
}

/** Locks those of the statements that are current against other writers. To be called before the counter row of the log is locked. */
export async function lockCurrent(tx: Transaction, ids: readonly number[]): Promise<LockedStatement[]> {
  await lockLinks(tx, 'date or speakers');
  return tx.$queryRawUnsafe(LOCK_CURRENT, ids);
}

/**
 * Replaces actors in statements, each in a revision of its own. Statements that were retracted meanwhile, or that do not differ, stay as they
 * are. The rules of a new statement are not checked again: they hold for two actors who turn out to be one.
 * @param ids few enough for a short transaction: some hundred.
 * @param rename returns the new content of a statement, or the same object where nothing differs.
 * @returns the statements that were revised, in the order of their changes.
 */
export async function renameInStatements(
  tx: Transaction,
  ids: readonly number[],
  rename: (content: RenamedContent) => RenamedContent,
  reason: string,
  by: string,
): Promise<RenamedStatement[]> {
  const locked = await lockCurrent(tx, ids);
  const collections = new Map(locked.map(({ id, collectionId }) => [id, collectionId]));
  const contents = await tx.$queryRawUnsafe<{ id: number; content: RenamedContent }[]>(READ_CONTENTS, [
    ...collections.keys(),
  ]);
  const references = new References();
  const renamed = contents
    .sort((a, b) => a.id - b.id)
    .flatMap(({ id, content: former }) => {
      const content = rename(former);
      if (content === former) return [];
      const input = parseInput(statementInput, content, [], []);
      if (!input) throw new Error(`statement ${id} has a content that the rules of the input refuse`);
      visitReferences(input, [], (noun, slug) => references.want(noun, slug));
      return [{ id, input, former }];
    });
  if (renamed.length === 0) return [];
  await references.find(tx);
  const items = renamed.map(({ id, input, former }) => {
    const identity = { slug: former.slug as string, key: null, inputDigest: '' };
    const draft = makeDraft(input, identity, references, () => null, collections.get(id));
    // The links stay as they are: statements of one list can link to one another.
    return { id, draft: { ...draft, links: [] }, former };
  });
  await tx.$executeRawUnsafe(
    CLEAR_PARTS_BUT_LINKS,
    items.map(({ id }) => id),
  );
  return tx.$queryRawUnsafe(REWRITE_STATEMENTS, JSON.stringify(items), by, reason);
}
