import { type GraphQLSchema, isObjectType } from 'graphql';

/** Fields of connections and edges that are properties of what was read. */
const PROPERTIES = ['edges', 'node', 'pageInfo'];

/**
 * Takes the functions off fields that only read a property: the relay plugin wraps each, that of `id` in a promise, which for
 * a page of things takes longer than reading them. What the fields give is the same.
 */
export function withPlainFields(schema: GraphQLSchema): GraphQLSchema {
  const node = schema.getType('Node');
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const fields = type.getFields();
    const isNode = type.getInterfaces().some((implemented) => implemented === node);
    if (isNode && fields.id) fields.id.resolve = ({ id }) => btoa(`${type.name}:${id}`);
    if (!/Connection(Edge)?$/.test(type.name)) continue;
    for (const name of PROPERTIES) if (fields[name]) fields[name].resolve = undefined;
  }
  return schema;
}
