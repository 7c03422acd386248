import { isDeepStrictEqual } from 'node:util';
import { INPUT_MAX } from '../../domain/input/field.ts';
import { slugOfIdentity, slugOfName } from '../read/madeSlug.ts';
import { type ActorContent, comparedName, identifierKey, type KnownActor } from './knownActor.ts';
import type { ActorLookUp } from './lookUp.ts';

/**
 * What an actor of a file is: one of the record or the import, a new one, or one that is not certain. `isByName` is whether the name alone
 * decided it: an actor of another file can be another person of the same name.
 */
export type Recognised = { readonly actor: KnownActor; readonly isByName: boolean } | 'new' | 'uncertain';

/** Reads what `recogniseActor` needs of these actors. */
export async function readForActors(
  lookUp: ActorLookUp,
  contents: readonly ActorContent[],
  map: ReadonlyMap<string, string>,
): Promise<void> {
  await lookUp.readIdentified(contents.flatMap(({ identifiers }) => identifiers ?? []));
  await lookUp.readSlugs(
    contents.flatMap(({ slug, name = '' }) => [slug, map.get(comparedName(name)) ?? []].flat()),
  );
  await lookUp.readNamed(contents.flatMap(({ name }) => name ?? []));
}

/**
 * Recognises an actor of a file by its identifiers, the map, its slug with its name, or its name with its kind.
 * @param map slugs by compared name.
 * @param isOfCollection whether the collection of the import has added an actor. It stays certain when another actor of the same name is
 *   added later.
 * @param isTaken whether another actor of the file was recognised as this one: a file does not list an actor twice.
 */
export function recogniseActor(
  lookUp: ActorLookUp,
  content: ActorContent,
  map: ReadonlyMap<string, string>,
  isOfCollection: (slug: string) => boolean,
  isTaken: (slug: string) => boolean,
): Recognised {
  const { slug, name = '', kind, identifiers = [] } = content;
  const identified = new Map(
    identifiers.flatMap((identifier) => lookUp.identified(identifier)).map((actor) => [actor.slug, actor]),
  );
  if (identified.size > 1) return 'uncertain';
  for (const actor of identified.values()) return { actor, isByName: false };
  const compared = comparedName(name);
  const mapped = lookUp.get(map.get(compared) ?? '');
  if (mapped) return { actor: mapped, isByName: false };
  const isLike = (actor: KnownActor): boolean =>
    actor.content.kind === kind &&
    actor.hasName(compared) &&
    !actor.hasOtherIdentifier(identifiers) &&
    !isTaken(actor.slug);
  const own = lookUp.get(slug);
  // A slug with a suffix: the file has several actors of this name, and the name alone does not tell which one it is.
  const hasSuffix = slug !== slugOfName(name);
  // A recorder has merged the actor of this slug into another one. The file can have both.
  const isMerged = own !== undefined && own.slug !== slug && !own.hasOtherIdentifier(identifiers);
  if (isMerged && (hasSuffix || isOfCollection(slug))) return { actor: own, isByName: false };
  if (own && isLike(own) && (hasSuffix || isOfCollection(slug)))
    return { actor: own, isByName: own.isImported };
  if (hasSuffix) return 'new';
  const [first, ...others] = lookUp.named(name).filter(isLike);
  if (!first) return 'new';
  return others.length === 0 ? { actor: first, isByName: true } : 'uncertain';
}

/** An unused slug for a new actor: the one that the file gives, or the same with a suffix, which is the same at each import. */
export function freeSlug(lookUp: ActorLookUp, { slug, name = '', kind, identifiers }: ActorContent): string {
  if (!lookUp.get(slug)) return slug;
  const [first] = identifiers ?? [];
  return slugOfIdentity(name, first ? identifierKey(first) : `${kind} ${name}`);
}

/**
 * Joins two lists. A given item replaces the old one with the same key, unless the file gives the old one as well. Old items with the same
 * key stay.
 */
function joined<T extends object>(
  old: readonly T[],
  given: readonly T[],
  keyOf: (item: T) => string,
  max: number,
): T[] {
  const items = [...old];
  const has = (list: readonly T[], item: T): boolean => list.some((other) => isDeepStrictEqual(other, item));
  for (const item of given) {
    if (has(items, item)) continue;
    const place = items.findIndex((other) => keyOf(other) === keyOf(item) && !has(given, other));
    items.splice(place === -1 ? items.length : place, place === -1 ? 0 : 1, item);
  }
  return items.slice(0, Math.max(max, old.length));
}

/**
 * Adds to the content of an actor what a file says about it: other names, affiliations and identifiers. Nothing is lost. Name, kind and
 * description stay.
 */
export function joinActor(known: ActorContent, given: ActorContent): ActorContent {
  const names = new Set(
    [known.name ?? '', ...(known.aliases ?? []).map(({ name }) => name)].map(comparedName),
  );
  const further = [
    ...(given.name === undefined ? [] : [{ name: given.name }]),
    ...(given.aliases ?? []),
  ].filter(({ name }) => !names.has(comparedName(name)));
  const aliases = joined(known.aliases ?? [], further, ({ name }) => comparedName(name), INPUT_MAX.aliases);
  const affiliations = joined(
    known.affiliations ?? [],
    given.affiliations ?? [],
    ({ in: of, role, from }) => JSON.stringify([of, role, from]),
    INPUT_MAX.affiliations,
  );
  const identifiers = joined(
    known.identifiers ?? [],
    given.identifiers ?? [],
    identifierKey,
    INPUT_MAX.identifiers,
  );
  return {
    ...known,
    ...(known.description === undefined &&
      given.description !== undefined && { description: given.description }),
    ...(aliases.length > 0 && { aliases }),
    ...(affiliations.length > 0 && { affiliations }),
    ...(identifiers.length > 0 && { identifiers }),
  };
}

/** The fields of the content that a file changes, with the slug, as a save of the actor takes them. */
export function patchOf(known: ActorContent, content: ActorContent): object {
  const changed = Object.entries(content).filter(
    ([field, value]) => !isDeepStrictEqual(value, known[field as keyof ActorContent]),
  );
  return { slug: content.slug, ...Object.fromEntries(changed) };
}
