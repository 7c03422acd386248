import { ReadoutError } from '../../base/errors.ts';
import type { Transaction } from '../../db/sql.ts';
import { ACTOR } from '../actor.ts';
import type { ActorContent } from '../content.ts';
import { readRedirects, renameActors } from '../input/redirect.ts';
import { type Former, isWithdrawn, readFormer } from '../save/former.ts';
import type { Patch } from '../save/rules.ts';

export interface MergeInput {
  /** Slug of the actor that is withdrawn. */
  readonly from: string;
  /** Slug of the actor that remains. A former slug means the present one. */
  readonly into: string;
  /** Position at which the client read `from`. */
  readonly ifPosition?: string | null | undefined;
  readonly reason: string;
}

function conflict(message: string, field: string, details?: Record<string, unknown>): ReadoutError {
  return new ReadoutError('CONFLICT', message, ['input', field], details);
}

/** Reads and locks both actors. @throws ReadoutError NOT_FOUND, INVALID_INPUT or CONFLICT where they can't be merged. */
export async function lockPair(
  tx: Transaction,
  { from: given, into: target, ifPosition }: Omit<MergeInput, 'reason'>,
): Promise<{ from: Former; into: Former }> {
  const redirects = await readRedirects(tx, [given, target]);
  const moved = redirects.get(given);
  if (moved !== undefined)
    throw conflict(`“${given}” was merged into “${moved}” already.`, 'from', { slug: moved });
  const present = redirects.get(target) ?? target;
  if (present === given)
    throw new ReadoutError('INVALID_INPUT', 'An actor can’t be merged into itself.', ['input', 'into']);
  const formers = await readFormer(tx, ACTOR, [given, present]);
  const named = (slug: string, field: string): Former => {
    const former = formers.get(slug);
    if (!former) throw new ReadoutError('NOT_FOUND', `The record has no actor “${slug}”.`, ['input', field]);
    if (isWithdrawn(former))
      throw conflict(`The actor “${slug}” was withdrawn. Save it to make it current again.`, field);
    return former;
  };
  const from = named(given, 'from');
  const into = named(present, 'into');
  if (ifPosition != null && ifPosition !== String(from.position)) {
    throw conflict(
      `The actor “${given}” has changed since position ${ifPosition}: it is now at ${from.position}. Read it again before you merge it.`,
      'ifPosition',
      { position: String(from.position) },
    );
  }
  return { from, into };
}

/** The items of two lists, each once: those of the first list come first. */
function joined<Item>(own: readonly Item[] = [], added: readonly Item[] = []): Item[] {
  const byText = new Map([...own, ...added].map((item) => [JSON.stringify(item), item]));
  return [...byText.values()];
}

/** What the remaining actor gets from the other one: its names, affiliations and identifiers, unless it has them. */
export function patchOfMerge(from: ActorContent, into: ActorContent): Patch {
  const names = new Set([into.name, ...(into.aliases ?? []).map(({ name }) => name)]);
  const aliases = [{ name: from.name }, ...(from.aliases ?? [])].filter(({ name }) => {
    if (names.has(name)) return false;
    names.add(name);
    return true;
  });
  const rename = (slug: string): string => (slug === from.slug ? into.slug : slug);
  const affiliations = joined(
    renameActors({ affiliations: into.affiliations }, rename).affiliations,
    renameActors({ affiliations: from.affiliations }, rename).affiliations,
  );
  return {
    slug: into.slug,
    aliases: [...(into.aliases ?? []), ...aliases],
    affiliations: affiliations.filter((affiliation) => affiliation.in !== into.slug),
    identifiers: [...(into.identifiers ?? []), ...(from.identifiers ?? [])],
  };
}
