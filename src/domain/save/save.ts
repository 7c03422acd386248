import type { z } from 'zod';
import { type InputPath, ReadoutError } from '../../base/errors.ts';
import type { Transaction } from '../../db/client.ts';
import { appendChanges } from '../../log/append.ts';
import { isSame } from '../content.ts';
import { type Fault, faultsAt, formedFields, parseInput, refuseFaults } from '../input/fault.ts';
import { INPUT_MAX } from '../input/field.ts';
import { readRedirects, renameActors } from '../input/redirect.ts';
import { type KnownTargets, References } from '../input/reference.ts';
import { makeSlug } from '../input/slug.ts';
import type { Warning } from '../warning.ts';
import { type Content, type ContentSql, type Former, isWithdrawn, readFormer } from './former.ts';
import { addNames, deleteNames } from './names.ts';
import { type IdOf, reserveIds } from './rows.ts';

/** A change of an entry, unchecked: a field that is left out or undefined stays as it is, and null clears it. */
export type Patch = Readonly<Record<string, unknown>>;

/** An entry that a save writes. */
export interface SavedEntry<Input> {
  /** Its place in the request. */
  readonly path: InputPath;
  /** Of a new entry, reserved for it; NaN in a dry run. */
  readonly id: number;
  readonly slug: string;
  readonly input: Input;
  readonly content: Content;
  /** Null for a new entry. */
  readonly former: Former | null;
  /** Id of the collection that it belongs to, if it is new; null for none. */
  readonly collectionId: number | null;
  /** Names of the fields that differ from the former content. */
  readonly changed: readonly string[];
}

/** How the entries of one noun are checked and written. Paths of faults begin with `input`. */
export interface NounRules<Input> extends ContentSql {
  /** The form of a whole entry. */
  readonly shape: z.ZodObject & z.ZodType<Input>;
  /** The field from which a slug is made. */
  readonly named: 'name' | 'title';
  /** Names by which search finds an entry. Null: search finds none of this noun. */
  readonly namesOf: ((input: Input) => readonly string[]) | null;
  /** The fields of the former content that stay with this patch. Default: all that the patch does not give. */
  readonly keep?: (former: Patch, given: Patch) => Patch;
  readonly visitReferences: (
    input: Partial<Input>,
    path: InputPath,
    want: (noun: 'actor' | 'topic', slug: string, path: InputPath) => void,
  ) => void;
  readonly contentOf: (input: Input, slug: string) => Content;
  readonly digestOf: (content: never) => string;
  /** Faults of an entry beside those of its form and references. */
  readonly faults?: (input: Input, slug: string) => Fault[];
  readonly warnings?: (input: Input) => readonly Warning[];
  /** Checks the entries against the rest of the record. @throws ReadoutError */
  readonly check?: (tx: Transaction, entries: readonly SavedEntry<Input>[]) => Promise<void>;
  /** Writes the rows of the entries. */
  readonly write: (tx: Transaction, entries: readonly SavedEntry<Input>[], idOf: IdOf) => Promise<void>;
}

/** The result of a save. */
export interface Saved {
  readonly id: number;
  /** Position of its change; null if nothing differed. */
  readonly position: bigint | null;
  readonly created: boolean;
  /** Names of the fields that changed, in the order of the input; empty if nothing differed. */
  readonly changed: readonly string[];
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
  /** Checks the entries and tells what a save would do, and writes nothing. The id of a new entry is then NaN. */
  readonly dryRun?: boolean;
  /** Entries that are known without a look-up. */
  readonly known?: KnownTargets;
  /** Why the entries are changed, for the log. Default: not said. */
  readonly reason?: string;
}

/** The field of the schema that a save changes if it makes a withdrawn entry current again. */
const WITHDRAWAL_FIELD = 'withdrawal';
/** Fields whose change makes the names of an entry be written again. */
const NAMING_FIELDS = ['name', 'title', 'aliases', WITHDRAWAL_FIELD];

/** A patch with the slug of its entry, given or made from the name; undefined if it has neither. */
interface Item {
  readonly path: InputPath;
  readonly fields: Patch;
  readonly ifPosition: string | undefined;
  readonly isMade: boolean;
  readonly slug: string | undefined;
  /** Id of the collection that the entry belongs to, if it is new. */
  readonly collectionId: number | null;
}

function itemOf(
  { named }: Pick<NounRules<never>, 'named'>,
  patch: Patch,
  path: InputPath,
  collectionId: number | null,
): Item {
  const { slug: given, ifPosition, ...rest } = patch;
  const fields = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const name = fields[named];
  const isMade = given === undefined || given === null;
  const made = typeof name === 'string' ? makeSlug(name.trim()) : undefined;
  return {
    path,
    fields,
    ifPosition: typeof ifPosition === 'string' ? ifPosition : undefined,
    isMade,
    slug: isMade ? made : String(given),
    collectionId,
  };
}

/** Conflicts of an item with the entry that has its slug. */
function conflictsOf(noun: string, { path, slug, isMade, ifPosition }: Item, former: Former | null): Fault[] {
  if (former && isMade) {
    const message = `“${slug}”, the slug made from this name, is taken. Give a slug: this one to change its entry, another one to add a new entry`;
    return [{ path: [...path, 'slug'], message, slug: former.content.slug }];
  }
  const position = String(former?.position ?? 0);
  if (ifPosition === undefined || ifPosition === position) return [];
  const message = former
    ? `is not the position of the ${noun} “${slug}”, which has changed since: it is now at ${position}. Read it again before you save it`
    : `names a position of the ${noun} “${slug}”, which the record does not have`;
  return [{ path: [...path, 'ifPosition'], message, position, ...(former && { slug: former.content.slug }) }];
}

