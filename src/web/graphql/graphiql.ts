import type { DocumentNode } from 'graphql';
import { stringifyDocument } from 'urql';
import { addressOf } from '../graphiql/address.ts';

/** An operation of a view with its variables. */
export interface ViewOperation {
  readonly document: unknown;
  readonly variables?: object;
}

/** The short address that opens exactly this operation in GraphiQL. */
export function graphiqlAddress({ document, variables = {} }: ViewOperation): Promise<string> {
  const node = document as DocumentNode;
  // GraphiQL names a tab after the first operation.
  const isFragment = ({ kind }: { kind: string }): number => (kind === 'FragmentDefinition' ? 1 : 0);
  const definitions = node.definitions.toSorted((a, b) => isFragment(a) - isFragment(b));
  const given = Object.keys(variables).length > 0 ? JSON.stringify(variables, null, 2) : '';
  return addressOf(stringifyDocument({ ...node, definitions }), given);
}
