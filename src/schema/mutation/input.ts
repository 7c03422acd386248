import type { InputFieldBuilder } from '@pothos/core';
import { INPUT_MAX } from '../../domain/input/input.ts';
import { builder, type SchemaTypes } from '../builder/builder.ts';
import {
  ActorKindEnum,
  AttributionFormEnum,
  EventKindEnum,
  LinkKindEnum,
  StanceEnum,
  StatementActEnum,
  StatementModeEnum,
} from '../builder/enums.ts';

type Fields = InputFieldBuilder<PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>, 'InputObject'>;

const characters = (max: number) => `At most ${max} characters.`;
const items = (max: number) => `At most ${max}.`;
const SLUG = `Slug: small letters, digits and single hyphens, at most ${INPUT_MAX.slug} characters.`;

const AliasInput = builder.inputType('AliasInput', {
  description: 'Another name of an actor.',
  fields: (t) => ({
    name: t.string({ required: true, description: `The name. ${characters(INPUT_MAX.name)}` }),
    language: t.string({ description: 'Its language (BCP 47), such as fr.' }),
    metonym: t.boolean({ description: 'Whether it stands for the actor by place. False where left out.' }),
    from: t.field({ type: 'Date', description: 'First day it was in use, where known.' }),
    to: t.field({ type: 'Date', description: 'Last day it was in use, where known.' }),
  }),
});

const AffiliationInput = builder.inputType('AffiliationInput', {
  description: 'A role of an actor in another one.',
  fields: (t) => ({
    in: t.string({ required: true, description: 'Slug of the state, organisation or body.' }),
    role: t.string({
      required: true,
      description: `The role, such as President. ${characters(INPUT_MAX.role)}`,
    }),
    from: t.field({ type: 'Date', description: 'First day of it, where known.' }),
    to: t.field({ type: 'Date', description: 'Last day of it, where known.' }),
  }),
});

const whole = 'Creates it, or replaces the one of this slug as a whole: what is left out is emptied.';

export const SaveActorInput = builder.inputType('SaveActorInput', {
  description: `An actor. ${whole}`,
  fields: (t) => ({
    slug: t.string({ description: `${SLUG} Made from the name where left out.` }),
    name: t.string({
      required: true,
      description: `Usual English name, in full. ${characters(INPUT_MAX.name)}`,
    }),
    kind: t.field({ type: ActorKindEnum, required: true, description: 'What it is.' }),
    description: t.string({ description: `Who or what it is. ${characters(INPUT_MAX.description)}` }),
    aliases: t.field({ type: [AliasInput], description: `Other names. ${items(INPUT_MAX.aliases)}` }),
    affiliations: t.field({
      type: [AffiliationInput],
      description: `Roles in other actors. ${items(INPUT_MAX.affiliations)}`,
    }),
  }),
});

export const SaveTopicInput = builder.inputType('SaveTopicInput', {
  description: `A topic. ${whole}`,
  fields: (t) => ({
    slug: t.string({ description: `${SLUG} Made from the name where left out.` }),
    name: t.string({ required: true, description: `What it is called. ${characters(INPUT_MAX.name)}` }),
    description: t.string({ description: `What belongs to it. ${characters(INPUT_MAX.description)}` }),
    proposition: t.string({
      description: `One sentence that one can be for or against. ${characters(INPUT_MAX.proposition)}`,
    }),
    parent: t.string({ description: 'Slug of the topic above it.' }),
  }),
});

export const SaveSourceInput = builder.inputType('SaveSourceInput', {
  description: `A source. ${whole}`,
  fields: (t) => ({
    slug: t.string({ description: `${SLUG} Made from the title where left out.` }),
    title: t.string({ required: true, description: `Its title. ${characters(INPUT_MAX.title)}` }),
    publisher: t.string({ description: 'Slug of the actor that published it.' }),
    url: t.string({ description: `Where it can be read: http or https. ${characters(INPUT_MAX.url)}` }),
    publishedOn: t.field({ type: 'Date', description: 'The day it was published.' }),
    language: t.string({ description: 'Its language (BCP 47), such as en.' }),
    digest: t.string({ description: 'SHA-256 of its text in UTF-8, lower-case hexadecimal.' }),
    length: t.int({
      description:
        'Length of its text in Unicode code points. An anchor of a current statement beyond it is a CONFLICT.',
    }),
    text: t.string({
      description: `The text itself, only where its licence allows. ${characters(INPUT_MAX.sourceText)} Digest and length are computed from it.`,
    }),
  }),
});

export const SaveEventInput = builder.inputType('SaveEventInput', {
  description: `An event. ${whole}`,
  fields: (t) => ({
    slug: t.string({ description: `${SLUG} Made from the name where left out.` }),
    name: t.string({ required: true, description: `What it is called. ${characters(INPUT_MAX.name)}` }),
    kind: t.field({ type: EventKindEnum, required: true, description: 'What kind of occasion it is.' }),
    description: t.string({ description: `What happened. ${characters(INPUT_MAX.description)}` }),
    date: t.string({
      required: true,
      description: 'When, in EDTF: 2025-07-01, 2025-07, 2025, 2024~, or an interval 2025-06/2025-07-07.',
    }),
    participants: t.stringList({
      description: `Slugs of those who took part. ${items(INPUT_MAX.participants)}`,
    }),
  }),
});

