import { z } from 'zod';
import {
  ANCHOR_ROLE,
  ANCHOR_STATUS,
  ATTRIBUTION_FORM,
  choice,
  LINK_KIND,
  STANCE,
  STATEMENT_ACT,
  STATEMENT_MODE,
} from './choice.ts';
import {
  exactText,
  fraction,
  fuzzyDate,
  INPUT_MAX,
  language,
  line,
  list,
  listOrEmpty,
  optional,
  sha256Digest,
  slug,
  timeCode,
  wholeNumber,
} from './field.ts';
import { ownSlug } from './noun.ts';

const stance = choice(STANCE);
export const linkKind = choice(LINK_KIND);

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
export const statementContent = z.strictObject({
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
function withMentionedSpeakers<Input extends Partial<z.output<typeof statementContent>>>(
  input: Input,
): Input {
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
  .overwrite(withMentionedSpeakers)
  .meta({
    id: 'RecordStatementInput',
    description: 'A statement to record. Everything refers by slug. Seed files have the same shape.',
  });

export type StatementInput = z.output<typeof statementInput>;
