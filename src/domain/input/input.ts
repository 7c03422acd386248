import { z } from 'zod';
import {
  ACTOR_KIND,
  ANCHOR_ROLE,
  ANCHOR_STATUS,
  ATTRIBUTION_FORM,
  choice,
  EVENT_KIND,
  LINK_KIND,
  STANCE,
  STATEMENT_ACT,
  STATEMENT_MODE,
} from './choice.ts';
import {
  byteCount,
  day,
  exactText,
  flag,
  fraction,
  fuzzyDate,
  INPUT_MAX,
  language,
  line,
  list,
  listOrEmpty,
  optional,
  scheme,
  sha256Digest,
  slug,
  timeCode,
  url,
  wholeNumber,
} from './field.ts';

/*
 * What a recorder can send, written once. The run-time check, the GraphQL inputs (src/schema/mutation/input.ts) and
 * seed/seed.schema.json (src/import/schema.ts, `npm run seed:schema`) are made from these shapes. Limits are added to the
 * descriptions of the GraphQL inputs.
 */

const stance = choice(STANCE);
const linkKind = choice(LINK_KIND);

const SLUG_NOTE = `Slug: lowercase letters, digits and single hyphens, at most ${INPUT_MAX.slug} characters.`;
const PATCH_NOTE =
  'Creates it, or changes the one with this slug: a field that is left out stays as it is; null or an empty list clears it.';
const ownSlug = (from: string) =>
  optional(slug).describe(`${SLUG_NOTE} Made from the ${from} where left out.`);

const ifPosition = optional(z.string().meta({ id: 'Position' }));

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
      'Whether a place stands for the actor, as “Moscow” does for Russia. False where left out.',
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
  .meta({ id: 'CollectionFileInput', description: 'A file that a collection came in.' });

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
  .meta({ id: 'CollectionInput', description: 'Documents that came in together.' });

export const saveActorInput = patchOf('actor', actorInput);
export const saveTopicInput = patchOf('topic', topicInput);
export const saveSourceInput = patchOf(
  'source',
  sourceInput,
  `${PATCH_NOTE} A new text brings its own digest and length.`,
);
export const saveEventInput = patchOf('event', eventInput);
export const saveCollectionInput = patchOf('collection', collectionInput);

const attributionInput = z
  .strictObject({
    actor: slug.describe('Slug of the actor that passed it on.'),
    form: choice(ATTRIBUTION_FORM).describe('In which form.'),
  })
  .meta({ id: 'AttributionInput', description: 'One hop between the speaker and the source.' });

const statementTopicInput = z
  .strictObject({
    topic: slug.describe('Slug of the topic: the most specific one that fits.'),
    stance: optional(stance).describe(
      'Attitude to its proposition. Only where the topic has one and the words carry an attitude.',
    ),
  })
  .meta({ id: 'StatementTopicInput', description: 'A topic of a statement.' });

const mentionInput = z
  .strictObject({
    as: line(INPUT_MAX.mention).describe('The speaker as the source writes it, such as “the president”.'),
    actor: optional(slug).describe(
      'Slug of the actor that is meant, who is then a speaker. Left out while it is not known who is meant.',
    ),
  })
  .meta({ id: 'MentionInput', description: 'A speaker as the source writes it.' });

/** The default is left out, so that equal anchors have equal content. */
const anchorRole = optional(choice(ANCHOR_ROLE)).transform((role) => (role === 'CONTENT' ? undefined : role));

/** As with the role. */
const anchorStatus = optional(choice(ANCHOR_STATUS)).transform((status) =>
  status === 'PLACED' ? undefined : status,
);

const anchorInput = z
  .strictObject({
    start: optional(wholeNumber(0)).describe(
      'Where it begins: the number of code points before it. Only where a page, paragraph or time code is given can start and end be left out.',
    ),
    end: optional(wholeNumber(1)).describe('Where it ends: the first code point after it.'),
    digest: optional(sha256Digest).describe(
      'SHA-256 of the span in UTF-8, in lowercase hexadecimal. An anchor with start and end needs it.',
    ),
    exact: optional(exactText(INPUT_MAX.quote)).describe(
      'The words of the span, only where they are a quotation.',
    ),
    role: anchorRole.describe('What the span carries. CONTENT where left out.'),
    prefix: optional(exactText(INPUT_MAX.context)).describe('The words just before the span.'),
    suffix: optional(exactText(INPUT_MAX.context)).describe('The words just after the span.'),
    page: optional(line(INPUT_MAX.locator)).describe('The page, as the source numbers it: 12, xiv, A-3.'),
    paragraph: optional(line(INPUT_MAX.locator)).describe(
      'The paragraph, section or segment, as the source numbers it.',
    ),
    timeCode: optional(timeCode).describe(
      'The time from the beginning of a recording, such as 00:12:34 or 00:12:34.500.',
    ),
    status: anchorStatus.describe(
      'Whether a new text of the source has its words. `reanchorSource` sets it; leave it out for a new anchor. PLACED where left out.',
    ),
  })
  .meta({
    id: 'AnchorInput',
    description:
      'A place in the source: a span of its text in Unicode code points, a page, paragraph or time code, or both.',
  });

