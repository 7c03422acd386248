import type { z } from 'zod';
import { type InputPath, ReadoutError } from '../../base/errors.ts';
import { mapInSteps } from '../../base/steps.ts';
import type { Transaction } from '../../db/sql.ts';
import { isSame } from '../content.ts';
import { type Fault, faultsAt, refuseFaults } from '../input/fault.ts';
import { INPUT_MAX } from '../input/field.ts';
import { renameActors } from '../input/redirect.ts';
import { type KnownTargets, References } from '../input/reference.ts';
import type { Warning } from '../warning.ts';
import { type Content, type Former, isWithdrawn, readFormer } from './former.ts';
import { conflictsOf, itemOf, mergedFaults, type PatchItem, wholeOf } from './patch.ts';
import { reserveIds } from './rows.ts';
import type { IdOf, NounRules, Patch, SavedEntry } from './rules.ts';
import { WITHDRAWAL_FIELD, writeEntries } from './write.ts';

/** The result of a save. */
export interface Saved {
  readonly id: number;
  /** Position of its change; null if nothing differed. */
  readonly position: bigint | null;
  readonly created: boolean;
  /** Names of the fields that changed, in the order of the input; empty if nothing differed. */
  readonly changed: readonly string[];
  /** The entry before; null for a new one, and for one that was left as it is. */
  readonly former: Content | null;
  /** The entry as it is now; null for one that was left as it is. */
  readonly content: Content | null;
  /** What is odd about the entry as it is now. Paths are relative to its input. */
  readonly warnings: readonly Warning[];
}

/** Id of the collection of all entries of a list, or of each one in its order; null for none. */
export type CollectionOfEach = number | null | readonly (number | null)[];

/** The collection of the i-th entry. */
export const collectionAt = (collection: CollectionOfEach, i: number): number | null =>
  typeof collection === 'object' && collection !== null ? (collection[i] ?? null) : collection;

export interface SaveOptions {
  /** Leaves current entries that the record has as they are. */
  readonly keepExisting?: boolean;
  /**
   * Id of the collection that new entries, and withdrawn ones that become current again, belong to, or one for each entry. Default: none.
   */
  readonly collection?: CollectionOfEach;
  /** The path of the i-th entry in the request. */
  readonly pathOf?: (i: number) => InputPath;
  /** Checks the entries and returns what a save would do, and writes nothing. The id of a new entry is then NaN. */
  readonly dryRun?: boolean;
  /** Entries that are known without a look-up. */
  readonly known?: KnownTargets;
  /** Why the entries are changed, for the log. Default: not said. */
  readonly reason?: string;
}

/** Names of the fields that differ, in the order of the shape. */
export function changedFields({ shape }: Pick<z.ZodObject, 'shape'>, before: Patch, after: Patch): string[] {
  const fields = Object.keys(shape).filter((field) => field !== 'slug');
  return fields.filter((field) => !isSame(before[field], after[field]));
}

/**
 * Creates or changes entries, all or none, each with its change in the log. Entries may refer to one another. A field that a patch leaves
 * out stays as it is. Nothing is written for an entry that does not differ. Former versions are kept. A withdrawn entry becomes current
 * again, with what the patch has and nothing else.
 * @param patches at most `INPUT_MAX.entries`.
 * @returns one result for each patch, in its order.
 * @throws ReadoutError INVALID_INPUT with every fault of every entry; CONFLICT if a slug made from a name is taken, if an entry has changed
 *   since `ifPosition`, or by the rules of the noun; LIMIT_EXCEEDED for a list that is too long or too large.
 */
