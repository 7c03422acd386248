import { dateToDay } from '../db/day.ts';
import { findIdentified, findSource } from '../read/lookup.ts';
import { type SourceRow, WITHOUT_TEXT } from '../read/memory/catalog.ts';
import { searchNames } from '../read/names.ts';
import { LIST_SIZE_DEFAULT, parseSlice } from '../read/slice.ts';
import { builder } from './builder/builder.ts';
import { COLLECTION_OPTIONS, CURRENT, WITHDRAWAL_OPTIONS } from './builder/collected.ts';
import { BY_TITLE, readSearched } from './builder/connection.ts';
import { oneArgument } from './builder/oneArgument.ts';
import { sliceArgs } from './builder/slice.ts';
import { identifiersOf } from './identifier.ts';
import { IdentifierInput } from './mutation/input.ts';
import { POSITION_OPTIONS, revisionCountOf, revisionsOf } from './revision.ts';
import { listStatementsOf, StatementConnection, StatementRef, statementListArgs } from './statement/ref.ts';

builder.node('Source', {
  description: 'The document that statements were taken from. Anchors point into its text.',
  id: { resolve: (source) => source.id, description: 'Identifies the source across all types; opaque.' },
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'Readable identifier, unique among sources. Filters and inputs use it.',
    }),
    title: t.exposeString('title', { description: 'Its title, or a description if it has none.' }),
    publisher: t.field({
      type: 'Actor',
      nullable: true,
      description: 'The actor that published it; null if not known.',
      resolve: ({ publisherId }, _, { load }) => (publisherId === null ? null : load.actor.load(publisherId)),
    }),
    url: t.exposeString('url', {
      nullable: true,
      description: 'Address where it can be read; null if it has none.',
    }),
    publishedOn: t.field({
      type: 'Date',
      nullable: true,
      description: 'The day it was published; null if not known.',
      resolve: (source) => source.publishedOn && dateToDay(source.publishedOn),
    }),
    language: t.exposeString('language', {
      nullable: true,
      description: 'Its language (BCP 47); null if not recorded.',
    }),
    digest: t.exposeString('digest', {
      nullable: true,
      description:
        'SHA-256 of its text in UTF-8, in lowercase hexadecimal. It proves that a text you have is the text of the source. Null if not known.',
    }),
    length: t.exposeInt('length', {
      nullable: true,
      description: 'Length of its text in Unicode code points; null if not known.',
    }),
    text: t.string({
      nullable: true,
      description: 'The text itself; null unless its licence allows it.',
      resolve: async (source, _, { load, memory }) => {
        const text = await load.sourceText.load(source.id);
        memory?.take(text?.length ?? 0);
        return text;
      },
    }),
    licence: t.exposeString('licence', {
      nullable: true,
      description: 'The licence of its text; null if not recorded.',
    }),
    statements: t.connection(
      {
        type: StatementRef,
        description: 'The statements taken from it.',
        args: statementListArgs,
        resolve: (source, args, context, info) => listStatementsOf('source', source.id, args, context, info),
      },
      StatementConnection,
    ),
    statementsInTextOrder: t.field({
      type: [StatementRef],
      description:
        'The current statements taken from it, in the order of its text: by the start of their first anchor, of CONTENT where they have ' +
        'one. Those without a start are last, by their `order`. `statements { totalCount }` is the total.',
      args: sliceArgs(LIST_SIZE_DEFAULT),
      resolve: async (source, args, { load }) => {
        const ids = await load.statementIdsInTextOrder.load(source.id, parseSlice(args, LIST_SIZE_DEFAULT));
        const statements = await Promise.all(ids.map((id) => load.statement.load(id)));
        return statements.filter((statement) => statement !== null);
      },
    }),
    identifiers: t.field(identifiersOf('source')),
    revisions: t.field(revisionsOf('source')),
    revisionCount: t.int(revisionCountOf('source')),
    collection: t.field(COLLECTION_OPTIONS),
    withdrawal: t.field(WITHDRAWAL_OPTIONS),
    position: t.expose('position', POSITION_OPTIONS),
  }),
});

builder.queryFields((t) => ({
  source: t.field({
    type: 'Source',
    nullable: true,
    description:
      'The source with this slug, address, text or identifier; null if the record has none. Of several with the same address or text, the one that ' +
      'was added first.',
    args: {
      slug: t.arg.string({ description: 'The source’s slug. Give exactly one of the arguments.' }),
      url: t.arg.string({ description: 'Its address, exactly as it was saved.' }),
      digest: t.arg.string({
        description: 'SHA-256 of its text in UTF-8, in lowercase hexadecimal.',
      }),
      identifier: t.arg({ type: IdentifierInput, description: 'Its name in another system.' }),
    },
    resolve: async (_, args, { load, db }) => {
      const [by, value] = oneArgument('source', args);
      if (by === 'slug') return load.named('source', value);
      const id =
        by === 'identifier' ? await findIdentified(db, 'source', value) : await findSource(db, by, value);
      return id === null ? null : load.source.load(id);
    },
  }),
  sources: t.connection(
    {
      type: 'Source',
      description: 'Sources by title, or with `search` the best matches first.',
      args: {
        search: t.arg.string({
          description:
            'Finds sources by title, in any script, also if misspelt. At most 200 matches; a blank search is ignored.',
        }),
      },
      resolve: (_, args, { db }) =>
        readSearched<SourceRow>(
          args,
          BY_TITLE,
          CURRENT,
          (search) => searchNames(db, 'source', search),
          (wanted) => db.prisma.source.findMany({ ...wanted, omit: WITHOUT_TEXT }),
        ),
    },
    { name: 'SourceConnection', description: 'A page of a list of sources.' },
    { name: 'SourceConnectionEdge', description: 'A source in a list.' },
  ),
}));
