import { describeSlugs, LIST_POINTS } from './kind/field.ts';
import { type ConditionKind, idsOf, marksOfSlugs, NONE } from './kind/kind.ts';
import { SLUG_LIST, withoutLong } from './kind/slugs.ts';
import { type DrivingTable, idsSql } from './kind/sql.ts';

interface CollectionsCondition {
  readonly type: 'collections';
  readonly slugs: readonly string[];
}

const fields = {
  collections: {
    type: 'String',
    isList: true,
    slugsOf: 'collection',
    description: describeSlugs(
      'Added by one of these collections. A statement that several collections have belongs to the first.',
    ),
    points: LIST_POINTS,
  },
} as const;

export const COLLECTION_TABLE: DrivingTable = {
  table: 'statement',
  column: 'collection_id',
  type: 'int',
  repeats: false,
};

export const collections: ConditionKind<CollectionsCondition, typeof fields> = {
  type: 'collections',
  fields,
  parse: ({ collections }) =>
    collections == null ? NONE : [{ type: 'collections', slugs: withoutLong(collections) }],
  list: SLUG_LIST,
  variantOf: null,
  needsStatement: true,
  sql: ({ slugs }, context) => {
    const isAdded = `s.collection_id IN (${idsSql('collection', slugs, context)})`;
    // IS TRUE turns null, which most statements have, into false, so that NOT works. PostgreSQL can't use an index for it.
    return context.isRequired ? isAdded : `(${isAdded}) IS TRUE`;
  },
  driving: ({ slugs }) => ({ table: COLLECTION_TABLE, wanted: { kind: 'collection', slugs } }),
  firstDay: null,
  matcher: ({ slugs }, names) => {
    const ids = idsOf(names.collection, slugs);
    return (facets) => facets.collectionId !== null && ids.has(facets.collectionId);
  },
  search: null,
  names: ({ slugs }, take) => {
    for (const slug of slugs) take('collection', slug, false);
  },
  marks: {
    required: ({ slugs }, names) => marksOfSlugs('collection', names.collection, slugs),
    carried: ({ collectionId }) => (collectionId === null ? NONE : [`collection ${collectionId}`]),
  },
};
