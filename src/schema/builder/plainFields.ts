import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Connection } from '../../read/page.ts';

/** Fields of connections and edges that are properties of the page. */
const PAGE_FIELDS = ['edges', 'node', 'pageInfo'];

const nodesOf = ({ edges }: Connection<unknown>): unknown[] => edges.map(({ node }) => node);

/**
 * Replaces the Relay plugin's resolvers of fields that only read a property. The plugin wraps each of them, and `id` in a
 * promise, which for a page of rows costs more than the read. The values stay the same.
 */
export function withPlainFields(schema: GraphQLSchema): GraphQLSchema {
  const node = schema.getType('Node');
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const fields = type.getFields();
    const isNode = type.getInterfaces().some((implemented) => implemented === node);
    if (isNode && fields.id) fields.id.resolve = ({ id }) => btoa(`${type.name}:${id}`);
    if (!/Connection(Edge)?$/.test(type.name)) continue;
    for (const name of PAGE_FIELDS) if (fields[name]) fields[name].resolve = undefined;
    if (fields.nodes) fields.nodes.resolve = nodesOf;
  }
  return schema;
}
