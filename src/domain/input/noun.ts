import { z } from 'zod';
import { ACTOR_KIND, choice, EVENT_KIND } from './choice.ts';
import {
  byteCount,
  day,
  exactText,
  flag,
  fuzzyDate,
  INPUT_MAX,
  language,
  line,
  list,
  optional,
  scheme,
  sha256Digest,
  slug,
  url,
  wholeNumber,
} from './field.ts';

/*
 * What a recorder can send, written once: the actors, topics, sources, events and collections here, the statements and corrections in the
 * files beside this one. The run-time check, the GraphQL inputs (src/schema/mutation/input.ts) and
 * seed/seed.schema.json (src/import/seed/schema.ts, `npm run seed:schema`) are made from these shapes. Limits are added to the
 * descriptions of the GraphQL inputs.
 */

const SLUG_NOTE = `Slug: lowercase letters, digits and single hyphens, at most ${INPUT_MAX.slug} characters.`;
const PATCH_NOTE =
  'Creates it, or changes the one with this slug: a field that is left out stays as it is; null or an empty list clears it.';
export const ownSlug = (from: string) =>
  optional(slug).describe(`${SLUG_NOTE} Made from the ${from} where left out.`);

export const ifPosition = optional(z.string().meta({ id: 'Position' }));

/** The form of a change of an entry. The content that results from it is checked as a whole by `whole`. */
const patchOf = (noun: string, whole: z.ZodObject, note = PATCH_NOTE) => {
  const fields = Object.entries(whole.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const isRequired = !field.safeParse(undefined).success;
    return [
      name,
      isRequired ? optional(field).describe(`${field.description} A new ${noun} needs it.`) : field,
    ];
  });
  return z
    .strictObject({
      ...(Object.fromEntries(fields) as Record<string, z.ZodType>),
      ifPosition: ifPosition.describe(
        `The \`position\` at which you read the ${noun}, or "0" if it must be new. If it has changed since, nothing is written and the error CONFLICT gives the present position.`,
      ),
    })
    .meta({
      id: `Save${noun.charAt(0).toUpperCase()}${noun.slice(1)}Input`,
      description: `${whole.description} ${note}`,
    });
};

export const identifierInput = z
  .strictObject({
    scheme: scheme.describe(
      `The other system, such as wikidata or iso3166: lowercase letters, digits and single hyphens, at most ${INPUT_MAX.scheme} characters.`,
    ),
    value: line(INPUT_MAX.identifier).describe('The name there, such as Q3052772.'),
  })
  .meta({ id: 'IdentifierInput', description: 'A name in another system.' });

const identifiers = optional(list(identifierInput, INPUT_MAX.identifiers)).describe(
  'Its names in other systems. Another one with the same scheme and value is a CONFLICT.',
);

const aliasInput = z
  .strictObject({
    name: line(INPUT_MAX.name).describe('The name, in its own script.'),
    language: optional(language).describe(
      'Language of the name (BCP 47), such as fr. Left out where it is used across languages.',
    ),
    metonym: optional(flag).describe(
      'Whether it is the name of a place that is used for the actor, as “Moscow” for Russia. Default: false.',
    ),
    from: optional(fuzzyDate).describe(
      'When it came into use, where known, as precisely as it is known, in EDTF: 2017, 2017-05, 2017-05-14, 2017~.',
    ),
    to: optional(fuzzyDate).describe('When it went out of use, where known, in EDTF.'),
  })
  .meta({ id: 'AliasInput', description: 'Another name of an actor. Search finds the actor by it.' });

const affiliationInput = z
  .strictObject({
    in: slug.describe('Slug of the state, organisation or body.'),
    role: line(INPUT_MAX.role).describe('The role, such as President.'),
    from: optional(fuzzyDate).describe(
      'When the role began, where known, as precisely as it is known, in EDTF: 2017, 2017-05, 2017-05-14, 2017~. It is held from the earliest day meant.',
    ),
    to: optional(fuzzyDate).describe(
      'When it ended, where known, in EDTF. It is held to the latest day meant.',
    ),
  })
  .meta({ id: 'AffiliationInput', description: 'A role of an actor in another one.' });

export const actorInput = z
  .strictObject({
    slug: ownSlug('name'),
    name: line(INPUT_MAX.name).describe('Usual English name, in full.'),
    kind: choice(ACTOR_KIND).describe('What it is.'),
    description: optional(line(INPUT_MAX.description)).describe(
      'Who or what it is, in a sentence of your own.',
    ),
    aliases: optional(list(aliasInput, INPUT_MAX.aliases)).describe('Other names.'),
    affiliations: optional(list(affiliationInput, INPUT_MAX.affiliations)).describe(
      'Roles in other actors. They decide to which side an account belongs: Macron’s to France, the Kremlin’s to Russia.',
    ),
    identifiers,
  })
  .meta({ id: 'ActorInput', description: 'An actor.' });

