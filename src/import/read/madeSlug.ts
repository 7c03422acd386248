import { createHash } from 'node:crypto';
import { transliterate } from '../../base/latin.ts';
import { MADE_SLUG_LENGTH_MAX, makeSlug } from '../../domain/input/slug.ts';

/** Hexadecimal digits of the digest that distinguishes entries of the same name. */
const SUFFIX_LENGTH = 8;

/** The slug of a name in any script: “Лукашенко” is `lukashenko`, “Søren Weiß” `soren-weiss`. The same name always gives the same slug. */
export const slugOfName = (name: string): string => makeSlug(transliterate(name));

/** The slug of a name with a suffix made from what identifies the entry. So entries with the same name get different slugs. */
export function slugOfIdentity(name: string, identity: string): string {
  const digest = createHash('sha256').update(identity, 'utf8').digest('hex').slice(0, SUFFIX_LENGTH);
  return `${slugOfName(name).slice(0, MADE_SLUG_LENGTH_MAX)}-${digest}`;
}

/** The slug of an id that no other entry has: “ParlaMint-GB_2022-07-21-commons” is `parlamint-gb-2022-07-21-commons`. */
export function slugOfId(id: string): string {
  return transliterate(id).length <= MADE_SLUG_LENGTH_MAX ? slugOfName(id) : slugOfIdentity(id, id);
}

/** An entry of a file that has no slug of its own. */
interface Named {
  readonly name: string;
  /** What identifies it in the file, such as its id there. */
  readonly identity: string;
}

/**
 * The slugs of the entries of a file, by identity. They do not depend on the order of the entries: a unique name gives the slug of the
 * name, and all entries of a shared name get a suffix.
 */
export function makeSlugs(entries: Iterable<Named>): Map<string, string> {
  const byIdentity = new Map([...entries].map(({ name, identity }) => [identity, name]));
  const counts = new Map<string, number>();
  for (const name of byIdentity.values())
    counts.set(slugOfName(name), (counts.get(slugOfName(name)) ?? 0) + 1);
  return new Map(
    [...byIdentity].map(([identity, name]) => {
      const slug = slugOfName(name);
      return [identity, counts.get(slug) === 1 ? slug : slugOfIdentity(name, identity)];
    }),
  );
}
