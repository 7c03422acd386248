import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import { STATEMENT_FIELDS, type StatementField } from '../read/statementRow.ts';

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

/** What is selected of a statement, of what can be read along with it. */
function readAlong(
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

/** What was found before, by the nodes of the field: these are the same for every item of a list. */
const found = new WeakMap<GraphQLResolveInfo['fieldNodes'], StatementField[]>();

function remembered(info: GraphQLResolveInfo, find: () => StatementField[]): StatementField[] {
  const known = found.get(info.fieldNodes) ?? find();
  found.set(info.fieldNodes, known);
  return known;
}

const selections = (info: GraphQLResolveInfo) => info.fieldNodes.map((node) => node.selectionSet);

/** What the field being resolved, a statement, is asked for. */
export function fieldsOfStatement(info: GraphQLResolveInfo): StatementField[] {
  return remembered(info, () => readAlong(info, selections(info)));
}

/** What the statements of the connection being resolved are asked for. */
export function fieldsOfConnection(info: GraphQLResolveInfo): StatementField[] {
  return remembered(info, () => {
    const fields = fieldsBelow(info, selections(info));
    const inEdges = fieldsBelow(info, fields.get('edges') ?? []).get('node') ?? [];
    return readAlong(info, [...(fields.get('nodes') ?? []), ...inEdges]);
  });
}