/** A fault for each item whose slug leads to another actor. */
async function mergedFaults(tx: Transaction, items: readonly Item[]): Promise<Fault[]> {
  const slugs = items.flatMap(({ slug }) => slug ?? []);
  const redirects = await readRedirects(tx, slugs);
  return items.map(({ path, slug = '' }) => {
    const present = redirects.get(slug) ?? slug;
    const message = `“${slug}” was merged into “${present}”. Save that actor, or choose another slug`;
    return { path: [...path, 'slug'], message, slug: present };
  });
}

/** The whole entry that an item results in, or the fields of it whose form is right. Its faults are added to `faults`. */
function wholeOf<Input>(
  rules: NounRules<Input>,
  { path, slug, fields }: Item,
  former: Former | null,
  faults: Fault[],
): { readonly input: Input | undefined; readonly fields: Partial<Input> } {
  // A withdrawn entry begins with nothing, so that nothing of a bad import comes back. A collection only says where it is from.
  const isDropped = former !== null && isWithdrawn(former) && rules.noun !== 'collection';
  const { withdrawalReason: _, ...content }: Patch = isDropped ? {} : (former?.content ?? {});
  const kept = rules.keep?.(content, fields) ?? content;
  const whole: Record<string, unknown> = { ...kept, ...fields, ...(slug !== undefined && { slug }) };
  const shape = rules.shape.shape as Record<string, z.ZodType>;
  const missing = Object.keys(shape).filter(
    (field) => whole[field] == null && !shape[field]?.safeParse(undefined).success,
  );
  const reason = isDropped
    ? `is missing. The ${rules.noun} “${slug}” was withdrawn, and needs it to become current again`
    : former
      ? `can’t be cleared: every ${rules.noun} has one`
      : slug === undefined
        ? `is missing. A new ${rules.noun} needs it; give slug to change one that the record has`
        : `is missing. The record has no ${rules.noun} “${slug}”, and a new one needs it`;
  faults.push(...missing.map((field) => ({ path: [...path, field], message: reason })));
  const found: Fault[] = [];
  const input = parseInput(rules.shape, whole, path, found);
  faults.push(...found.filter((fault) => !missing.includes(String(fault.path[path.length]))));
  return { input, fields: input ?? formedFields<Input>(rules.shape, whole) };
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
  const items = patches.map((patch, i) => itemOf(rules, patch, pathOf(i), collectionAt(collection, i)));
  const slugs = items.flatMap(({ slug }) => slug ?? []);
  const formers = await readFormer(tx, rules, slugs);
  const faults: Fault[] = [];
  const conflicts: Fault[] = [];
  const merged: Item[] = [];
  const references = new References(known);
  const seen = new Set<string>();
  const parsed: { item: Item; former: Former | null; input: Input; slug: string }[] = [];
  for (const item of items) {
    const former = formers.get(item.slug ?? '') ?? null;
    const { path, slug } = item;
    if (slug !== undefined && seen.has(slug))
      faults.push({ path: [...path, 'slug'], message: `“${slug}” is in the list twice` });
    if (slug !== undefined) seen.add(slug);
    if (former && keepExisting && !isWithdrawn(former)) continue;
    conflicts.push(...conflictsOf(noun, item, former));
    if (former?.content.mergedInto !== undefined) merged.push(item);
    const { input, fields } = wholeOf(rules, item, former, faults);
    rules.visitReferences(fields, path, (of, name, at) => references.want(of, name, at));
    if (input === undefined || slug === undefined) continue;
    parsed.push({ item, former, input, slug });
  }
  if (merged.length > 0) refuseFaults(await mergedFaults(tx, merged), 'CONFLICT');
  await references.find(tx);
  if (noun !== 'collection') for (const slug of seen) references.expect(noun, slug);
  faults.push(...references.faults());
  const entries = parsed.map((entry) => ({
    ...entry,
    input: renameActors(entry.input as object, references.presentSlug) as Input,
  }));
  for (const { item, input, slug } of entries)
    faults.push(...faultsAt(item.path, rules.faults?.(input, slug) ?? []));
  refuseFaults(faults);
  refuseFaults(conflicts, 'CONFLICT');

  const added = dryRun ? [] : await reserveIds(tx, noun, entries.filter(({ former }) => !former).length);
  const saved = entries.map(({ item, former, input, slug }): SavedEntry<Input> => {
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
  if (differing.length > 0 && !dryRun) {
    await rules.write(tx, differing, idOf);
    const { namesOf } = rules;
    const renamed = differing.filter(({ changed }) => NAMING_FIELDS.some((field) => changed.includes(field)));
    if (namesOf && noun !== 'collection') {
      const former = renamed.flatMap((entry) => entry.former?.id ?? []);
      if (former.length > 0) await deleteNames(tx, noun, former);
      await addNames(
        tx,
        renamed.flatMap(({ id, input }) => namesOf(input).map((name) => ({ noun, id, name }))),
      );
    }
  }
  const changes = differing.map(({ id, content, former, collectionId }) => ({
    id,
    slug: content.slug,
    former: former?.content ?? null,
    contentDigest: rules.digestOf(content as never),
    ...(reason !== undefined && { reason }),
    ...((!former || isWithdrawn(former)) && { collectionId }),
  }));
  const appended = changes.length > 0 && !dryRun ? await appendChanges(tx, noun, changes, by) : [];
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
      warnings: entry ? (rules.warnings?.(entry.input) ?? []) : [],
    };
  });
}

/** Saves one entry, which is the input of its request. */
export async function saveEntry<Input>(
  tx: Transaction,
  rules: NounRules<Input>,
  patch: Patch,
  by: string,
): Promise<Saved> {
  const [saved] = await saveEntries(tx, rules, [patch], by, { pathOf: () => ['input'] });
  return saved as Saved;
}
