import type { StatementAct } from '../../../db/generated/enums.ts';
import { LIST_POINTS } from './kind/field.ts';
import { type ConditionKind, NONE } from './kind/kind.ts';
import type { DrivingTable } from './kind/sql.ts';

interface ActsCondition {
  readonly type: 'acts';
  readonly values: readonly StatementAct[];
}

const fields = {
  acts: {
    type: 'StatementAct',
    isList: true,
    description: 'One of these speech acts.',
    points: LIST_POINTS,
  },
} as const;

const ACT_TABLE: DrivingTable = { table: 'statement', column: 'act', type: 'statement_act', repeats: false };

export const acts: ConditionKind<ActsCondition, typeof fields> = {
  type: 'acts',
  fields,
  parse: ({ acts }) => (acts == null ? NONE : [{ type: 'acts', values: acts }]),
  list: { name: 'values', isPossible: null },
  variantOf: null,
  needsStatement: true,
  sql: ({ values }, { parameters }) => `s.act = ANY (${parameters.add(values)}::statement_act[])`,
  driving: ({ values }) => ({ table: ACT_TABLE, wanted: { values } }),
  firstDay: null,
  matcher:
    ({ values }) =>
    (facets) =>
      values.includes(facets.act),
  search: null,
  names: null,
  marks: null,
};