export const topicInput = z
  .strictObject({
    slug: ownSlug('name'),
    name: line(INPUT_MAX.name).describe('Short English name.'),
    description: optional(line(INPUT_MAX.description)).describe('What belongs to it, in words of your own.'),
    proposition: optional(line(INPUT_MAX.proposition)).describe(
      'One sentence that one can support or oppose. A stance is an attitude to this sentence; a topic without one only groups others.',
    ),
    parent: optional(slug).describe('Slug of the topic above it.'),
    identifiers,
  })
  .meta({ id: 'TopicInput', description: 'A topic.' });

export const sourceInput = z
  .strictObject({
    slug: ownSlug('title'),
    title: line(INPUT_MAX.title).describe('Its title, or one of your own where it has none.'),
    publisher: optional(slug).describe('Slug of the actor that published it.'),
    url: optional(url).describe('Where it can be read: http or https.'),
    publishedOn: optional(day).describe('The day it was published.'),
    language: optional(language).describe('Its language (BCP 47), such as en.'),
    digest: optional(sha256Digest).describe('SHA-256 of its text in UTF-8, in lowercase hexadecimal.'),
    length: optional(wholeNumber(1)).describe(
      'Length of its text in Unicode code points. An anchor of a current statement beyond it is a CONFLICT.',
    ),
    text: optional(exactText(INPUT_MAX.sourceText)).describe(
      'The text itself, only where its licence allows. Digest and length are computed from it.',
    ),
    licence: optional(line(INPUT_MAX.licence)).describe(
      'The licence of its text, such as CC-BY-4.0, or who allows what in a few words.',
    ),
    identifiers,
  })
  .meta({ id: 'SourceInput', description: 'A source.' });

export const eventInput = z
  .strictObject({
    slug: ownSlug('name'),
    name: line(INPUT_MAX.name).describe('Short English name.'),
    kind: choice(EVENT_KIND).describe('What kind of occasion it is.'),
    description: optional(line(INPUT_MAX.description)).describe('What happened, in words of your own.'),
    date: fuzzyDate.describe(
      'When, in EDTF: 2025-07-01, 2025-07, 2025, 2024~, an interval 2025-06/2025-07-07, or with its time 2025-07-01T14:30:00+02:00.',
    ),
    participants: optional(list(slug, INPUT_MAX.participants)).describe(
      'Slugs of the actors that took part. Their states and organisations are the sides whose accounts are compared.',
    ),
  })
  .meta({ id: 'EventInput', description: 'An event.' });

const fileInput = z
  .strictObject({
    name: line(INPUT_MAX.title).describe('Name of the file.'),
    digest: sha256Digest.describe('SHA-256 of its bytes, in lowercase hexadecimal.'),
    length: byteCount.describe('Its length in bytes.'),
  })
  .meta({ id: 'CollectionFileInput', description: 'A file that a collection was imported from.' });

export const collectionInput = z
  .strictObject({
    slug: ownSlug('title'),
    title: line(INPUT_MAX.title).describe('What it is called.'),
    version: optional(line(INPUT_MAX.version)).describe(
      'Which edition of it the record has, as its publisher numbers them.',
    ),
    url: optional(url).describe('Where it comes from: http or https.'),
    licence: optional(line(INPUT_MAX.licence)).describe('The licence of its content, such as CC BY 4.0.'),
    files: optional(list(fileInput, INPUT_MAX.files)).describe('The files that it came in.'),
  })
  .meta({ id: 'CollectionInput', description: 'Documents that were imported together.' });

export const saveActorInput = patchOf('actor', actorInput);
export const saveTopicInput = patchOf('topic', topicInput);
export const saveSourceInput = patchOf(
  'source',
  sourceInput,
  `${PATCH_NOTE} A new text brings its own digest and length.`,
);
export const saveEventInput = patchOf('event', eventInput);
export const saveCollectionInput = patchOf('collection', collectionInput);

export type ActorInput = z.output<typeof actorInput>;
export type TopicInput = z.output<typeof topicInput>;
export type SourceInput = z.output<typeof sourceInput>;
export type EventInput = z.output<typeof eventInput>;
export type CollectionInput = z.output<typeof collectionInput>;
