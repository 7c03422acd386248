import type { Revision } from '../../db/generated/client.ts';
import type { HopRow, StatementTopicRow } from '../../read/loading/parts.ts';
import type { LinkRow } from '../../read/loading/sublists.ts';
import { builder } from '../builder/builder.ts';
import { AttributionFormEnum, LinkKindEnum, StanceEnum } from '../builder/enums.ts';
import { StatementRef } from './ref.ts';

export const StatementTopicRef = builder.objectRef<StatementTopicRow>('StatementTopic').implement({
  description: 'A topic that a statement is about, and what it says to its proposition.',
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
        'The statement’s attitude to the topic’s proposition; null where the topic has none or the words carry none.',
    }),
  }),
});

export const AttributionRef = builder.objectRef<HopRow>('Attribution').implement({
  description: 'One hop between the speaker and the source: who passed the statement on, and in which form.',
  fields: (t) => ({
    actor: t.field({
      type: 'Actor',
      description: 'Who passed it on.',
      resolve: (hop, _, { load }) => load.actor.load(hop.actorId),
    }),
    form: t.expose('form', { type: AttributionFormEnum, description: 'In which form.' }),
  }),
});

export const AnchorRef = builder
  .objectRef<{ start: number; end: number; digest: string; exact: string | null }>('Anchor')
  .implement({
    description: 'A span of the source’s text in which a statement is written.',
    fields: (t) => ({
      start: t.exposeInt('start', {
        description: 'Where the span begins, in Unicode code points from the start of the text.',
      }),
      end: t.exposeInt('end', {
        description: 'Where it ends: the first code point that no longer belongs to it.',
      }),
      digest: t.exposeString('digest', {
        description: 'SHA-256 of the span in UTF-8, lower-case hexadecimal.',
      }),
      exact: t.exposeString('exact', {
        nullable: true,
        description: 'The words themselves, only where they are a quotation; otherwise null.',
      }),
    }),
  });

export const StatementLinkRef = builder.objectRef<LinkRow>('StatementLink').implement({
  description: 'A relation between a statement and an earlier one.',
  fields: (t) => ({
    kind: t.field({
      type: LinkKindEnum,
      description: 'What the later statement does to the earlier one.',
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
    description: 'Why the record no longer stands by a statement.',
    fields: (t) => ({
      reason: t.exposeString('reason', { description: 'The reason.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was retracted.' }),
      by: t.exposeString('by', { description: 'The recorder who retracted it.' }),
    }),
  });

export const RevisionRef = builder.objectRef<Revision>('Revision').implement({
  description: 'What a statement said before it was revised.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Number of the former version, from 1.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was replaced.' }),
    by: t.exposeString('by', { description: 'The recorder who replaced it.' }),
    position: t.expose('position', {
      type: 'Position',
      description: 'Position of the change that replaced it.',
    }),
    text: t.string({
      description: 'What `text` was.',
      resolve: ({ content }) => (content as { text: string }).text,
    }),
    quote: t.string({
      nullable: true,
      description: 'What `quote` was; null where there was none.',
      resolve: ({ content }) => (content as { quote?: string }).quote ?? null,
    }),
    content: t.string({
      description: 'The whole former version as JSON, in the shape of RecordStatementInput.',
      resolve: ({ content }) => JSON.stringify(content),
    }),
  }),
});
