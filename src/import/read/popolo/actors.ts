import { INPUT_MAX } from '../../../domain/input/field.ts';
import type { Place } from '../../item.ts';
import type { Omissions } from '../omissions.ts';
import { dateOf } from '../periods.ts';
import { type Fields, recordsOf, textOf } from './document.ts';

interface Identifier {
  readonly scheme: string;
  readonly value: string;
}

interface Alias {
  readonly name: string;
  readonly language?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Ids that no other file uses for something else: with a UUID, an address, or the domain of who gave them. */
const GLOBAL_ID =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|^https?:|^[a-z0-9-]+(\.[a-z0-9-]+)+\//i;
/** Schemes whose values are unique within one legislature only. */
const LOCAL_SCHEMES = new Set(['everypolitician-legacy']);
const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

const isGlobalId = (id: string): boolean => GLOBAL_ID.test(id) && id.length <= INPUT_MAX.identifier;

/** A scheme of another system in the form that the record uses: “KNS ID” is `kns-id`. */
const schemeOf = (text: string): string =>
  (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).join('-').slice(0, INPUT_MAX.scheme).replace(/-$/, '');

/** What the names and ids of an actor are outside this file. */
export function identifiersOf(fields: Fields, place: Place, omissions: Omissions): Identifier[] {
  const id = textOf(fields.id);
  const given = recordsOf(fields.identifiers).map(({ scheme, identifier }) => ({
    scheme: schemeOf(textOf(scheme)),
    value: textOf(identifier),
  }));
  const all = [...(isGlobalId(id) ? [{ scheme: 'popolo', value: id }] : []), ...given];
  const usable = all.filter(
    ({ scheme, value }) =>
      scheme !== '' && value !== '' && value.length <= INPUT_MAX.identifier && !LOCAL_SCHEMES.has(scheme),
  );
  const unlike = new Map(
    usable.map((identifier) => [`${identifier.scheme} ${identifier.value}`, identifier]),
  );
  const kept = [...unlike.values()].slice(0, INPUT_MAX.identifiers);
  omissions.add(
    'identifiers that are unique in one legislature only, or too long',
    place,
    all.length - usable.length,
  );
  omissions.add(`identifiers beyond ${INPUT_MAX.identifiers} of one actor`, place, unlike.size - kept.length);
  return kept;
}

const partsOf = (fields: Fields): string =>
  [
    fields.honorific_prefix_in_name,
    fields.given_name,
    fields.additional_name,
    fields.family_name ?? fields.lordname,
  ]
    .map(textOf)
    .filter(Boolean)
    .join(' ');

/** The usual name; empty where the file has none. Some files name persons only in parts, or only in the list of their names. */
export function nameOf(fields: Fields): string {
  const names = recordsOf(fields.other_names);
  const main = names.filter(({ note }) => /^main$/i.test(textOf(note))).at(-1);
  return textOf(fields.name) || partsOf(fields) || (main ? textOf(main.name) || partsOf(main) : '');
}

/** The other names. One that several languages share has no language. */
export function aliasesOf(fields: Fields, name: string, place: Place, omissions: Omissions): Alias[] {
  const aliases = new Map<string, Alias>();
  for (const given of recordsOf(fields.other_names)) {
    const alias = textOf(given.name) || partsOf(given);
    if (alias === '' || alias === name) continue;
    if ([...alias].length > INPUT_MAX.name) {
      omissions.add(`names of more than ${INPUT_MAX.name} characters`, place);
      continue;
    }
    const known = aliases.get(alias);
    const language = LANGUAGE.test(textOf(given.lang)) ? textOf(given.lang) : undefined;
    if (known) {
      if (known.language !== language) aliases.set(alias, { ...known, language: undefined });
      continue;
    }
    const [from, to] = [dateOf(textOf(given.start_date)), dateOf(textOf(given.end_date))];
    const isPeriod = !(from && to && to.latest < from.earliest);
    aliases.set(alias, {
      name: alias,
      ...(language !== undefined && { language }),
      ...(from && isPeriod && { from: from.edtf }),
      ...(to && isPeriod && { to: to.edtf }),
    });
  }
  omissions.add(`names beyond ${INPUT_MAX.aliases} of one actor`, place, aliases.size - INPUT_MAX.aliases);
  return [...aliases.values()].slice(0, INPUT_MAX.aliases);
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\b(country|state|nation)\b/, 'STATE'],
  [/\b(newspaper|broadcaster|media|news agency|magazine)\b/, 'OUTLET'],
  [
    /\b(legislature|chamber|parliament|house|senate|assembly|ministry|department|government|cabinet|executive|committee|commission|court|council|agency|subcommittee)\b/,
    'BODY',
  ],
];

/** What an organisation is, by its classification. */
export function actorKindOf(classification: string): string {
  const lower = classification.toLowerCase();
  return KINDS.find(([pattern]) => pattern.test(lower))?.[1] ?? 'ORGANISATION';
}
