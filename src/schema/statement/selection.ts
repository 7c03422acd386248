import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import type { StatementSelection } from '../../read/statements/request.ts';
import { STATEMENT_FIELDS, type StatementField } from '../../read/statements/row.ts';

/** The fields selected directly below, through fragments, including fields that @skip or @include may leave out. */
function fieldsBelow(
  info: GraphQLResolveInfo,
  sets: readonly (SelectionSetNode | undefined)[],
): Map<string, (SelectionSetNode | undefined)[]> {
  const fields = new Map<string, (SelectionSetNode | undefined)[]>();
  const collect = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        const known = fields.get(selection.name.value) ?? [];
        fields.set(selection.name.value, [...known, selection.selectionSet]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else collect(info.fragments[selection.name.value]?.selectionSet);
    }
  };
  for (const set of sets) collect(set);
  return fields;
}

/** The selected fields of a statement that can be read with its row. */
function fieldsOfRow(
  info: GraphQLResolveInfo,
  sets: readonly (SelectionSetNode | undefined)[],
): StatementField[] {
  const fields = fieldsBelow(info, sets);
  return STATEMENT_FIELDS.filter((path) => {
    const [field = '', below] = path.split('.');
    const selected = fields.get(field);
    return selected !== undefined && (below === undefined || fieldsBelow(info, selected).has(below));
  });
}

/** Selections by the nodes of their field, which are the same for every item of a list. */
const found = new WeakMap<GraphQLResolveInfo['fieldNodes'], StatementSelection>();

const selections = (info: GraphQLResolveInfo) => info.fieldNodes.map((node) => node.selectionSet);

/** The selection of the field that is being resolved, a statement. */
export function fieldsOfStatement(info: GraphQLResolveInfo): readonly StatementField[] {
  const known = found.get(info.fieldNodes);
  if (known) return known.fields;
  const fields = fieldsOfRow(info, selections(info));
  found.set(info.fieldNodes, { fields, counted: false, listed: false, pageInfo: false });
  return fields;
}

/** The selection of the connection that is being resolved. */
export function selectionOfConnection(info: GraphQLResolveInfo): StatementSelection {
  const known = found.get(info.fieldNodes);
  if (known) return known;
  const below = fieldsBelow(info, selections(info));
  const inEdges = fieldsBelow(info, below.get('edges') ?? []).get('node') ?? [];
  const fields = fieldsOfRow(info, [...(below.get('nodes') ?? []), ...inEdges]);
  const selection = {
    fields,
    counted: below.has('totalCount'),
    listed: below.has('nodes') || below.has('edges'),
    pageInfo: below.has('pageInfo'),
  };
  found.set(info.fieldNodes, selection);
  return selection;
}
