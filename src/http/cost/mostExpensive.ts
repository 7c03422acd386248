import { type GraphQLCompositeType, getNamedType, isCompositeType, type SelectionSetNode } from 'graphql';
import {
  type CountedField,
  type CountedOperation,
  callOf,
  countingOf,
  fieldOf,
  pointsOfSelection,
} from './cost.ts';

/** A field of an operation. */
export interface ExpensiveField {
  /** Its path in the answer, `topics.nodes.statements`. */
  readonly path: string;
  readonly points: number;
}

/**
 * The most expensive field of an operation, for error messages. The search begins at the most expensive root field and
 * descends while one field has at least half of its cost. Null for an operation without fields.
 */
export function mostExpensiveOf(counted: CountedOperation): ExpensiveField | null {
  const { schema, operation } = counted;
  let type: GraphQLCompositeType | undefined = schema.getRootType(operation.operation) ?? undefined;
  let set: SelectionSetNode | undefined = operation.selectionSet;
  /** The number of items that the selection applies to, and of the lists that contain them. */
  let times = 1;
  let lists = 1;
  let found: ExpensiveField | null = null;
  let pointsMin = 0;
  while (set && type) {
    const fields: CountedField[] = [];
    const counting = { ...countingOf(counted), fields };
    pointsOfSelection(set, type, counting);
    const total = ({ points: { once, each, list } }: CountedField): number =>
      Math.ceil(once + lists * list + times * each);
    const [most] = fields.sort((a, b) => total(b) - total(a));
    if (!most || total(most) < pointsMin) break;
    pointsMin ||= total(most) / 2;
    const { node, parent } = most;
    const name = node.alias?.value ?? node.name.value;
    found = { path: found ? `${found.path}.${name}` : name, points: total(most) };
    lists = times;
    times *= callOf(node, parent, counting).size;
    const field = fieldOf(node.name.value, parent);
    const below = field && getNamedType(field.type);
    type = isCompositeType(below) ? below : undefined;
    set = node.selectionSet;
  }
  return found;
}