const AttributionInput = builder.inputType('AttributionInput', {
  description: 'One hop between the speaker and the source.',
  fields: (t) => ({
    actor: t.string({ required: true, description: 'Slug of who passed it on.' }),
    form: t.field({ type: AttributionFormEnum, required: true, description: 'In which form.' }),
  }),
});

const StatementTopicInput = builder.inputType('StatementTopicInput', {
  description: 'A topic of a statement.',
  fields: (t) => ({
    topic: t.string({ required: true, description: 'Slug of the topic.' }),
    stance: t.field({ type: StanceEnum, description: 'Attitude to its proposition; only where it has one.' }),
  }),
});

const AnchorInput = builder.inputType('AnchorInput', {
  description: 'A span of the source’s text, in Unicode code points.',
  fields: (t) => ({
    start: t.int({ required: true, description: 'Where it begins.' }),
    end: t.int({
      required: true,
      description: 'Where it ends: the first code point that no longer belongs to it.',
    }),
    digest: t.string({
      required: true,
      description: 'SHA-256 of the span in UTF-8, lower-case hexadecimal.',
    }),
    exact: t.string({
      description: `The words themselves, only where they are a quotation. ${characters(INPUT_MAX.quote)}`,
    }),
  }),
});

const LinkInput = builder.inputType('LinkInput', {
  description: 'A relation to an earlier statement.',
  fields: (t) => ({
    to: t.string({ required: true, description: 'Slug of the earlier statement.' }),
    kind: t.field({ type: LinkKindEnum, required: true, description: 'What the new statement does to it.' }),
  }),
});

/** The fields that can be revised; which of them are required differs. */
const content = (t: Fields, required: boolean) => ({
  text: t.string({
    required,
    description: `What was said, as one sentence of the record’s own. ${characters(INPUT_MAX.text)}`,
  }),
  quote: t.string({
    description: `The verbatim words; needed where the mode is DIRECT. ${characters(INPUT_MAX.quote)}`,
  }),
  language: t.string({ description: 'Language of the quote (BCP 47), such as en.' }),
  mode: t.field({ type: StatementModeEnum, required, description: 'How the source gives it.' }),
  act: t.field({ type: StatementActEnum, required, description: 'What kind of speech act it is.' }),
  speakers: t.stringList({
    required,
    description: `Slugs of who said it: at least one, at most ${INPUT_MAX.speakers}.`,
  }),
  addressees: t.stringList({ description: `Slugs of whom it was said to. ${items(INPUT_MAX.addressees)}` }),
  attribution: t.field({
    type: [AttributionInput],
    description: `Who passed it on, nearest the speaker first. ${items(INPUT_MAX.attribution)}`,
  }),
  said: t.string({
    required,
    description:
      'When it was said, in EDTF: 2025-07-01, 2025-07, 2025, 2024~, or an interval 2025-07-01/2025-07-07.',
  }),
  topics: t.field({
    type: [StatementTopicInput],
    description: `What it is about. ${items(INPUT_MAX.topics)}`,
  }),
  events: t.stringList({
    description: `Slugs of the occasions it was made on or is about. ${items(INPUT_MAX.events)}`,
  }),
  source: t.string({ required, description: 'Slug of the document it was taken from.' }),
  anchors: t.field({
    type: [AnchorInput],
    description: `Where in the source it is written. ${items(INPUT_MAX.anchors)}`,
  }),
  links: t.field({
    type: [LinkInput],
    description: `Earlier statements that it relates to. ${items(INPUT_MAX.links)}`,
  }),
});

export const RecordStatementInput = builder.inputType('RecordStatementInput', {
  description: 'A statement to record. Everything refers by slug. The same shape as in seed files.',
  fields: (t) => ({
    key: t.string({
      description: `Makes recording safe to repeat: the same key with the same content gives the statement recorded first. The slug where left out and a slug is given. ${characters(INPUT_MAX.key)}`,
    }),
    slug: t.string({ description: `${SLUG} Made from the text where left out.` }),
    ...content(t as unknown as Fields, true),
  }),
});

export const ReviseStatementInput = builder.inputType('ReviseStatementInput', {
  description: 'A revision. What is left out stays as it is; null empties what may be empty.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The statement’s id, or its slug.' }),
    ifPosition: t.field({
      type: 'Position',
      description:
        'The `position` that the statement was read at; where it has changed since, nothing is written and the error CONFLICT gives the present one.',
    }),
    ...content(t as unknown as Fields, false),
  }),
});

export const RetractStatementInput = builder.inputType('RetractStatementInput', {
  description: 'A retraction.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The statement’s id, or its slug.' }),
    reason: t.string({
      required: true,
      description: `Why the record no longer stands by it. ${characters(INPUT_MAX.reason)}`,
    }),
  }),
});

export const LinkStatementsInput = builder.inputType('LinkStatementsInput', {
  description: 'A link between two statements of the record.',
  fields: (t) => ({
    from: t.id({ required: true, description: 'The later statement: its id or slug.' }),
    to: t.id({ required: true, description: 'The earlier statement: its id or slug.' }),
    kind: t.field({
      type: LinkKindEnum,
      required: true,
      description: 'What the later one does to the earlier one.',
    }),
  }),
});
