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
/** The value of a variable. */
type Read = (name: string) => unknown;

/** Costs of operations whose variables make no difference to them. */
const constant = new WeakMap<OperationDefinitionNode, Cost>();

interface Counting {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly read: Read;
  /** Points of what a fragment selects, by its name and the type it is spread in. */
  readonly known: Map<string, number>;
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
  const values = withDefaults(operation, variables);
  let varies = false;
  const read = (name: string): unknown => {
    varies = true;
    return values[name];
  };
  const counting: Counting = { schema, fragments, read, known: new Map(), fields: [] };
  const points = Math.ceil(ofSelection(operation.selectionSet, type, counting));
  const [dearest = null] = [...(counting.fields ?? [])].sort((a, b) => b.points - a.points);
  const cost = { points, dearest };
  if (!varies) constant.set(operation, cost);
  return cost;
}

function withDefaults(operation: OperationDefinitionNode, variables: Variables): Variables {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, argumentValue(defaultValue, () => undefined)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}

/** The value of an argument as far as the cost depends on it; undefined where it is not given. */
function argumentValue(node: ValueNode, read: Read): unknown {
  switch (node.kind) {
    case Kind.VARIABLE:
      return read(node.name.value);
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((value) => argumentValue(value, read));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, argumentValue(value, read)]),
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
    if (known === undefined) {
      counting.known.set(key, 0); // a circle, which validation refuses, ends here
      known = ofSelectionOn(inner.selectionSet, type, actual, counting);
      counting.known.set(key, known);
    }
    points += known;
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
  const asked = (node.arguments ?? []).filter(
    ({ name }) => typeof items !== 'number' || name.value === 'filter',
  );
  const given = Object.fromEntries(
    asked.map(({ name, value }) => [name.value, argumentValue(value, counting.read)]),
  );
  const size = itemsOf(items, given);
  const type = getNamedType(field.type);
  const below =
    node.selectionSet && isCompositeType(type)
      ? ofSelection(node.selectionSet, type, { ...counting, fields: null })
      : 0;
  const conditions = 'filter' in given ? countLeaves(given.filter) : 0;
  return own + conditions + size * below;
}

function fieldOf(name: string, parent: GraphQLObjectType): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return parent.getFields()[name];
}

function itemsOf(items: NonNullable<FieldCost['items']>, given: Variables): number {
  if (typeof items === 'number') return items;
  if (items === 'page') return pageSizeOf(given);
  const list = given[items.argument];
  if (!Array.isArray(list)) return list == null ? items.max : 1; // GraphQL takes a single item for a list of one
  return Math.min(list.length, items.max);
}

/** The page's size; one that is refused later counts as the largest there is. */
function pageSizeOf({ first, last }: Variables): number {
  const size = last ?? first ?? PAGE_SIZE_DEFAULT;
  const isSize = typeof size === 'number' && size >= 0 && size <= PAGE_SIZE_MAX;
  return isSize ? size : PAGE_SIZE_MAX;
}

/** How many single values a filter has. */
function countLeaves(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countLeaves(inner), 0);
}
