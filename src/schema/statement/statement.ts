import { LIST_SIZE_DEFAULT, parseSlice } from '../../read/slice.ts';
import { readStatementBy } from '../../read/statements/list.ts';
import { AffiliationRef } from '../builder/affiliation.ts';
import { builder } from '../builder/builder.ts';
import { COLLECTION_OPTIONS } from '../builder/collected.ts';
import { FuzzyDateRef } from '../builder/date.ts';
import { StatementActEnum, StatementModeEnum, StatementStatusEnum } from '../builder/enums.ts';
import { oneArgument } from '../builder/oneArgument.ts';
import { sliceArgs } from '../builder/slice.ts';
import { CodingRef } from './coding.ts';
import {
  AnchorRef,
  AttributionRef,
  MentionRef,
  RetractionRef,
  RevisionRef,
  StatementLinkRef,
  StatementTopicRef,
} from './detail.ts';
import {
  addresseesOf,
  behalfOf,
  eventsOf,
  giversOf,
  hopsOf,
  mentionsOf,
  speakersOf,
  topicsOf,
} from './parts.ts';
import { listStatements, StatementConnection, StatementRef, statementListArgs } from './ref.ts';
import { fieldsOfStatement } from './selection.ts';

builder.node(StatementRef, {
  description:
    'Something that one or more actors said, with the actors that passed it on and its exact place in the source.',
  id: { resolve: (s) => s.id, description: 'Identifies the statement across all types; opaque.' },
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'Readable identifier, unique among statements. It never changes.',
    }),
    key: t.exposeString('key', {
      nullable: true,
      description:
        'The key that makes recording it safe to repeat, unique among statements; null if it was recorded without key and slug.',
    }),
    text: t.exposeString('text', {
      nullable: true,
      description:
        'What was said, in one sentence of the record’s own words; null where the record has only the quote.',
    }),
    quote: t.exposeString('quote', {
      nullable: true,
      description: 'The verbatim words; null if the source gives none.',
    }),
    language: t.exposeString('language', {
      nullable: true,
      description:
        'Language of the quote (BCP 47), such as fr; null if not recorded. A search finds other forms of its words.',
    }),
    mode: t.expose('mode', { type: StatementModeEnum, description: 'How the source gives it.' }),
    act: t.expose('act', { type: StatementActEnum, description: 'What kind of speech act it is.' }),
    speakers: t.field({
      type: ['Actor'],
      description:
        'The actors who said it. Empty only where it is not known who is meant by its `mentions`: no list by speaker has such a ' +
        'statement, and it has no giver and no side unless others passed it on.',
      resolve: (s, _, context) => speakersOf(s, context),
    }),
    mentions: t.field({
      type: [MentionRef],
      description: 'The speakers as the source writes them; empty if that is not recorded.',
      resolve: (s, _, context) => mentionsOf(s, context),
    }),
    addressees: t.field({
      type: ['Actor'],
      description: 'The actors it was said to; empty if none are named.',
      resolve: (s, _, context) => addresseesOf(s, context),
    }),
    onBehalfOf: t.field({
      type: ['Actor'],
      description:
        'The states or organisations that the speakers spoke for, where the source says so; otherwise empty. Where the speakers are the ' +
        'givers, these decide the side, not the affiliations of the speakers.',
      resolve: (s, _, context) => behalfOf(s, context),
    }),
    attribution: t.field({
      type: [AttributionRef],
      description:
        'The actors who passed it on, nearest the speaker first; empty if the source itself gives the speaker’s words.',
      resolve: (s, _, context) => hopsOf(s, context),
    }),
    givers: t.field({
      type: ['Actor'],
      description:
        'The actors on whose account it is known: the outermost hop that is not a news medium, or else the speakers.',
      resolve: (s, _, context) => giversOf(s, context),
    }),
    sides: t.field({
      type: ['Actor'],
      description:
        'The states and organisations that its givers spoke for on that day: on behalf of it, as itself, or as an actor that belonged to ' +
        'it, by the affiliations as they are recorded now. Of several that one giver belonged to, the nearest; empty if it belonged to ' +
        'none. The filter `sides` takes any of them.',
      resolve: async (s, _, { load }) => load.actor.all(await load.sideIds.load(s.id)),
    }),
    offices: t.field({
      type: [AffiliationRef],
      description:
        'The affiliations of its speakers that were in force on a day on which it can have been said, as they are recorded now.',
      resolve: (s, _, { load }) => load.offices.load(s.id),
    }),
    said: t.field({
      type: FuzzyDateRef,
      description: 'When it was said.',
      resolve: (s) => ({ edtf: s.saidEdtf, earliest: s.saidEarliest, latest: s.saidLatest }),
    }),
    topics: t.field({
      type: [StatementTopicRef],
      description: 'What it is about.',
      resolve: (s, _, context) => topicsOf(s, context),
    }),
    events: t.field({
      type: ['Event'],
      description: 'The events it was made at or is about.',
      resolve: (s, _, context) => eventsOf(s, context),
    }),
    source: t.field({
      type: 'Source',
      description: 'The document it was taken from.',
      resolve: (s, _, { load }) => load.source.load(s.sourceId),
    }),
    collection: t.field(COLLECTION_OPTIONS),
    anchors: t.field({
      type: [AnchorRef],
      description: 'Its places in the source, of any role.',
      resolve: (s, _, { load }) => load.anchors.load(s.id),
    }),
    order: t.exposeInt('order', {
      nullable: true,
      description: 'Its place among the statements of the source; null if not recorded.',
    }),
    coder: t.exposeString('coder', {
      nullable: true,
      description: 'Who coded it: a name, a team or a program; null if not recorded.',
    }),
    confidence: t.exposeFloat('confidence', {
      nullable: true,
      description: 'How sure the coder is, from 0 to 1; null if not recorded.',
    }),
    links: t.field({
      type: [StatementLinkRef],
      description: 'Earlier statements that it relates to.',
      resolve: (s, _, { load }) => load.links.load(s.id),
    }),
    linkedFrom: t.field({
      type: [StatementLinkRef],
      description:
        'Later statements that relate to it, by the kind of link, then in the order they were recorded. `linkedFromCount` is the total.',
      args: sliceArgs(LIST_SIZE_DEFAULT),
      resolve: (s, args, { load }) => load.linkedFrom.load(s.id, parseSlice(args, LIST_SIZE_DEFAULT)),
    }),
    linkedFromCount: t.int({
      description: 'Number of links to it.',
      resolve: (s, _, { load }) => load.linkedFromCount.load(s.id),
    }),
    codings: t.field({
      type: [CodingRef],
      description:
        'Other current statements that were taken from the same passage: the same source, and a CONTENT anchor with a span that overlaps ' +
        'one of this statement, or without a span and with the same digest. In the order they were recorded. `codingCount` is the total.',
      args: sliceArgs(LIST_SIZE_DEFAULT),
      resolve: async (s, args, { load }) => {
        const ids = await load.codings.load(s.id, parseSlice(args, LIST_SIZE_DEFAULT));
        const statements = await Promise.all(ids.map((id) => load.statement.load(id)));
        return statements.flatMap((statement) => (statement === null ? [] : [{ of: s, statement }]));
      },
    }),
    codingCount: t.int({
      description: 'Number of other codings of its passage.',
      resolve: (s, _, { load }) => load.codingCount.load(s.id),
    }),
    status: t.expose('status', {
      type: StatementStatusEnum,
      description: 'Whether it was retracted.',
    }),
    retraction: t.field({
      type: RetractionRef,
      nullable: true,
      description: 'Its retraction; null if it is current.',
      resolve: async (s, _, { load }) => {
        if (s.retractionReason === null) return null;
        const { at, by } = await load.change.load(s.position);
        return { reason: s.retractionReason, at, by };
      },
    }),
    revisions: t.field({
      type: [RevisionRef],
      description:
        'Its former versions, newest first; empty if it was never revised. `revisionCount` is the total.',
      args: sliceArgs(LIST_SIZE_DEFAULT),
      resolve: (s, args, { load }) => load.revisions.load(s.id, parseSlice(args, LIST_SIZE_DEFAULT)),
    }),
    revisionCount: t.int({
      description: 'Number of revisions.',
      resolve: (s, _, { load }) => load.revisionCount.load(s.id),
    }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When it was first recorded.' }),
    recordedBy: t.string({
      description: 'The recorder who first recorded it.',
      resolve: async (s, _, { load }) => (await load.change.load(s.addedPosition)).by,
    }),
    position: t.expose('position', {
      type: 'Position',
      description:
        'Position of its latest change. Give it as `ifPosition` when you revise, so that no change by another recorder is lost.',
    }),
  }),
});

builder.queryFields((t) => ({
  statement: t.field({
    type: StatementRef,
    nullable: true,
    description: 'The statement with this slug or key, retracted or not; null if the record has none.',
    args: {
      slug: t.arg.string({ description: 'The statement’s slug. Give it or `key`.' }),
      key: t.arg.string({ description: 'The key with which the statement was recorded.' }),
    },
    resolve: (_, args, { db }, info) => {
      const [column, value] = oneArgument('statement', args);
      return readStatementBy(db, column, value, fieldsOfStatement(info));
    },
  }),
  statements: t.connection(
    {
      type: StatementRef,
      description: 'The statements of the record.',
      args: statementListArgs,
      resolve: (_, args, context, info) => listStatements(args, context, info),
    },
    StatementConnection,
  ),
}));
