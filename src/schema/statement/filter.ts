import type {
  FieldObject,
  FieldType,
  FieldTypes,
  FilterField,
} from '../../read/statements/conditions/kind/field.ts';
import { CONDITION_FIELDS } from '../../read/statements/conditions/kinds.ts';
import { FILTER_DEPTH_MAX, NESTED_FIELDS, type StatementFilterInput } from '../../read/statements/filter.ts';
import { builder } from '../builder/builder.ts';
import {
  LinkKindEnum,
  StanceEnum,
  StatementActEnum,
  StatementModeEnum,
  StatementStatusEnum,
} from '../builder/enums.ts';

/** The GraphQL types of the fields that conditions have. */
const TYPES = {
  String: 'String',
  Boolean: 'Boolean',
  Float: 'Float',
  Date: 'Date',
  LinkKind: LinkKindEnum,
  Stance: StanceEnum,
  StatementAct: StatementActEnum,
  StatementMode: StatementModeEnum,
  StatementStatus: StatementStatusEnum,
} as const satisfies Record<FieldType, unknown>;

/** An input type with several parts, such as `PositionFilter`. */
function objectType({ name, description, fields }: FieldObject) {
  return builder.inputRef<Record<string, FieldTypes[FieldType] | null | undefined>>(name).implement({
    description,
    fields: (t) =>
      Object.fromEntries(
        Object.entries(fields).map(([field, { type, isOptional, description }]) => [
          field,
          t.field({ type: TYPES[type], required: isOptional !== true, description }),
        ]),
      ),
  });
}

/** `StatementFilter`, made from the fields that the kinds of conditions have. */
export const StatementFilter = builder.inputRef<StatementFilterInput>('StatementFilter').implement({
  description:
    'Which statements. A statement must meet every field that is given; of the values of one list it must meet at ' +
    `least one, so an empty list matches nothing. Filters nest ${FILTER_DEPTH_MAX} deep at most.`,
  fields: (t) => {
    const field = ({ type, isList, description, defaultValue }: FilterField) => {
      const item = typeof type === 'string' ? TYPES[type] : objectType(type);
      return t.field({ type: isList ? [item] : item, description, defaultValue });
    };
    const fields = Object.entries(CONDITION_FIELDS).map(([name, given]) => [name, field(given)]);
    return {
      ...Object.fromEntries(fields),
      not: t.field({ type: StatementFilter, description: NESTED_FIELDS.not.description }),
      any: t.field({ type: [StatementFilter], description: NESTED_FIELDS.any.description }),
    };
  },
});
