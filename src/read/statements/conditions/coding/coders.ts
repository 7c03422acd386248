import { INPUT_MAX } from '../../../../domain/input/field.ts';
import { LIST_POINTS } from '../kind/field.ts';
import { type ConditionKind, NONE } from '../kind/kind.ts';
import type { DrivingTable } from '../kind/sql.ts';

interface CodersCondition {
  readonly type: 'coders';
  readonly coders: readonly string[];
}

const fields = {
  coders: {
    type: 'String',
    isList: true,
    description: 'Coded by one of these coders, spelt as in `coder`.',
    points: LIST_POINTS,
  },
} as const;

/** Its index has only the statements with a coder. */
const CODER_TABLE: DrivingTable = { table: 'statement', column: 'coder', type: 'text', repeats: false };

export const coders: ConditionKind<CodersCondition, typeof fields> = {
  type: 'coders',
  fields,
  parse: ({ coders }) =>
    coders == null
      ? NONE
      : [{ type: 'coders', coders: coders.filter(({ length }) => length <= 2 * INPUT_MAX.coder) }],
  list: { name: 'coders', isPossible: null },
  variantOf: null,
  needsStatement: true,
  sql: ({ coders }, { parameters }) => `s.coder = ANY (${parameters.add(coders)}::text[])`,
  driving: ({ coders }) => ({ table: CODER_TABLE, wanted: { values: coders } }),
  firstDay: null,
  matcher: ({ coders }) => {
    const wanted = new Set(coders);
    return ({ coder }) => coder !== null && wanted.has(coder);
  },
  search: null,
  names: null,
  marks: {
    required: ({ coders }) => new Set(coders.map((coder) => `coder ${coder}`)),
    carried: ({ coder }) => (coder === null ? NONE : [`coder ${coder}`]),
  },
};
