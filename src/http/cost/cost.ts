import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../read/page.ts';
import { argumentPoints } from './arguments.ts';
import { COST_TABLE, type FieldCost } from './table.ts';
import { argumentValue, type Variables, VariableValues, withDefaults } from './variables.ts';

/*
 * Points are the currency of the service: one point is about a microsecond of work in this process or in PostgreSQL. Every
 * client, a token or an address, has a budget that refills steadily (`rate.ts`). An operation is paid in two parts:
 *
 *   1. Before it runs, this file estimates its cost from its fields and arguments. With too few points left it is refused.
 *   2. After it has run, the estimate is replaced by the work that was done (settlement, in `limits/guard.ts`): the time and number of its
 *      SQL statements, and the objects and bytes of its answer. What is missing is charged, and the budget may become negative
 *      then; the rest is given back. A mutation, or an operation with an error, costs at least its estimate.
 *
 * Example: `{ statements(first: 20) { nodes { slug speakers { actor { name } } } } }` is estimated at 1,101 points: 500 for the
 * SQL of the page, 400 for the SQL of the speakers, and 201 for the items. If its two SQL statements take 3 ms, and its answer has 70
 * objects in 2,000 bytes, it costs 4,250 points. A subscription pays for each change (`log/hub`).
 */

/** The estimated cost of an operation. */
export interface Cost {
  readonly points: number;
}

/** An operation and the variables of its client. */
export interface CountedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The variables that the client sent. Where a size is not given, the maximum counts. */
  readonly variables: Variables;
}

/** Points of a selection. */
export interface Points {
  /** Of reads that run once for all parents. */
  readonly once: number;
  /** For each item of the list that the selection belongs to. */
  readonly each: number;
  /** For this list as a whole, whatever its size. */
  readonly list: number;
}

const NOTHING: Points = { once: 0, each: 0, list: 0 };
const sum = (a: Points, b: Points): Points => ({
  once: a.once + b.once,
  each: a.each + b.each,
  list: a.list + b.list,
});

/** Points of the selection of a field on a type. Only selections whose points depend on no variable are cached. */
const selectionPoints = new WeakMap<
  FieldNode,
  { readonly parent: GraphQLObjectType; readonly points: Points }
>();

/** A field of a selection. */
export interface CountedField {
  readonly node: FieldNode;
  readonly parent: GraphQLObjectType;
  readonly points: Points;
}

export interface Counting {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly values: VariableValues;
  /** Points of fragments, and the number of variables they read, by fragment and type. */
  readonly known: Map<string, { readonly points: Points; readonly reads: number }>;
  /** Collects the fields of the selection; null where they are not needed. */
  readonly fields: CountedField[] | null;
}

/**
 * Estimates the cost of an operation before it runs. Fields under @skip and @include count, every alias counts, and for an
 * interface the most expensive implementation counts. The document must be valid.
 */
export function costOf(counted: CountedOperation): Cost {
  const { schema, operation } = counted;
  const type = schema.getRootType(operation.operation);
  if (!type) return { points: 0 };
  const counting = countingOf(counted);
  const { once, each } = pointsOfSelection(operation.selectionSet, type, counting);
  return { points: Math.ceil(once + each) };
}

export function countingOf({ schema, document, operation, variables }: CountedOperation): Counting {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const values = new VariableValues(withDefaults(operation, variables));
  return { schema, fragments, values, known: new Map(), fields: null };
}

export function pointsOfSelection(
  set: SelectionSetNode,
  type: GraphQLCompositeType,
  counting: Counting,
): Points {
  if (!isInterfaceType(type) && isObjectType(type)) return ofSelectionOn(set, type, type, counting);
  // For an abstract type, the most expensive type counts, and the reads of every type.
  let points = NOTHING;
  for (const possible of counting.schema.getPossibleTypes(type)) {
    const { once, each } = ofSelectionOn(set, type, possible, counting);
    points = { once: points.once + once, each: Math.max(points.each, each), list: 0 };
  }
  return points;
}

