import type { DocumentNode } from 'graphql';
import { stringifyDocument } from 'urql';

/** An operation of a view with its variables. */
export interface ViewOperation {
  readonly document: unknown;
  readonly variables?: object;
}

/** The address that opens exactly this operation in GraphiQL. */
export function graphiqlAddress({ document, variables }: ViewOperation): string {
  const node = document as DocumentNode;
  const operation = node.definitions.find((definition) => definition.kind === 'OperationDefinition');
  const parameters = new URLSearchParams({ query: stringifyDocument(node) });
  if (variables && Object.keys(variables).length > 0) {
    parameters.set('variables', JSON.stringify(variables, null, 2));
  }
  if (operation?.name) parameters.set('operationName', operation.name.value);
  return `/graphql?${parameters}`;
}
