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
  type ValueNode,
} from 'graphql';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../read/page.ts';
import { argumentPoints } from './arguments.ts';
import { COST_TABLE, type FieldCost } from './table.ts';

/** What an operation costs before it runs, in points: about the microseconds of work that it is expected to take. */
export interface Cost {
  readonly points: number;
}

/** An operation to be costed. */
export interface CountedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As the client sent them. Where they don't tell a size, the maximum counts. */
  readonly variables: Variables;
}

/** A field of an operation, by the names that lead to it in the answer. */
export interface ExpensiveField {
  readonly path: string;
  readonly points: number;
}

/**
 * Points of a selection: of reads for all parents together, of work for each item of a list, and of work for each list as a
 * whole.
 */
interface Points {
  readonly once: number;
  readonly each: number;
  readonly list: number;
}

const NOTHING: Points = { once: 0, each: 0, list: 0 };
const sum = (a: Points, b: Points): Points => ({
  once: a.once + b.once,
  each: a.each + b.each,
  list: a.list + b.list,
});

type Variables = Readonly<Record<string, unknown>>;

/** The values of variables: what the client sent, or their defaults. */
class Values {
  /** How many were looked at so far. */
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

/** Costs of operations whose variables make no difference to them. */
const constant = new WeakMap<OperationDefinitionNode, Cost>();
/** Points of what is selected below a field, where it is asked of this type and variables make no difference to them. */
const constantBelow = new WeakMap<
  FieldNode,
  { readonly parent: GraphQLObjectType; readonly points: Points }
>();

/** A field at a place in the operation. */
interface MetField {
  readonly node: FieldNode;
  readonly parent: GraphQLObjectType;
  readonly points: Points;
}

interface Counting {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly values: Values;
  /** Points of what a fragment selects, and how many variables it looks at, by its name and the type it is spread in. */
  readonly known: Map<string, { readonly points: Points; readonly reads: number }>;
  /** Collects the fields of the selection; null where they are not needed. */
  readonly fields: MetField[] | null;
}

/**
 * Counts an operation before anything of it runs. Fields under @skip and @include count as if they were asked for,
 * aliases each for itself, and of an interface the most expensive implementation. The document must be valid, or at least free
 * of circular fragments.
 */
export function costOf(counted: CountedOperation): Cost {
  const { schema, operation } = counted;
  const found = constant.get(operation);
  if (found) return found;
  const type = schema.getRootType(operation.operation);
  if (!type) return { points: 0 };
  const counting = countingOf(counted);
  const { once, each } = ofSelection(operation.selectionSet, type, counting);
  const cost = { points: Math.ceil(once + each) };
  if (counting.values.reads === 0) constant.set(operation, cost);
  return cost;
}

/**
 * The most expensive field: the search begins at the most expensive root field, and descends while one field makes up half of
 * the cost. Null for an operation without fields.
 */
export function mostExpensiveOf(counted: CountedOperation): ExpensiveField | null {
  const { schema, operation } = counted;
  let type: GraphQLCompositeType | undefined = schema.getRootType(operation.operation) ?? undefined;
  let set: SelectionSetNode | undefined = operation.selectionSet;
  /** How many items the selection is evaluated for, and how many lists have them. */
  let times = 1;
  let lists = 1;
  let found: ExpensiveField | null = null;
  let pointsMin = 0;
  while (set && type) {
    const fields: MetField[] = [];
    const counting = { ...countingOf(counted), fields };
    ofSelection(set, type, counting);
    const total = ({ points: { once, each, list } }: MetField): number =>
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

function countingOf({ schema, document, operation, variables }: CountedOperation): Counting {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const values = new Values(withDefaults(operation, variables));
  return { schema, fragments, values, known: new Map(), fields: null };
}

function withDefaults(operation: OperationDefinitionNode, variables: Variables): Variables {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, argumentValue(defaultValue, new Values({}))] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}

/** The value of an argument as far as the cost depends on it; undefined where it is not given. */
function argumentValue(node: ValueNode, values: Values): unknown {
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

function ofSelection(set: SelectionSetNode, type: GraphQLCompositeType, counting: Counting): Points {
  if (!isInterfaceType(type) && isObjectType(type)) return ofSelectionOn(set, type, type, counting);
  // For an abstract type, the most expensive type counts, and the reads of every type.
  let points = NOTHING;
  for (const possible of counting.schema.getPossibleTypes(type)) {
    const { once, each } = ofSelectionOn(set, type, possible, counting);
    points = { once: points.once + once, each: Math.max(points.each, each), list: 0 };
  }
  return points;
}

/** Points of a selection where the thing is an `actual`. */
function ofSelectionOn(
  set: SelectionSetNode,
  type: GraphQLCompositeType,
  actual: GraphQLObjectType,
  counting: Counting,
): Points {
  let points = NOTHING;
  /** Fields whose aliases share one read, because their arguments make no difference to it. */
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
      counting.known.set(key, { points: NOTHING, reads: 0 }); // a circular fragment, which validation refuses, ends here
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

/** @param isRead whether the SQL was already counted for another alias. */
function ofField(node: FieldNode, parent: GraphQLObjectType, counting: Counting, isRead: boolean): Points {
  const field = fieldOf(node.name.value, parent);
  if (!field) return { ...NOTHING, each: 1 };
  const { cost, size, conditions } = callOf(node, parent, counting);
  const below = ofBelow(node, field, parent, counting);
  const once = (isRead && cost.items !== 'page' ? 0 : (cost.once ?? 0)) + below.once;
  const each = (cost.each ?? 1) + conditions + below.list + size * below.each;
  return cost.ofList ? { once, each: 0, list: each } : { once, each, list: 0 };
}

/** A field's own cost, its number of items, and the cost of its arguments. */
function callOf(
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

/** Points of what is selected below a field, of one item of it. */
function ofBelow(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLObjectType,
  counting: Counting,
): Points {
  const type = getNamedType(field.type);
  if (!node.selectionSet || !isCompositeType(type)) return NOTHING;
  const known = constantBelow.get(node);
  if (known?.parent === parent) return known.points;
  const { reads } = counting.values;
  const points = ofSelection(node.selectionSet, type, { ...counting, fields: null });
  if (counting.values.reads === reads) constantBelow.set(node, { parent, points });
  return points;
}

function fieldOf(name: string, parent: GraphQLObjectType): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return parent.getFields()[name];
}

/** How many items count: at least one, since searching an empty list is work too. */
function itemsOf(items: NonNullable<FieldCost['items']>, given: Variables): number {
  return Math.max(1, typeof items === 'number' ? items : sizeOf(items, given));
}

function sizeOf(items: Exclude<FieldCost['items'], number | undefined>, given: Variables): number {
  if (items === 'page') {
    return numberWithin(given.last ?? given.first ?? PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX);
  }
  const { argument, max, default: usual = max } = items;
  const value = given[argument] ?? usual;
  if (Array.isArray(value)) return Math.min(value.length, max);
  // GraphQL coerces a single text to a list of one.
  return typeof value === 'string' ? 1 : numberWithin(value, max);
}

/** A number of items. An invalid one, which is refused later, counts as the maximum. */
function numberWithin(size: unknown, max: number): number {
  return typeof size === 'number' && size >= 0 && size <= max ? size : max;
}
