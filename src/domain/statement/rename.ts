import { ReadoutError } from '../../base/errors.ts';
import type { Transaction } from '../../db/sql.ts';
import { type StatementContent, statementDigest } from '../content.ts';
import { parseInput } from '../input/fault.ts';
import { lockLinks } from '../input/link.ts';
import { renameActors } from '../input/redirect.ts';
import { References } from '../input/reference.ts';
import { statementInput } from '../input/statement.ts';
import { readStatementContents } from './content.ts';
import { makeDraft } from './draft.ts';
import { visitReferences } from './faults.ts';
import { type LockedStatement, lockCurrent } from './lock.ts';
import { CLEAR_PARTS_BUT_LINKS } from './parts.ts';
import { REWRITE_STATEMENTS } from './sql.ts';

/** A statement that was written. */
interface RenamedStatement {
  readonly id: number;
  readonly position: bigint;
}

/** Locks the statements that are current against other writers, and against new links, whose rules depend on their speakers. */
export async function lockForRenaming(tx: Transaction, ids: readonly number[]): Promise<LockedStatement[]> {
  await lockLinks(tx, 'date or speakers');
  return lockCurrent(tx, ids);
}

/**
 * Replaces actors in statements, each in a revision of its own. Statements that were retracted meanwhile, or that do not differ, stay as they
 * are. The rules of a new statement are not checked again: they hold for two actors who turn out to be one.
 * @param ids few enough for a short transaction: some hundred.
 * @param rename returns the new content of a statement, or the same object where nothing differs.
 * @returns the statements that were revised, in the order of their changes.
 * @throws ReadoutError CONFLICT if an actor that one of them would name was withdrawn.
 */
export async function renameInStatements(
  tx: Transaction,
  ids: readonly number[],
  rename: (content: StatementContent) => StatementContent,
  reason: string,
  by: string,
): Promise<RenamedStatement[]> {
  const locked = await lockForRenaming(tx, ids);
  const collections = new Map(locked.map(({ id, collectionId }) => [id, collectionId]));
  const statements = await readStatementContents(tx, [...collections.keys()]);
  const references = new References();
  const renamed = statements.flatMap(({ id, content: former }) => {
    const content = rename(former);
    if (content === former) return [];
    const input = parseInput(statementInput, content, [], []);
    if (!input) throw new Error(`statement ${id} has a content that the rules of the input refuse`);
    visitReferences(input, [], (noun, slug, path) => references.want(noun, slug, path()));
    return [{ id, input, former }];
  });
  if (renamed.length === 0) return [];
  await references.find(tx);
  const [gone] = references.faults();
  if (gone) throw new ReadoutError('CONFLICT', `A statement ${gone.message}.`);
  const items = renamed.flatMap(({ id, input: given, former }) => {
    // An actor can have been merged since. Rows and digest then name the one that remains.
    const input = renameActors(given, references.presentSlug);
    const identity = { slug: former.slug, key: null, inputDigest: '' };
    const draft = makeDraft(input, identity, references, () => null, collections.get(id));
    if (draft.contentDigest === statementDigest(former)) return [];
    // The links stay as they are: statements of one list can link to one another.
    return [{ id, draft: { ...draft, links: [] }, former }];
  });
  if (items.length === 0) return [];
  await tx.$executeRawUnsafe(
    CLEAR_PARTS_BUT_LINKS,
    items.map(({ id }) => id),
  );
  return tx.$queryRawUnsafe(REWRITE_STATEMENTS, JSON.stringify(references.withSeen(items)), by, reason);
}
