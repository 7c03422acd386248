import type { Anchor, Revision } from '../../db/generated/client.ts';
import type { HopRow, MentionRow, StatementTopicRow } from '../../read/loading/parts.ts';
import type { LinkRow } from '../../read/loading/sublists.ts';
import { builder } from '../builder/builder.ts';
import {
  AnchorRoleEnum,
  AnchorStatusEnum,
  AttributionFormEnum,
  LinkKindEnum,
  StanceEnum,
} from '../builder/enums.ts';
import { StatementRef } from './ref.ts';

export const StatementTopicRef = builder.objectRef<StatementTopicRow>('StatementTopic').implement({
  description: 'A topic of a statement, with the statement’s attitude to its proposition.',
  fields: (t) => ({
    topic: t.field({
      type: 'Topic',
      description: 'The topic.',
      resolve: (row, _, { load }) => load.topic.load(row.topicId),
    }),
    stance: t.expose('stance', {
      type: StanceEnum,
      nullable: true,
      description:
        'The statement’s attitude to the topic’s proposition; null if the topic has no proposition or the words carry no attitude.',
    }),
  }),
});

export const AttributionRef = builder.objectRef<HopRow>('Attribution').implement({
  description:
    'One hop between the speaker and the source: an actor that passed the statement on, and the form.',
  fields: (t) => ({
    actor: t.field({
      type: 'Actor',
      description: 'The actor that passed it on.',
      resolve: (hop, _, { load }) => load.actor.load(hop.actorId),
    }),
    form: t.expose('form', { type: AttributionFormEnum, description: 'In which form.' }),
  }),
});

export const MentionRef = builder.objectRef<MentionRow>('Mention').implement({
  description: 'A speaker of a statement as the source writes it.',
  fields: (t) => ({
    as: t.exposeString('as', { description: 'The words of the source, such as “the president”.' }),
    actor: t.field({
      type: 'Actor',
      nullable: true,
      description: 'The actor who is meant, one of the speakers; null while that is not known.',
      resolve: ({ actorId }, _, { load }) => (actorId === null ? null : load.actor.load(actorId)),
    }),
  }),
});

export const AnchorRef = builder.objectRef<Anchor>('Anchor').implement({
  description:
    'A place in the source: a span of its text, a page, paragraph or time code, or both. At least one of them is given.',
  fields: (t) => ({
    start: t.exposeInt('start', {
      nullable: true,
      description:
        'Where the span begins: the number of Unicode code points before it; null where the span is not known.',
    }),
    end: t.exposeInt('end', {
      nullable: true,
      description: 'Where it ends: the first code point after it; null where the span is not known.',
    }),
    digest: t.exposeString('digest', {
      nullable: true,
      description: 'SHA-256 of the span in UTF-8, in lowercase hexadecimal. Not null where there is a start.',
    }),
    exact: t.exposeString('exact', {
      nullable: true,
      description: 'The words of the span; null unless they are a quotation.',
    }),
    role: t.expose('role', { type: AnchorRoleEnum, description: 'What the span carries.' }),
    prefix: t.exposeString('prefix', {
      nullable: true,
      description: 'The words just before the span; null if not recorded.',
    }),
    suffix: t.exposeString('suffix', {
      nullable: true,
      description: 'The words just after the span; null if not recorded.',
    }),
    page: t.exposeString('page', {
      nullable: true,
      description: 'The page, as the source numbers it; null if not recorded.',
    }),
    paragraph: t.exposeString('paragraph', {
      nullable: true,
      description: 'The paragraph, section or segment, as the source numbers it; null if not recorded.',
    }),
    timeCode: t.exposeString('timeCode', {
      nullable: true,
      description:
        'The time from the beginning of a recording, such as 00:12:34 or 00:12:34.500; null if not recorded.',
    }),
    status: t.expose('status', {
      type: AnchorStatusEnum,
      description:
        'Whether a new text of the source has its words. Start and end are valid only while it is PLACED.',
    }),
    words: t.string({
      nullable: true,
      description:
        'The words of the span: `exact`, or else those of the source’s text, where they have the digest; null where the record has neither.',
      resolve: ({ exact, start, end, digest, sourceId }, _, { load }) =>
        exact ??
        (start === null || end === null || digest === null || sourceId === null
          ? null
          : load.words.load({ sourceId, start, end, digest })),
    }),
  }),
});

export const StatementLinkRef = builder.objectRef<LinkRow>('StatementLink').implement({
  description: 'A relation between a statement and an earlier one.',
  fields: (t) => ({
    kind: t.field({
      type: LinkKindEnum,
      description: 'How the later statement relates to the earlier one.',
      resolve: (link) => link.kind,
    }),
    statement: t.field({
      type: StatementRef,
      description: 'The statement at the other end.',
      resolve: async (link, _, { load }) => {
        const statement = await load.statement.load(link.statementId);
        if (!statement) throw new Error(`statement ${link.statementId} of a link is not in the record`);
        return statement;
      },
    }),
  }),
});

export const RetractionRef = builder
  .objectRef<{ reason: string; at: Date; by: string }>('Retraction')
  .implement({
    description: 'The retraction of a statement.',
    fields: (t) => ({
      reason: t.exposeString('reason', { description: 'Why it was retracted.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was retracted.' }),
      by: t.exposeString('by', { description: 'The recorder who retracted it.' }),
    }),
  });

export const RevisionRef = builder.objectRef<Revision>('Revision').implement({
  description: 'A former version of a statement.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Number of the former version, from 1.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was replaced.' }),
    by: t.exposeString('by', { description: 'The recorder who replaced it.' }),
    position: t.expose('position', {
      type: 'Position',
      description: 'Position of the change that replaced it.',
    }),
    text: t.string({
      nullable: true,
      description: '`text` of the former version; null if it had none.',
      resolve: ({ content }) => (content as { text?: string }).text ?? null,
    }),
    quote: t.string({
      nullable: true,
      description: '`quote` of the former version; null if it had none.',
      resolve: ({ content }) => (content as { quote?: string }).quote ?? null,
    }),
    content: t.string({
      description: 'The whole former version as JSON, in the shape of RecordStatementInput.',
      resolve: ({ content }) => JSON.stringify(content),
    }),
  }),
});
