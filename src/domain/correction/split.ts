import { ReadoutError } from '../../base/errors.ts';
import type { Transaction } from '../../db/sql.ts';
import { ACTOR, saveActors } from '../actor.ts';
import { type Fault, refuseFaults } from '../input/fault.ts';
import { readRedirects, renameActors } from '../input/redirect.ts';
import { readFormer } from '../save/former.ts';
import type { Patch } from '../save/rules.ts';
import type { Saved } from '../save/save.ts';
import { lockForRenaming, renameInStatements } from '../statement/rename.ts';
import { parseReason } from '../withdraw.ts';

export interface SplitInput {
  /** Slug of the actor whom the statements name now. */
  readonly actor: string;
  /** The actor whom they name afterwards: a new one, or a patch of an existing one, which can be its slug alone. */
  readonly into: Patch;
  /** Ids of the statements, with the names that the client gave for them. */
  readonly statements: readonly { readonly id: number; readonly given: string }[];
  readonly reason: string;
}

/** The result of a split. */
interface Split {
  /** Id of the actor whom the statements name now. */
  readonly id: number;
  readonly position: bigint | null;
  /** Statements that were revised. */
  readonly statements: number;
}

/**
 * Moves the references of some statements from one actor to another one. Nothing else changes.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT without a reason, or for a statement that is retracted or does not name the actor; those of
 *   `saveEntries` for the other actor.
 */
export async function splitActor(
  tx: Transaction,
  { actor: given, into, statements, reason: why }: SplitInput,
  by: string,
): Promise<Split> {
  const reason = parseReason(why);
  const actor = (await readRedirects(tx, [given])).get(given) ?? given;
  if (!(await readFormer(tx, ACTOR, [actor])).has(actor))
    throw new ReadoutError('NOT_FOUND', `The record has no actor “${given}”.`, ['input', 'actor']);
  const ids = statements.map(({ id }) => id);
  await lockForRenaming(tx, ids);
  const options = { reason, pathOf: () => ['input', 'into'] };
  const [saved] = (await saveActors(tx, [into], by, options)) as [Saved];
  const [{ slug }] = await tx.$queryRawUnsafe<[{ slug: string }]>(
    'SELECT slug FROM actor WHERE id = $1',
    saved.id,
  );
  if (slug === actor)
    throw new ReadoutError('INVALID_INPUT', 'An actor can’t be split into itself.', [
      'input',
      'into',
      'slug',
    ]);
  const rename = (named: string): string => (named === actor ? slug : named);
  const written = await renameInStatements(tx, ids, (content) => renameActors(content, rename), reason, by);
  const revised = new Set(written.map(({ id }) => id));
  const faults = statements.flatMap(({ id, given: name }, i): Fault[] => {
    if (revised.has(id)) return [];
    const message = `“${name}” is retracted, or does not name the actor “${actor}”`;
    return [{ path: ['input', 'statements', i], message }];
  });
  refuseFaults(faults);
  return { id: saved.id, position: written.at(-1)?.position ?? saved.position, statements: written.length };
}