export async function saveEntries<Input>(
  tx: Transaction,
  rules: NounRules<Input>,
  patches: readonly Patch[],
  by: string,
  {
    keepExisting = false,
    collection = null,
    pathOf = (i) => ['input', i],
    dryRun = false,
    known,
    reason,
  }: SaveOptions = {},
): Promise<Saved[]> {
  const { noun } = rules;
  if (patches.length > INPUT_MAX.entries) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `At most ${INPUT_MAX.entries} entries can be saved at once, and the list has ${patches.length}. Send them in several requests.`,
      ['input'],
      { limit: 'INPUT_MAX.entries', max: INPUT_MAX.entries },
    );
  }
  const items = await mapInSteps(patches, (patch, i) =>
    itemOf(rules, patch, pathOf(i), collectionAt(collection, i)),
  );
  const slugs = items.flatMap(({ slug }) => slug ?? []);
  const formers = await readFormer(tx, rules, slugs);
  const faults: Fault[] = [];
  const conflicts: Fault[] = [];
  const merged: PatchItem[] = [];
  const references = new References(known);
  const seen = new Set<string>();
  const parsed: { item: PatchItem; former: Former | null; input: Input; slug: string }[] = [];
  const parse = (item: PatchItem): void => {
    const former = formers.get(item.slug ?? '') ?? null;
    const { path, slug } = item;
    if (slug !== undefined && seen.has(slug))
      faults.push({ path: [...path, 'slug'], message: `“${slug}” is in the list twice` });
    if (slug !== undefined) seen.add(slug);
    if (former && keepExisting && !isWithdrawn(former)) return;
    conflicts.push(...conflictsOf(noun, item, former));
    if (former?.content.mergedInto !== undefined) merged.push(item);
    const { input, fields } = wholeOf(rules, item, former, faults);
    rules.visitReferences(fields, path, (of, name, at) => references.want(of, name, at));
    if (input === undefined || slug === undefined) return;
    parsed.push({ item, former, input, slug });
  };
  await mapInSteps(items, parse);
  if (merged.length > 0) refuseFaults(await mergedFaults(tx, merged), 'CONFLICT');
  await references.find(tx);
  if (noun !== 'collection') for (const slug of seen) references.expect(noun, slug);
  faults.push(...references.faults());
  const entries = parsed.map((entry) => ({
    ...entry,
    input: renameActors(entry.input as object, references.presentSlug) as Input,
  }));
  const ruled = await mapInSteps(entries, ({ item, input, slug }) =>
    faultsAt(item.path, rules.faults?.(input, slug) ?? []),
  );
  faults.push(...ruled.flat());
  refuseFaults(faults);
  refuseFaults(conflicts, 'CONFLICT');

  const added = dryRun ? [] : await reserveIds(tx, noun, entries.filter(({ former }) => !former).length);
  const saved = await mapInSteps(entries, ({ item, former, input, slug }): SavedEntry<Input> => {
    const id = former?.id ?? added.shift() ?? Number.NaN;
    const content = rules.contentOf(input, slug);
    const changed = changedFields(rules.shape, former?.content ?? {}, content);
    if (former && isWithdrawn(former)) changed.push(WITHDRAWAL_FIELD);
    return { path: item.path, id, slug, input, content, former, changed, collectionId: item.collectionId };
  });
  const ids = new Map(saved.map(({ slug, id }) => [slug, id]));
  const idOf: IdOf = (of, slug) => (of === noun ? ids.get(slug) : undefined) ?? references.id(of, slug);
  const differing = saved.filter(({ changed, former }) => changed.length > 0 || !former);
  if (differing.length > 0) await rules.check?.(tx, differing);
  const appended =
    differing.length > 0 && !dryRun
      ? await writeEntries(tx, rules, differing, idOf, references, by, reason)
      : [];
  const written = new Map(differing.map(({ content }, i) => [content.slug, appended[i]]));
  const bySlug = new Map(saved.map((entry) => [entry.content.slug, entry]));
  return slugs.map((slug) => {
    const entry = bySlug.get(slug);
    const change = written.get(slug);
    const isNew = entry?.former === null;
    const id = change?.id ?? formers.get(slug)?.id ?? (dryRun ? Number.NaN : undefined);
    if (id === undefined) throw new Error(`the ${noun} “${slug}” was not saved`);
    return {
      id,
      position: change?.position ?? null,
      created: isNew && (dryRun || change !== undefined),
      changed: entry?.changed ?? [],
      former: entry?.former?.content ?? null,
      content: entry?.content ?? null,
      warnings: entry ? (rules.warnings?.(entry.input) ?? []) : [],
    };
  });
}
