import { type InputOf, OPTION_POINTS } from './kind/field.ts';
import { type ConditionKind, NONE } from './kind/kind.ts';

interface CurrentCondition {
  readonly type: 'current';
}

const fields = {
  includeRetracted: {
    type: 'Boolean',
    isList: false,
    defaultValue: false,
    description: 'Whether retracted statements are listed too. Has an effect only in the outermost filter.',
    points: OPTION_POINTS,
  },
} as const;

const CURRENT: readonly CurrentCondition[] = [{ type: 'current' }];

/** The statement is not retracted. Every filter has this condition unless it asks for retracted statements. */
export const current: ConditionKind<CurrentCondition, typeof fields> = {
  type: 'current',
  fields,
  parse: ({ includeRetracted }: InputOf<typeof fields>, { isOutermost }) =>
    isOutermost && !includeRetracted ? CURRENT : NONE,
  list: null,
  variantOf: null,
  needsStatement: false,
  // IS TRUE, or PostgreSQL looks for the status by skipping through an index that ends with it: nearly all are current.
  sql: (_, { alias }) => `(${alias.row}.status = 'CURRENT') IS TRUE`,
  driving: null,
  firstDay: null,
  matcher: () => (facets) => facets.status === 'CURRENT',
  search: null,
  names: null,
  marks: null,
};
