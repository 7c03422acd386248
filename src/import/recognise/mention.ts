import { isSlug } from '../../domain/input/slug.ts';
import type { FindingRule } from './foundActors.ts';
import { comparedName, type Days, type Identifier, type KnownActor } from './knownActor.ts';
import type { ActorLookUp, Office } from './lookUp.ts';

/** A speaker as an import writes it, unchecked. `identifier` is understood by imports only. */
export interface Mention {
  readonly as?: string;
  readonly actor?: string;
  readonly identifier?: Identifier;
}

/** A role and what it is a role in: “president of France”, “France’s president”. */
interface OfficePhrase {
  readonly role: string;
  readonly place: string;
}

/** Words “of” at which a mention is divided into an office and its place, the first ones. */
const DIVISIONS_MAX = 8;
/** Words before a name that can be a role: “Prime Minister Ana Ruiz”. */
const ROLE_WORDS_MAX = 4;
const ARTICLE = /^the /;
const POSSESSIVE = /^(.+?)(?:['’]s|s['’]) (.+)$/;

const withoutArticle = (text: string): string => text.replace(ARTICLE, '');

/** All ways to read a mention as an office. “minister of defence of France” can be divided at each “of”. */
function officePhrases(mention: string): OfficePhrase[] {
  const text = withoutArticle(comparedName(mention));
  const possessive = POSSESSIVE.exec(text);
  const parts = text.split(' of ');
  const divided = parts.slice(1, DIVISIONS_MAX + 1).map((_, i) => ({
    role: parts.slice(0, i + 1).join(' of '),
    place: withoutArticle(parts.slice(i + 1).join(' of ')),
  }));
  return possessive
    ? [...divided, { role: possessive[2] as string, place: possessive[1] as string }]
    : divided;
}

/** All ways to read a mention as a role before a name. */
function titledNames(mention: string): { readonly role: string; readonly name: string }[] {
  const words = withoutArticle(comparedName(mention)).split(' ');
  return words
    .slice(1, ROLE_WORDS_MAX + 1)
    .map((_, i) => ({ role: words.slice(0, i + 1).join(' '), name: words.slice(i + 1).join(' ') }));
}

/** The actor that a mention means, and by what words it was found; null for an identifier, the map or a slug. */
export interface MeantActor {
  readonly slug: string;
  readonly rule: FindingRule | null;
}

/** The only one of several; undefined for none or more. */
function only(actors: readonly KnownActor[]): KnownActor | undefined {
  const slugs = new Set(actors.map(({ slug }) => slug));
  return slugs.size === 1 ? actors[0] : undefined;
}

const meantBy = (actor: KnownActor | undefined, rule: FindingRule | null): MeantActor | undefined =>
  actor && { slug: actor.slug, rule };

/** Reads what `recogniseMention` needs of these mentions. */
export async function readForMentions(lookUp: ActorLookUp, mentions: readonly Mention[]): Promise<void> {
  await lookUp.readIdentified(mentions.flatMap(({ identifier }) => identifier ?? []));
  const texts = mentions.flatMap(({ as }) => as ?? []);
  await lookUp.readSlugs(texts.filter(isSlug));
  const phrases = texts.flatMap(officePhrases);
  await lookUp.readNamed([
    ...texts,
    ...phrases.map(({ place }) => place),
    ...texts.flatMap((text) => titledNames(text).map(({ name }) => name)),
  ]);
  await lookUp.readHolders(phrases.flatMap((phrase) => officesOf(lookUp, phrase)));
}

function officesOf(lookUp: ActorLookUp, { role, place }: OfficePhrase): Office[] {
  const of = only(lookUp.named(place).filter(({ content }) => content.kind !== 'PERSON'));
  return of ? [{ of: of.slug, role }] : [];
}

/**
 * The actor that a mention means; undefined if it is not certain. `readForMentions` has read what is needed.
 * @param map slugs by compared name.
 * @param days when it was said; undefined if that is not known, and then no office decides.
 */
export function recogniseMention(
  lookUp: ActorLookUp,
  { as, identifier }: Mention,
  map: ReadonlyMap<string, string>,
  days: Days | undefined,
): MeantActor | undefined {
  if (identifier) {
    const identified = only(lookUp.identified(identifier));
    if (identified) return meantBy(identified, null);
  }
  if (as === undefined) return undefined;
  const compared = comparedName(as);
  const mapped = map.get(compared) ?? lookUp.get(as)?.slug;
  if (mapped !== undefined) return { slug: mapped, rule: null };
  const named = lookUp.named(as).filter((actor) => !days || actor.hasName(compared, days));
  if (named.length === 1) return meantBy(named[0], 'name');
  if (!days) return undefined;
  if (named.length > 1) return meantBy(only(named.filter((actor) => actor.hasOfficeOn(days))), 'name');
  const holders = officePhrases(as).flatMap((phrase) =>
    officesOf(lookUp, phrase).flatMap((office) =>
      lookUp.holders(office).filter((actor) => actor.hadRole(comparedName(office.role), days, office.of)),
    ),
  );
  if (holders.length > 0) return meantBy(only(holders), 'office');
  const titled = titledNames(as).flatMap(({ role, name }) =>
    lookUp.named(name).filter((actor) => actor.hasName(name, days) && actor.hadRole(role, days)),
  );
  return meantBy(only(titled), 'office');
}
