import { describeSlugs, LIST_POINTS } from './kind/field.ts';
import { type ConditionKind, idsOf, marksOfSlugs, NONE } from './kind/kind.ts';
import { SLUG_LIST, withoutLong } from './kind/slugs.ts';
import { type DrivingTable, idsSql } from './kind/sql.ts';

interface SourcesCondition {
  readonly type: 'sources';
  readonly slugs: readonly string[];
}

const fields = {
  sources: {
    type: 'String',
    isList: true,
    slugsOf: 'source',
    description: describeSlugs('Taken from one of these sources.'),
    points: LIST_POINTS,
  },
} as const;

export const SOURCE_TABLE: DrivingTable = {
  table: 'statement',
  column: 'source_id',
  type: 'int',
  repeats: false,
};

export const sources: ConditionKind<SourcesCondition, typeof fields> = {
  type: 'sources',
  fields,
  parse: ({ sources }) => (sources == null ? NONE : [{ type: 'sources', slugs: withoutLong(sources) }]),
  list: SLUG_LIST,
  variantOf: null,
  needsStatement: true,
  sql: ({ slugs }, context) => `s.source_id IN (${idsSql('source', slugs, context)})`,
  driving: ({ slugs }) => ({ table: SOURCE_TABLE, wanted: { kind: 'source', slugs } }),
  firstDay: null,
  matcher: ({ slugs }, names) => {
    const ids = idsOf(names.source, slugs);
    return (facets) => ids.has(facets.sourceId);
  },
  search: null,
  names: ({ slugs }, take) => {
    for (const slug of slugs) take('source', slug, false);
  },
  marks: {
    required: ({ slugs }, names) => marksOfSlugs('source', names.source, slugs),
    carried: ({ sourceId }) => [`source ${sourceId}`],
  },
};
