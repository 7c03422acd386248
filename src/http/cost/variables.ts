import { Kind, type OperationDefinitionNode, type ValueNode } from 'graphql';

export type Variables = Readonly<Record<string, unknown>>;

/** The values of variables that a cost depends on: those that the client sent, or their defaults. */
export class VariableValues {
  /** Number of values that were read. A cost that has read none is the same for all variables. */
  reads = 0;
  readonly #values: Variables;

  constructor(values: Variables) {
    this.#values = values;
  }

  of(name: string): unknown {
    this.reads += 1;
    return this.#values[name];
  }
}

/** The variables of a client, with the defaults of its operation. */
export function withDefaults(operation: OperationDefinitionNode, variables: Variables): Variables {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, argumentValue(defaultValue, new VariableValues({}))] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}

/** The value of an argument; undefined for a variable without a value. */
export function argumentValue(node: ValueNode, values: VariableValues): unknown {
  switch (node.kind) {
    case Kind.VARIABLE:
      return values.of(node.name.value);
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((value) => argumentValue(value, values));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, argumentValue(value, values)]),
      );
    default:
      return node.value;
  }
}
