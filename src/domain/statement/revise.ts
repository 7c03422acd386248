import assert from 'node:assert/strict';
import { type InputPath, ReadoutError } from '../../base/errors.ts';
import type { Transaction } from '../../db/sql.ts';
import { canonicalJson } from '../content.ts';
import { type Fault, formedFields, parseInput, refuseFaults } from '../input/fault.ts';
import { INPUT_MAX } from '../input/field.ts';
import { incomingLinkFaults, lockLinks, lockShifts, shiftCycleFaults } from '../input/link.ts';
import { renameActors } from '../input/redirect.ts';
import { type KnownTargets, References } from '../input/reference.ts';
import { statementInput } from '../input/statement.ts';
import { statementWarnings, type Warning } from '../warning.ts';
import { readStatementContents, type StatementWithContent } from './content.ts';
import { makeDraft } from './draft.ts';
import { changedLinks, statementFaults, unknownFaults, visitReferences } from './faults.ts';
import { type LockedStatement, lockStatements } from './lock.ts';
import { CLEAR_PARTS } from './parts.ts';
import { REWRITE_STATEMENTS } from './sql.ts';

/** The result of a change to a statement. `position` is null if nothing differed. */
export interface Revised {
  readonly id: number;
  readonly position: bigint | null;
}

/** The result of a change to the content of a statement. */
export interface Rewritten extends Revised {
  /** What is odd about the content that results. */
  readonly warnings: readonly Warning[];
}

/** The content of a statement, in the shape of RecordStatementInput. */
type Content = Readonly<Record<string, unknown>>;

async function lockAny(tx: Transaction, id: number, path: InputPath): Promise<LockedStatement> {
  const [row] = await lockStatements(tx, [id]);
  if (!row) throw new ReadoutError('NOT_FOUND', 'The record has no such statement.', path);
  return row;
}

/**
 * Locks the statement against other writers and checks that it may be changed.
 * @param path the path of the input that names it.
 */
export async function lockForChange(
  tx: Transaction,
  id: number,
  path: InputPath,
  ifPosition: string | null | undefined,
): Promise<LockedStatement> {
  const row = await lockAny(tx, id, path);
  if (row.retractionReason !== null) {
    throw new ReadoutError(
      'CONFLICT',
      `The statement “${row.slug}” was retracted and can’t be changed any more. Record a new one.`,
      path,
      { position: String(row.position) },
    );
  }
  if (ifPosition != null && ifPosition !== String(row.position)) {
    throw new ReadoutError(
      'CONFLICT',
      `The statement “${row.slug}” has changed since position ${ifPosition}: it is now at ${row.position}. Read it again before you revise it.`,
      ['input', 'ifPosition'],
      { position: String(row.position) },
    );
  }
  return row;
}

async function readContent(tx: Transaction, id: number): Promise<Content> {
  const [statement] = await readStatementContents(tx, [id]);
  return { ...(statement as StatementWithContent).content };
}

/**
 * Replaces the content of the statement if `content` differs from it, or if the statement was retracted. It is current afterwards.
 * @param locked what the lock has read, with the collection that it belongs to from now on.
 * @param inputPathOf maps a path in the content to a path of the client's input.
 * @param reason why it is changed, for the log; null where it is not said.
 * @param dryRun finds faults with these targets, and writes nothing; null to write.
 */
async function rewrite(
  tx: Transaction,
  { id, position, retractionReason, collectionId }: LockedStatement,
  former: Content,
  content: Content,
  by: string,
  inputPathOf: (path: InputPath) => InputPath = (path) => path,
  reason: string | null = null,
  dryRun: KnownTargets | null = null,
): Promise<Rewritten> {
  const path = ['input'];
  const faults: Fault[] = [];
  const refuse = (found: readonly Fault[]): void =>
    refuseFaults(found.map((fault) => ({ ...fault, path: inputPathOf(fault.path) })));
  const given = parseInput(statementInput, content, path, faults);
  const before = parseInput(statementInput, former, path, []) ?? null;
  const references = new References(dryRun);
  const fields = given ?? formedFields(statementInput, content);
  visitReferences(fields, path, (noun, slug) => references.want(noun, slug));
  await references.find(tx);
  refuse(given ? [] : [...faults, ...unknownFaults(fields, path, references, () => undefined)]);
  assert(given, 'a content without faults was not parsed');
  const input = renameActors(given, references.presentSlug);
  const warnings = statementWarnings(input, references);
  const isRetracted = retractionReason !== null;
  if (!isRetracted && before && canonicalJson(input) === canonicalJson(before))
    return { id, position: null, warnings };
  refuse([
    ...statementFaults(input, path, references, () => undefined, before),
    ...(await shiftCycleFaults(tx, id, changedLinks(input, path, before))),
    ...(await incomingLinkFaults(tx, id, input, before, path)),
  ]);
  if (dryRun) return { id, position, warnings };
  const identity = { slug: former.slug as string, key: null, inputDigest: '' };
  const draft = makeDraft(input, identity, references, () => null, collectionId);
  await tx.$executeRawUnsafe(CLEAR_PARTS, [id]);
  const item = {
    id,
    draft,
    former: isRetracted ? { ...former, status: 'RETRACTED', retractionReason } : former,
  };
  const rows = await tx.$queryRawUnsafe<{ position: bigint }[]>(
    REWRITE_STATEMENTS,
    JSON.stringify(references.withSeen([item])),
    by,
    reason,
  );
  return { id, position: (rows[0] as { position: bigint }).position, warnings };
}

