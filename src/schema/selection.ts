import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import { PARTS, type Part } from '../read/statementRow.ts';

/** Names of the fields selected right below, through fragments, whatever @skip and @include come to. */
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

function partsIn(fields: ReadonlyMap<string, unknown>): Part[] {
  // Whose account a statement is follows from the speakers and the hops.
  const wanted = new Set(
    fields.has('givers') ? [...fields.keys(), 'speakers', 'attribution'] : fields.keys(),
  );
  return PARTS.filter((part) => wanted.has(part));
}

const selections = (info: GraphQLResolveInfo) => info.fieldNodes.map((node) => node.selectionSet);

/** The lists of a statement that the field being resolved, a statement, is asked for. */
export function partsOfStatement(info: GraphQLResolveInfo): Part[] {
  return partsIn(fieldsBelow(info, selections(info)));
}

/** The lists that the statements of the connection being resolved are asked for. */
export function partsOfConnection(info: GraphQLResolveInfo): Part[] {
  const fields = fieldsBelow(info, selections(info));
  const inEdges = fieldsBelow(info, fields.get('edges') ?? []).get('node') ?? [];
  return partsIn(fieldsBelow(info, [...(fields.get('nodes') ?? []), ...inEdges]));
}
