import { type InputPath, ReadoutError } from '../../../base/errors.ts';
import { parseDay } from '../../../domain/input/date.ts';
import { type ConditionKind, NONE } from './kind/kind.ts';

interface SaidFromCondition {
  readonly type: 'saidFrom';
  readonly day: string;
}
interface SaidToCondition {
  readonly type: 'saidTo';
  readonly day: string;
}

const fromFields = {
  saidFrom: {
    type: 'Date',
    isList: false,
    description: 'May have been said on this day or later: `said.latest` is not before it.',
    points: { own: 100, each: 0 },
  },
} as const;
const toFields = {
  ...fromFields,
  saidTo: {
    type: 'Date',
    isList: false,
    description: 'May have been said on this day or earlier: `said.earliest` is not after it.',
    points: { own: 50, each: 0 },
  },
} as const;

export const saidFrom: ConditionKind<SaidFromCondition, typeof fromFields> = {
  type: 'saidFrom',
  fields: fromFields,
  parse: ({ saidFrom }, { path }) =>
    saidFrom == null ? NONE : [{ type: 'saidFrom', day: parseDay(saidFrom, [...path, 'saidFrom']) }],
  list: null,
  variantOf: null,
  needsStatement: false,
  sql: ({ day }, { parameters, alias }) => `${alias.row}.said_latest >= ${parameters.add(day)}::date`,
  driving: null,
  firstDay: ({ day }) => day,
  matcher:
    ({ day }) =>
    (facets) =>
      facets.latest >= day,
  search: null,
  names: null,
  marks: null,
};

export const saidTo: ConditionKind<SaidToCondition, typeof toFields> = {
  type: 'saidTo',
  fields: toFields,
  parse: ({ saidFrom, saidTo }, { path }) => {
    if (saidTo == null) return NONE;
    const day = parseDay(saidTo, [...path, 'saidTo']);
    refuseReversed(saidFrom, day, path);
    return [{ type: 'saidTo', day }];
  },
  list: null,
  variantOf: null,
  needsStatement: false,
  sql: ({ day }, { parameters, alias }) => `${alias.row}.said_earliest <= ${parameters.add(day)}::date`,
  driving: null,
  firstDay: null,
  matcher:
    ({ day }) =>
    (facets) =>
      facets.earliest <= day,
  search: null,
  names: null,
  marks: null,
};

function refuseReversed(from: string | null | undefined, to: string, path: InputPath): void {
  if (from == null || from <= to) return;
  throw new ReadoutError('INVALID_INPUT', `“saidTo” (${to}) is before “saidFrom” (${from}). Swap them.`, [
    ...path,
    'saidTo',
  ]);
}
