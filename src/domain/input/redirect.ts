import type { Queryable } from '../../db/sql.ts';

/** $1 slugs of actors that were merged into others. The slugs of those that they lead to, through any number of merges. */
const FIND_REDIRECTS = `
WITH RECURSIVE chain AS (
  SELECT slug AS former, id, slug, merged_into_id FROM actor WHERE slug = ANY ($1::text[]) AND merged_into_id IS NOT NULL
  UNION
  SELECT chain.former, actor.id, actor.slug, actor.merged_into_id FROM chain JOIN actor ON actor.id = chain.merged_into_id)
SELECT former, slug FROM chain WHERE merged_into_id IS NULL`;

/** The present slugs of these actors, by their former slugs. Slugs that lead nowhere else are left out. */
export async function readRedirects(db: Queryable, slugs: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.$queryRawUnsafe<{ former: string; slug: string }[]>(FIND_REDIRECTS, slugs);
  return new Map(rows.map(({ former, slug }) => [former, slug]));
}

/** An entry or statement in the shape of its input: the fields that name actors. */
interface NamingActors {
  readonly speakers?: readonly string[] | undefined;
  readonly addressees?: readonly string[] | undefined;
  readonly onBehalfOf?: readonly string[] | undefined;
  readonly participants?: readonly string[] | undefined;
  readonly publisher?: string | undefined;
  readonly attribution?: readonly { readonly actor: string }[] | undefined;
  readonly mentions?: readonly { readonly actor?: string | undefined }[] | undefined;
  readonly affiliations?: readonly { readonly in: string }[] | undefined;
}

/** A list without the items that equal an earlier one. */
function unique<Item>(items: readonly Item[]): Item[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const text = JSON.stringify(item);
    return !seen.has(text) && seen.add(text);
  });
}

/**
 * The content with every slug of an actor replaced by `rename`. Where two actors of a list become one, one of them remains.
 * @returns `content` itself if nothing differs.
 */
export function renameActors<Content extends NamingActors>(
  content: Content,
  rename: (slug: string) => string,
): Content {
  const renamed: Record<string, unknown> = {};
  for (const field of ['speakers', 'addressees', 'onBehalfOf', 'participants'] as const) {
    const list = content[field];
    if (list?.some((slug) => rename(slug) !== slug)) renamed[field] = unique(list.map(rename));
  }
  const { publisher, attribution, mentions, affiliations } = content;
  if (publisher != null && rename(publisher) !== publisher) renamed.publisher = rename(publisher);
  if (attribution?.some(({ actor }) => rename(actor) !== actor))
    renamed.attribution = attribution.map((hop) => ({ ...hop, actor: rename(hop.actor) }));
  if (mentions?.some(({ actor }) => actor != null && rename(actor) !== actor)) {
    renamed.mentions = unique(
      mentions.map((mention) =>
        mention.actor == null ? mention : { ...mention, actor: rename(mention.actor) },
      ),
    );
  }
  if (affiliations?.some((affiliation) => rename(affiliation.in) !== affiliation.in)) {
    renamed.affiliations = unique(
      affiliations.map((affiliation) => ({ ...affiliation, in: rename(affiliation.in) })),
    );
  }
  return Object.keys(renamed).length === 0 ? content : { ...content, ...renamed };
}
