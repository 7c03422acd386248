import type { Stance } from '../../../db/generated/enums.ts';
import { LIST_POINTS } from './kind/field.ts';
import { type ConditionKind, NONE } from './kind/kind.ts';
import { type DrivingTable, hasOne } from './kind/sql.ts';

interface StancesCondition {
  readonly type: 'stances';
  readonly values: readonly Stance[];
}

const fields = {
  stances: {
    type: 'Stance',
    isList: true,
    description: 'Takes one of these stances on any topic. For a stance on a given topic use `positions`.',
    points: LIST_POINTS,
  },
} as const;

const STANCE_TABLE: DrivingTable = {
  table: 'statement_topic',
  column: 'stance',
  type: 'stance',
  repeats: true,
};

export const stances: ConditionKind<StancesCondition, typeof fields> = {
  type: 'stances',
  fields,
  parse: ({ stances }) => (stances == null ? NONE : [{ type: 'stances', values: stances }]),
  list: { name: 'values', isPossible: null },
  variantOf: null,
  needsStatement: false,
  sql: ({ values }, context) =>
    hasOne('statement_topic', 'stance', `${context.parameters.add(values)}::stance[]`, context),
  driving: ({ values }) => ({ table: STANCE_TABLE, wanted: { values } }),
  firstDay: null,
  matcher:
    ({ values }) =>
    (facets) =>
      facets.topics.some(({ stance }) => stance !== null && values.includes(stance)),
  search: null,
  names: null,
  marks: null,
};