/**
 * Revises a statement. The former version is kept. A field that `changes` leaves out stays unchanged; null empties it.
 * Writes nothing if nothing differs.
 * @param ifPosition the position at which the client read the statement. If it has changed since, the error is a CONFLICT.
 * @param reason why it is revised, for the log; null where it is not said.
 * @param dryRun finds faults with these targets, and writes nothing; null to write. The position of a statement that differs is then its present one.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT; CONFLICT for a retracted statement or a lost update.
 */
export async function reviseStatement(
  tx: Transaction,
  id: number,
  changes: Readonly<Record<string, unknown>>,
  ifPosition: string | null | undefined,
  by: string,
  reason: string | null = null,
  dryRun: KnownTargets | null = null,
): Promise<Rewritten> {
  const shifts = (changes.links as { kind?: unknown }[] | null | undefined)?.some(
    ({ kind }) => kind === 'SHIFTS_FROM',
  );
  if (shifts) await lockShifts(tx);
  const mayChangeEnd = [changes.said, changes.speakers, changes.mentions].some((part) => part !== undefined);
  if (mayChangeEnd) await lockLinks(tx, 'date or speakers');
  else if (changes.links !== undefined) await lockLinks(tx, 'links');
  const locked = await lockForChange(tx, id, ['input', 'id'], ifPosition);
  const former = await readContent(tx, id);
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const content = { ...former, ...Object.fromEntries(given) };
  return rewrite(tx, locked, former, content, by, (path) => path, reason, dryRun);
}

/**
 * Makes a retracted statement current again, with this content. An import does so with a statement that was retracted with its collection
 * (`isReinstatable`). What was retracted, and why, is kept as its former version.
 * @param content the whole content, in the shape of RecordStatementInput without `key`; unchecked. The slug stays.
 * @param collection id of the collection that it belongs to from now on; null for none.
 * @param dryRun finds faults with these targets, and writes nothing; null to write.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT; CONFLICT if it is current.
 */
export async function reinstateStatement(
  tx: Transaction,
  id: number,
  content: Readonly<Record<string, unknown>>,
  collection: number | null,
  by: string,
  dryRun: KnownTargets | null = null,
): Promise<Rewritten> {
  await lockShifts(tx);
  await lockLinks(tx, 'date or speakers');
  const locked = await lockAny(tx, id, ['input', 'id']);
  if (locked.retractionReason === null)
    throw new ReadoutError('CONFLICT', `The statement “${locked.slug}” is current. Revise it.`, [
      'input',
      'id',
    ]);
  const former = await readContent(tx, id);
  const now = { ...locked, collectionId: collection };
  return rewrite(tx, now, former, { ...content, slug: locked.slug }, by, (path) => path, null, dryRun);
}

/**
 * Links a statement to an earlier one. Writes nothing if it has the link already.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT for a link that the rules refuse; LIMIT_EXCEEDED for too many links; CONFLICT
 *   for a retracted statement.
 */
export async function linkStatements(
  tx: Transaction,
  fromId: number,
  link: { readonly to: string; readonly kind: string },
  by: string,
): Promise<Revised> {
  if (link.kind === 'SHIFTS_FROM') await lockShifts(tx);
  await lockLinks(tx, 'links');
  const locked = await lockForChange(tx, fromId, ['input', 'from'], null);
  const former = await readContent(tx, fromId);
  const links = former.links as { to: string; kind: string }[];
  if (links.some(({ to, kind }) => to === link.to && kind === link.kind))
    return { id: fromId, position: null };
  if (link.to === former.slug) {
    refuseFaults([{ path: ['input', 'to'], message: 'is the statement itself' }]);
  }
  if (links.length >= INPUT_MAX.links) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `The statement “${former.slug}” has ${links.length} links already, the maximum. Revise it without some of them first.`,
      ['input', 'from'],
      { limit: 'INPUT_MAX.links', max: INPUT_MAX.links },
    );
  }
  // The client's input has no list of links. `to` and `kind` of the new link are its fields; any other fault belongs to `from`.
  const inputPathOf = ([, field, i, end]: InputPath): InputPath =>
    field === 'links' && i === links.length && end !== undefined ? ['input', end] : ['input', 'from'];
  return rewrite(tx, locked, former, { ...former, links: [...links, link] }, by, inputPathOf);
}