const linkInput = z
  .strictObject({
    to: slug.describe('Slug of the earlier statement.'),
    kind: linkKind.describe('How the new statement relates to it.'),
  })
  .meta({ id: 'LinkInput', description: 'A relation to an earlier statement.' });

/** The fields of a statement that can be revised. */
const statementContent = z.strictObject({
  text: optional(line(INPUT_MAX.text)).describe(
    'What was said, in one sentence of the record’s own words. It may be left out where there is a quote.',
  ),
  quote: optional(line(INPUT_MAX.quote)).describe(
    'The verbatim words, without quotation marks. Required where the mode is DIRECT.',
  ),
  language: optional(language).describe(
    'Language of the quote, or of a text without a quote, if it is not in English (BCP 47), such as fr. A search finds other forms of its words.',
  ),
  mode: choice(STATEMENT_MODE).describe('How the source gives it.'),
  act: choice(STATEMENT_ACT).describe('What kind of speech act it is.'),
  speakers: listOrEmpty(slug, INPUT_MAX.speakers).describe(
    'Slugs of the actors who said it. A statement needs a speaker or a mention.',
  ),
  mentions: optional(list(mentionInput, INPUT_MAX.mentions)).describe(
    'The speakers as the source writes them. An actor of a mention is a speaker, whether or not `speakers` names it.',
  ),
  addressees: optional(list(slug, INPUT_MAX.addressees)).describe(
    'Slugs of the actors it was said to or is directed against.',
  ),
  attribution: optional(list(attributionInput, INPUT_MAX.attribution)).describe(
    'Who passed it on, nearest the speaker first. It is the account of the last hop that is not an OUTLET, or else of the speakers.',
  ),
  onBehalfOf: optional(list(slug, INPUT_MAX.onBehalfOf)).describe(
    'Slugs of the states or organisations that the speakers spoke for, where the source says so. Where the speakers are the givers, these decide the side, not their affiliations.',
  ),
  said: fuzzyDate.describe(
    'When it was said, in EDTF: 2025-07-01, 2025-07, 2025, 2024~, an interval 2025-07-01/2025-07-07, or with its time ' +
      '2025-07-01T14:30:00+02:00.',
  ),
  topics: optional(list(statementTopicInput, INPUT_MAX.topics)).describe('What it is about.'),
  events: optional(list(slug, INPUT_MAX.events)).describe('Slugs of the events it was made at or is about.'),
  source: slug.describe('Slug of the document it was taken from.'),
  anchors: optional(list(anchorInput, INPUT_MAX.anchors)).describe(
    'Where in the source it is written: the tightest spans that carry it, in the order of the text.',
  ),
  order: optional(wholeNumber(0)).describe(
    'Its place among the statements of the source. Lists in the order of the text use it where there are no spans.',
  ),
  links: optional(list(linkInput, INPUT_MAX.links)).describe('Earlier statements that it relates to.'),
  coder: optional(line(INPUT_MAX.coder)).describe('Who coded it: a name, a team or a program.'),
  confidence: optional(fraction).describe('How sure the coder is, from 0 to 1.'),
});

/** The input with the actors of its mentions among its speakers, after those that it names. */
function withMentioned<Input extends Partial<z.output<typeof statementContent>>>(input: Input): Input {
  const { speakers = [], mentions = [] } = input;
  const added = mentions.flatMap(({ actor }) =>
    actor === undefined || speakers.includes(actor) ? [] : [actor],
  );
  return added.length === 0 ? input : { ...input, speakers: [...speakers, ...new Set(added)] };
}

export const statementInput = z
  .strictObject({
    key: optional(line(INPUT_MAX.key)).describe(
      'Makes recording safe to repeat: the same key with the same content returns the statement recorded first. The slug where left out and a slug is given.',
    ),
    slug: ownSlug('text, or else from the quote,'),
    ...statementContent.shape,
  })
  .overwrite(withMentioned)
  .meta({
    id: 'RecordStatementInput',
    description: 'A statement to record. Everything refers by slug. Seed files have the same shape.',
  });

