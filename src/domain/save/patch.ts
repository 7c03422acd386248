import type { z } from 'zod';
import type { InputPath } from '../../base/errors.ts';
import type { Transaction } from '../../db/sql.ts';
import { type Fault, formedFields, parseInput } from '../input/fault.ts';
import { readRedirects } from '../input/redirect.ts';
import { makeSlug } from '../input/slug.ts';
import { type Former, isWithdrawn } from './former.ts';
import type { NounRules, Patch } from './rules.ts';

/** A patch with the slug of its entry, given or made from the name; undefined if it has neither. */
export interface PatchItem {
  readonly path: InputPath;
  readonly fields: Patch;
  readonly ifPosition: string | undefined;
  readonly isMade: boolean;
  readonly slug: string | undefined;
  /** Id of the collection that the entry belongs to, if it is new. */
  readonly collectionId: number | null;
}

export function itemOf(
  { named }: Pick<NounRules<never>, 'named'>,
  patch: Patch,
  path: InputPath,
  collectionId: number | null,
): PatchItem {
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
export function conflictsOf(
  noun: string,
  { path, slug, isMade, ifPosition }: PatchItem,
  former: Former | null,
): Fault[] {
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
export async function mergedFaults(tx: Transaction, items: readonly PatchItem[]): Promise<Fault[]> {
  const slugs = items.flatMap(({ slug }) => slug ?? []);
  const redirects = await readRedirects(tx, slugs);
  return items.map(({ path, slug = '' }) => {
    const present = redirects.get(slug) ?? slug;
    const message = `“${slug}” was merged into “${present}”. Save that actor, or choose another slug`;
    return { path: [...path, 'slug'], message, slug: present };
  });
}

/** The whole entry that an item results in, or the fields of it whose form is right. Its faults are added to `faults`. */
export function wholeOf<Input>(
  rules: NounRules<Input>,
  { path, slug, fields }: PatchItem,
  former: Former | null,
  faults: Fault[],
): { readonly input: Input | undefined; readonly fields: Partial<Input> } {
  // A withdrawn entry begins empty, so that nothing of a bad import comes back. A collection keeps its content, which only describes its
  // origin.
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