/** Points of a selection on objects of the type `actual`. */
function ofSelectionOn(
  set: SelectionSetNode,
  type: GraphQLCompositeType,
  actual: GraphQLObjectType,
  counting: Counting,
): Points {
  let points = NOTHING;
  /** Fields without arguments. Their aliases share one read. */
  const read = new Set<string>();
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const { value } = selection.name;
      const own = ofField(selection, actual, counting, read.has(value));
      if (!selection.arguments?.length) read.add(value);
      counting.fields?.push({ node: selection, parent: actual, points: own });
      points = sum(points, own);
      continue;
    }
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : counting.fragments.get(selection.name.value);
    if (!inner || !applies(inner.typeCondition?.name.value, actual, counting.schema)) continue;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      points = sum(points, ofSelectionOn(inner.selectionSet, type, actual, counting));
      continue;
    }
    const key = `${selection.name.value} ${actual.name}`;
    let known = counting.known.get(key);
    if (known) counting.values.reads += known.reads;
    else {
      const { reads } = counting.values;
      counting.known.set(key, { points: NOTHING, reads: 0 }); // stops at a circular fragment, which validation refuses
      const found = ofSelectionOn(inner.selectionSet, type, actual, counting);
      known = { points: found, reads: counting.values.reads - reads };
      counting.known.set(key, known);
    }
    points = sum(points, known.points);
  }
  return points;
}

function applies(condition: string | undefined, actual: GraphQLObjectType, schema: GraphQLSchema): boolean {
  if (condition === undefined || condition === actual.name) return true;
  const type = schema.getType(condition);
  return type !== undefined && isCompositeType(type) && !isObjectType(type) && schema.isSubType(type, actual);
}

/** @param isRead whether the SQL is already counted for another alias. */
function ofField(node: FieldNode, parent: GraphQLObjectType, counting: Counting, isRead: boolean): Points {
  const field = fieldOf(node.name.value, parent);
  if (!field) return { ...NOTHING, each: 1 };
  const { cost, size, conditions } = callOf(node, parent, counting);
  const below = ofBelow(node, field, parent, counting);
  const once = (isRead && cost.items !== 'page' ? 0 : (cost.once ?? 0)) + conditions + below.once;
  const each = (cost.each ?? 1) + below.list + size * below.each;
  return cost.ofList ? { once, each: 0, list: each } : { once, each, list: 0 };
}

/** A field's own cost, its number of items, and the cost of its arguments. */
export function callOf(
  node: FieldNode,
  parent: GraphQLObjectType,
  { values }: Counting,
): { readonly cost: FieldCost; readonly size: number; readonly conditions: number } {
  const path = `${parent.name}.${node.name.value}`;
  const cost = COST_TABLE[path] ?? {};
  if (!node.arguments?.length) return { cost, size: itemsOf(cost.items ?? 1, {}), conditions: 0 };
  const given = Object.fromEntries(
    node.arguments.map(({ name, value }) => [name.value, argumentValue(value, values)]),
  );
  return { cost, size: itemsOf(cost.items ?? 1, given), conditions: argumentPoints(path, given) };
}

/** Points of the selection of a field, for one item. */
function ofBelow(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLObjectType,
  counting: Counting,
): Points {
  const type = getNamedType(field.type);
  if (!node.selectionSet || !isCompositeType(type)) return NOTHING;
  const known = selectionPoints.get(node);
  if (known?.parent === parent) return known.points;
  const { reads } = counting.values;
  const points = pointsOfSelection(node.selectionSet, type, { ...counting, fields: null });
  if (counting.values.reads === reads) selectionPoints.set(node, { parent, points });
  return points;
}

export function fieldOf(name: string, parent: GraphQLObjectType): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return parent.getFields()[name];
}

/** The number of items that count: at least one, since searching an empty list is work, too. */
function itemsOf(items: NonNullable<FieldCost['items']>, given: Variables): number {
  return Math.max(1, typeof items === 'number' ? items : sizeOf(items, given));
}

function sizeOf(items: Exclude<FieldCost['items'], number | undefined>, given: Variables): number {
  if (items === 'page') {
    return numberWithin(given.last ?? given.first ?? PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX);
  }
  const { argument, max, default: byDefault = max, usual = max } = items;
  const value = given[argument] ?? byDefault;
  if (Array.isArray(value)) return Math.min(value.length, max);
  // GraphQL coerces a single string to a list of one.
  return typeof value === 'string' ? 1 : Math.min(usual, numberWithin(value, max));
}

/** A number of items. An invalid number counts as the maximum; it is refused later. */
function numberWithin(size: unknown, max: number): number {
  return typeof size === 'number' && size >= 0 && size <= max ? size : max;
}
