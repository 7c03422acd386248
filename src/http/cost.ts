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
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../read/page.ts';
import { COST_TABLE, type FieldCost } from './costTable.ts';

/** What an operation costs, in points: about the values that its answer can have, and more where SQL counts or compares. */
export interface Cost {
  readonly points: number;
  /** The field that costs most with everything below it, of those right below the operation. */
  readonly dearest: { readonly path: string; readonly points: number } | null;
}

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
  { readonly parent: GraphQLObjectType; readonly points: number }
>();

interface Counting {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly values: Values;
  /** Points of what a fragment selects, and how many variables it looks at, by its name and the type it is spread in. */
  readonly known: Map<string, { readonly points: number; readonly reads: number }>;
  /** Fields right below the operation, as they are met. */
  readonly fields: { path: string; points: number }[] | null;
}

/**
 * Counts an operation before anything of it runs. Fields under @skip and @include count as if they were asked for,
 * aliases each for itself, and of an interface the dearest implementation. The document must be valid, or at least free of circular fragments.
 * @param variables as the client sent them; what can't be told from them counts as the most there can be.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): Cost {
  const found = constant.get(operation);
  if (found) return found;
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const type = schema.getRootType(operation.operation);
  if (!type) return { points: 0, dearest: null };
  const values = new Values(withDefaults(operation, variables));
  const counting: Counting = { schema, fragments, values, known: new Map(), fields: [] };
  const points = Math.ceil(ofSelection(operation.selectionSet, type, counting));
  const [dearest = null] = [...(counting.fields ?? [])].sort((a, b) => b.points - a.points);
  const cost = { points, dearest };
  if (values.reads === 0) constant.set(operation, cost);
  return cost;
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

function ofSelection(set: SelectionSetNode, type: GraphQLCompositeType, counting: Counting): number {
  if (!isInterfaceType(type) && isObjectType(type)) return ofSelectionOn(set, type, type, counting);
  // Whatever it turns out to be: the dearest of what it can be.
  let dearest = 0;
  for (const possible of counting.schema.getPossibleTypes(type)) {
    dearest = Math.max(dearest, ofSelectionOn(set, type, possible, counting));
  }
  return dearest;
}

/** Points of a selection where the thing is an `actual`. */
function ofSelectionOn(
  set: SelectionSetNode,
  type: GraphQLCompositeType,
  actual: GraphQLObjectType,
  counting: Counting,
): number {
  let points = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const own = ofField(selection, actual, counting);
      counting.fields?.push({ path: selection.alias?.value ?? selection.name.value, points: own });
      points += own;
      continue;
    }
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : counting.fragments.get(selection.name.value);
    if (!inner || !applies(inner.typeCondition?.name.value, actual, counting.schema)) continue;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      points += ofSelectionOn(inner.selectionSet, type, actual, counting);
      continue;
    }
    const key = `${selection.name.value} ${actual.name}`;
    let known = counting.known.get(key);
    if (known) counting.values.reads += known.reads;
    else {
      const { reads } = counting.values;
      counting.known.set(key, { points: 0, reads: 0 }); // a circle, which validation refuses, ends here
      const found = ofSelectionOn(inner.selectionSet, type, actual, counting);
      known = { points: found, reads: counting.values.reads - reads };
      counting.known.set(key, known);
    }
    points += known.points;
  }
  return points;
}

function applies(condition: string | undefined, actual: GraphQLObjectType, schema: GraphQLSchema): boolean {
  if (condition === undefined || condition === actual.name) return true;
  const type = schema.getType(condition);
  return type !== undefined && isCompositeType(type) && !isObjectType(type) && schema.isSubType(type, actual);
}

function ofField(node: FieldNode, parent: GraphQLObjectType, counting: Counting): number {
  const field = fieldOf(node.name.value, parent);
  if (!field) return 1;
  const { own = 1, items = 1 }: FieldCost = COST_TABLE[`${parent.name}.${field.name}`] ?? {};
  const sizes = sizedBy(items);
  const asked = (node.arguments ?? []).filter(
    ({ name }) => sizes.includes(name.value) || name.value === 'filter',
  );
  const given = Object.fromEntries(
    asked.map(({ name, value }) => [name.value, argumentValue(value, counting.values)]),
  );
  const size = itemsOf(items, given);
  const below = ofBelow(node, field, parent, counting);
  const conditions = 'filter' in given ? countLeaves(given.filter) : 0;
  return own + conditions + size * below;
}

/** Points of what is selected below a field, of one item of it. */
function ofBelow(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLObjectType,
  counting: Counting,
): number {
  const type = getNamedType(field.type);
  if (!node.selectionSet || !isCompositeType(type)) return 0;
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

/** The arguments that say how many items there are. */
function sizedBy(items: NonNullable<FieldCost['items']>): readonly string[] {
  if (typeof items === 'number') return [];
  return items === 'page' ? ['first', 'last'] : [items.argument];
}

function itemsOf(items: NonNullable<FieldCost['items']>, given: Variables): number {
  if (typeof items === 'number') return items;
  if (items === 'page') return sizeOf(given.last ?? given.first, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX);
  if ('default' in items) return sizeOf(given[items.argument], items.default, items.max);
  const list = given[items.argument];
  if (!Array.isArray(list)) return list == null ? items.max : 1; // GraphQL takes a single item for a list of one
  return Math.min(list.length, items.max);
}

/** How many items are asked for; a number that is refused later counts as the largest there is. */
function sizeOf(given: unknown, sizeDefault: number, max: number): number {
  const size = given ?? sizeDefault;
  const isSize = typeof size === 'number' && size >= 0 && size <= max;
  return isSize ? size : max;
}

/** How many single values a filter has. */
function countLeaves(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countLeaves(inner), 0);
}