const statementId = z.string('must be an id or a slug').meta({ id: 'ID' });

/** The form of a revision. The content that results from it is checked as a whole by `statementInput`. */
export const revisionInput = z
  .strictObject({
    id: statementId.describe('The statement’s id, or its slug.'),
    ifPosition: ifPosition.describe(
      'The `position` at which you read the statement. If it has changed since, nothing is written and the error CONFLICT gives the present position.',
    ),
    ...statementContent.partial().shape,
  })
  .meta({
    id: 'ReviseStatementInput',
    description: 'A revision. A field that is left out stays unchanged; null empties an optional field.',
  });

export const retractionInput = z
  .strictObject({
    id: statementId.describe('The statement’s id, or its slug.'),
    reason: line(INPUT_MAX.reason).describe('Why the record withdraws it.'),
  })
  .meta({ id: 'RetractStatementInput', description: 'A retraction.' });

const reason = line(INPUT_MAX.reason).describe('Why the record withdraws it.');

export const withdrawalInput = z
  .strictObject({ slug: slug.describe('Its slug.'), reason })
  .meta({ id: 'WithdrawInput', description: 'The withdrawal of an actor, topic, source or event.' });

export const reanchorInput = z
  .strictObject({
    source: slug.describe('Slug of the source.'),
    text: exactText(INPUT_MAX.sourceText).describe('Its new text, whole.'),
    keep: optional(flag).describe(
      'Whether the record keeps the text, only where its licence allows. Where false, it is used and not stored. Left out, it is kept if the record has the former text.',
    ),
    licence: optional(line(INPUT_MAX.licence)).describe(
      'The licence of the text. Left out, it stays as it is.',
    ),
    dryRun: optional(flag).describe(
      'Whether only the outcome is told and nothing is written. False where left out.',
    ),
  })
  .meta({ id: 'ReanchorSourceInput', description: 'A new text of a source.' });

export const collectionRetractionInput = z
  .strictObject({ slug: slug.describe('Slug of the collection.'), reason })
  .meta({ id: 'RetractCollectionInput', description: 'The retraction of a collection.' });

export const newLinkInput = z
  .strictObject({
    from: statementId.describe('The later statement: its id or slug.'),
    to: statementId.describe('The earlier statement: its id or slug.'),
    kind: linkKind.describe('How the later one relates to the earlier one.'),
  })
  .meta({ id: 'LinkStatementsInput', description: 'A link between two statements of the record.' });

const whyChanged = line(INPUT_MAX.reason).describe(
  'Why, for the log: each change that it makes has this reason.',
);

export const mergeInput = z
  .strictObject({
    from: slug.describe('Slug of the actor that is withdrawn. It leads to the other one from then on.'),
    into: slug.describe('Slug of the actor that remains.'),
    ifPosition: ifPosition.describe(
      'The `position` at which you read `from`. If it has changed since, nothing is written and the error CONFLICT gives the present position.',
    ),
    reason: whyChanged,
  })
  .meta({ id: 'MergeActorsInput', description: 'The merge of two actors that are one.' });

export const splitInput = z
  .strictObject({
    actor: slug.describe('Slug of the actor whom the statements name now.'),
    into: saveActorInput.describe(
      'The actor whom they name afterwards, as `saveActor` takes it. For one that the record has, its slug is enough.',
    ),
    statements: list(statementId, INPUT_MAX.splitStatements).describe('Ids or slugs of the statements.'),
    reason: whyChanged,
  })
  .meta({ id: 'SplitActorInput', description: 'The split of an actor that is two.' });

export const mentionResolutionInput = z
  .strictObject({
    as: line(INPUT_MAX.mention).describe('The words of the mention, exactly.'),
    actor: slug.describe('Slug of the actor whom they mean.'),
    collection: optional(slug).describe('Slug of a collection: only mentions of its statements.'),
    source: optional(slug).describe('Slug of a source: only mentions of its statements.'),
    reason: whyChanged,
  })
  .meta({ id: 'ResolveMentionInput', description: 'Whom a mention means.' });

export type ActorInput = z.output<typeof actorInput>;
export type TopicInput = z.output<typeof topicInput>;
export type SourceInput = z.output<typeof sourceInput>;
export type EventInput = z.output<typeof eventInput>;
export type CollectionInput = z.output<typeof collectionInput>;
export type StatementInput = z.output<typeof statementInput>;
