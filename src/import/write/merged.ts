import type { Queryable } from '../../db/sql.ts';
import { ACTOR } from '../../domain/actor.ts';
import { readRedirects, renameActors } from '../../domain/input/redirect.ts';
import { readContents } from '../../domain/save/former.ts';
import type { Patch } from '../../domain/save/rules.ts';
import { joinActor, patchOf } from '../recognise/actor.ts';
import type { ActorContent } from '../recognise/knownActor.ts';

/** $1 slugs. Those of actors into which others were merged. */
const FIND_MERGED_INTO = `SELECT slug FROM actor WHERE slug = ANY ($1::text[])
  AND EXISTS (SELECT FROM actor other WHERE other.merged_into_id = actor.id)`;

const isActors = (value: unknown): value is { readonly in: string }[] =>
  Array.isArray(value) && value.every((item) => typeof (item as { in?: unknown } | null)?.in === 'string');

/** The present slugs of actors that were merged, by slug; with the actors into which others were merged, under their own slugs. */
export async function readMerged(db: Queryable, slugs: readonly string[]): Promise<Map<string, string>> {
  const merged = await readRedirects(db, slugs);
  const rows = await db.$queryRawUnsafe<{ slug: string }[]>(FIND_MERGED_INTO, slugs);
  for (const { slug } of rows) merged.set(slug, slug);
  return merged;
}

/**
 * Patches of actors that were merged, or into which others were merged. A file can have both actors of a merge. So what it says of each is
 * added to the actor that remains, and nothing of the other one is lost.
 * @param patches with the slugs of the file.
 * @param merged the result of `readMerged`.
 */
export async function joinMerged(
  db: Queryable,
  patches: readonly Patch[],
  merged: ReadonlyMap<string, string>,
): Promise<Patch[]> {
  const known = await readContents(db, ACTOR, [...new Set(merged.values())]);
  const places = patches.flatMap(({ affiliations }) =>
    isActors(affiliations) ? affiliations.map((affiliation) => affiliation.in) : [],
  );
  const redirects = await readRedirects(db, places);
  const present = (slug: string): string => redirects.get(slug) ?? slug;
  return patches.map((patch) => {
    const slug = merged.get(String(patch.slug));
    const content = slug === undefined ? undefined : (known.get(slug)?.content as ActorContent | undefined);
    if (slug === undefined || content === undefined) return patch;
    const { name, kind, description, ...lists } = patch;
    const affiliations = isActors(lists.affiliations)
      ? renameActors({ affiliations: lists.affiliations }, present).affiliations.filter(
          (one) => one.in !== slug,
        )
      : lists.affiliations;
    const isSame = slug === patch.slug;
    // The name of the other actor is another name of the one that remains.
    const given = { ...lists, ...(!isSame && { name, kind, description }), affiliations, slug };
    const joined = patchOf(content, joinActor(content, given as unknown as ActorContent));
    return { ...joined, ...(isSame && { name, kind, description }) };
  });
}
