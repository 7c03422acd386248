import { type ConditionKind, NONE } from '../kind/kind.ts';
import { exists } from '../kind/sql.ts';

interface UnresolvedCondition {
  readonly type: 'unresolved';
  readonly wanted: boolean;
}

const fields = {
  unresolved: {
    type: 'Boolean',
    isList: false,
    description:
      'True: has a mention without an actor, so that it is not known who is meant. False: has none. Without it, either.',
    points: { own: 100, each: 0 },
  },
} as const;

export const unresolved: ConditionKind<UnresolvedCondition, typeof fields> = {
  type: 'unresolved',
  fields,
  parse: ({ unresolved }) => (unresolved == null ? NONE : [{ type: 'unresolved', wanted: unresolved }]),
  list: null,
  variantOf: ({ wanted }) => (wanted ? 'unresolved' : 'resolved'),
  needsStatement: false,
  sql: ({ wanted }, context) => {
    const found = exists(
      `SELECT FROM statement_mention x WHERE x.statement_id = ${context.alias.id} AND x.actor_id IS NULL`,
      { ...context, isRequired: context.isRequired && wanted },
    );
    // IS NOT TRUE instead of NOT: `where.ts` says why.
    return wanted ? found : `(${found}) IS NOT TRUE`;
  },
  // Most records have few of them. PostgreSQL knows how few.
  driving: 'planner',
  firstDay: null,
  matcher:
    ({ wanted }) =>
    (facets) =>
      facets.unresolved === wanted,
  search: null,
  names: null,
  marks: null,
};
