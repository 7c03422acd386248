import type { StatementMode } from '../../../db/generated/enums.ts';
import { LIST_POINTS } from './kind/field.ts';
import { type ConditionKind, NONE } from './kind/kind.ts';
import type { DrivingTable } from './kind/sql.ts';

interface ModesCondition {
  readonly type: 'modes';
  readonly values: readonly StatementMode[];
}

const fields = {
  modes: {
    type: 'StatementMode',
    isList: true,
    description: 'With one of these modes: how the source gives the words.',
    points: LIST_POINTS,
  },
} as const;

const MODE_TABLE: DrivingTable = {
  table: 'statement',
  column: 'mode',
  type: 'statement_mode',
  repeats: false,
};

export const modes: ConditionKind<ModesCondition, typeof fields> = {
  type: 'modes',
  fields,
  parse: ({ modes }) => (modes == null ? NONE : [{ type: 'modes', values: modes }]),
  list: { name: 'values', isPossible: null },
  variantOf: null,
  needsStatement: true,
  sql: ({ values }, { parameters }) => `s.mode = ANY (${parameters.add(values)}::statement_mode[])`,
  driving: ({ values }) => ({ table: MODE_TABLE, wanted: { values } }),
  firstDay: null,
  matcher:
    ({ values }) =>
    (facets) =>
      values.includes(facets.mode),
  search: null,
  names: null,
  marks: null,
};
