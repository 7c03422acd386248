import { ReadoutError } from '../../../../base/errors.ts';
import { type ConditionKind, NONE } from '../kind/kind.ts';

interface ConfidenceCondition {
  readonly type: 'confidence';
  readonly min: number;
}

const fields = {
  confidenceMin: {
    type: 'Float',
    isList: false,
    description:
      'The coder is at least as sure as this, from 0 to 1. Statements without a confidence do not match.',
    points: { own: 100, each: 0 },
  },
} as const;

export const confidence: ConditionKind<ConfidenceCondition, typeof fields> = {
  type: 'confidence',
  fields,
  parse: ({ confidenceMin: min }, { path }) => {
    if (min == null) return NONE;
    if (min < 0 || min > 1) {
      throw new ReadoutError('INVALID_INPUT', `“confidenceMin” must be from 0 to 1, and is ${min}.`, [
        ...path,
        'confidenceMin',
      ]);
    }
    return [{ type: 'confidence', min }];
  },
  list: null,
  variantOf: null,
  needsStatement: true,
  sql: ({ min }, { parameters }) => `s.confidence >= ${parameters.add(min)}::float8`,
  // PostgreSQL knows whether few or most statements have a confidence, and which.
  driving: 'planner',
  firstDay: null,
  matcher:
    ({ min }) =>
    ({ confidence }) =>
      confidence !== null && confidence >= min,
  search: null,
  names: null,
  marks: null,
};
