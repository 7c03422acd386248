import { isObject } from '../../base/object.ts';
import type { Mention } from './mention.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The fields in which entries name actors, as lists or single, with the field of an item that has the slug where the item is not a text. */
const REFERENCES: readonly (readonly [string, string | null])[] = [
  ['speakers', null],
  ['addressees', null],
  ['onBehalfOf', null],
  ['participants', null],
  ['publisher', null],
  ['attribution', 'actor'],
  ['affiliations', 'in'],
];

/** The mentions of a statement, unchecked; none where it has no list of them. */
export const mentionsOf = (value: unknown): Mention[] =>
  isObject(value) && Array.isArray(value.mentions) ? value.mentions.filter(isObject) : [];

/** What becomes of the slug of an actor: another slug; null where it is not certain who is meant. */
export type Rename = (slug: string) => string | null;

/**
 * An entry with the actors that it names under other slugs.
 * @param drop called with each reference that is left out, because it is not certain who is meant; its field and slug.
 */
export function withActors(
  value: unknown,
  rename: Rename,
  drop: (field: string, slug: string) => void,
): unknown {
  if (!isObject(value)) return value;
  const changed: Record<string, unknown> = {};
  for (const [field, inner] of REFERENCES) {
    const given = value[field];
    if (typeof given === 'string') {
      const slug = rename(given);
      if (slug === null) drop(field, given);
      if (slug !== given) changed[field] = slug ?? undefined;
    } else if (Array.isArray(given)) {
      const items = given.flatMap((item: unknown) =>
        renamed(item, inner, rename, (slug) => drop(field, slug)),
      );
      if (items.length !== given.length || items.some((item, i) => item !== given[i])) changed[field] = items;
    }
  }
  return Object.keys(changed).length > 0 ? { ...value, ...changed } : value;
}

function renamed(
  item: unknown,
  inner: string | null,
  rename: Rename,
  drop: (slug: string) => void,
): unknown[] {
  const given = inner === null ? item : isObject(item) ? item[inner] : undefined;
  if (typeof given !== 'string') return [item];
  const slug = rename(given);
  if (slug === null) drop(given);
  if (slug === null) return [];
  if (slug === given) return [item];
  return [inner === null ? slug : { ...(item as Fields), [inner]: slug }];
}
