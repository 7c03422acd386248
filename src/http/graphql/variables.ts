import {
  coerceInputValue,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getVariableValues,
  isInputType,
  isListType,
  isNonNullType,
  type TypeNode,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { formatPath } from '../../domain/input/fault.ts';

/** Items of a list that are checked in one turn of the event loop. The items of a longer list are checked in steps. */
const CHECKED_AT_ONCE_MAX = 20;
/** Errors of variables that are reported: as many as graphql-js reports. */
const VARIABLE_ERRORS_MAX = 50;

class TooManyErrors extends GraphQLError {
  constructor() {
    super('Too many errors processing variables, error limit reached. Execution aborted.');
  }
}

type Values = Readonly<Record<string, unknown>>;

/** The checked values of variables, or what is wrong with them. */
export type CheckedVariables =
  | { readonly coerced: Values; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[] };

const isLongList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length > CHECKED_AT_ONCE_MAX;

/** Whether variables have a list that is checked in steps. */
export const hasLongList = (values: Values): boolean => Object.values(values).some(isLongList);

/** Checks the values of variables and converts them to their types, as graphql-js does it. Each item of a long list is a step. */
export function* checkVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  values: Values,
): Generator<void, CheckedVariables> {
  const coerced: Record<string, unknown> = Object.create(null);
  const errors: GraphQLError[] = [];
  for (const definition of definitions) {
    const name = definition.variable.name.value;
    const list = values[name];
    const itemType = itemTypeOf(schema, definition);
    if (!isLongList(list) || itemType === null) {
      const one = getVariableValues(schema, [definition], values, { maxErrors: VARIABLE_ERRORS_MAX });
      errors.push(...(one.errors ?? []));
      Object.assign(coerced, one.coerced);
      continue;
    }
    const checked = yield* checkItems(list, itemType, definition, errors);
    if (errors.length > VARIABLE_ERRORS_MAX) break;
    coerced[name] = checked;
  }
  return errors.length > 0 ? { errors } : { coerced };
}

/** The items of a list, converted to their type. Errors are added to `errors`; after too many it stops. */
function* checkItems(
  items: readonly unknown[],
  type: GraphQLInputType,
  definition: VariableDefinitionNode,
  errors: GraphQLError[],
): Generator<void, unknown[]> {
  const name = definition.variable.name.value;
  const checked: unknown[] = [];
  try {
    for (const [i, item] of items.entries()) {
      const onError = (path: readonly (string | number)[], _: unknown, error: GraphQLError): void => {
        if (errors.length >= VARIABLE_ERRORS_MAX) throw new TooManyErrors();
        const message = `Variable "$${name}" has an invalid value at "${formatPath([name, i, ...path])}"; ${error.message}`;
        errors.push(new GraphQLError(message, { nodes: definition, originalError: error }));
      };
      checked.push(coerceInputValue(item, type, onError));
      yield;
    }
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
    errors.push(error);
  }
  return checked;
}

/** The type of the items of a variable that is a list; null for any other. */
function itemTypeOf(schema: GraphQLSchema, { type: node }: VariableDefinitionNode): GraphQLInputType | null {
  const given = typeFromAST(schema, node as TypeNode);
  const type = isNonNullType(given) ? given.ofType : given;
  return isListType(type) && isInputType(type.ofType) ? type.ofType : null;
}
