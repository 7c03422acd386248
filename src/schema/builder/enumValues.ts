import {
  type GraphQLEnumType,
  GraphQLError,
  type GraphQLSchema,
  isEnumType,
  isIntrospectionType,
} from 'graphql';

/** The end of the message of graphql-js for a wrong value: at most five names with similar spelling, or nothing. */
const SUGGESTION = / Did you mean [^?]*\?$/;

/**
 * Adds all values of an enum to the refusal of a wrong one. They replace the suggestion of graphql-js, and like it are hidden from clients
 * that may not read the schema.
 */
export function withEnumValues(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isEnumType(type) && !isIntrospectionType(type)) nameValues(type);
  }
  return schema;
}

function nameValues(type: GraphQLEnumType): void {
  const names = type.getValues().map(({ name }) => name);
  const listed = ` Did you mean ${names.length > 1 ? 'one of ' : ''}${names.join(', ')}?`;
  const told = <Result>(hideSuggestions: boolean | null | undefined, read: () => Result): Result => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof GraphQLError) || hideSuggestions) throw error;
      const message = error.message.replace(SUGGESTION, '').concat(listed);
      throw new GraphQLError(message, { nodes: error.nodes, extensions: error.extensions });
    }
  };
  const parseValue = type.parseValue.bind(type);
  const parseLiteral = type.parseLiteral.bind(type);
  type.parseValue = (value, hideSuggestions) =>
    told(hideSuggestions, () => parseValue(value, hideSuggestions));
  type.parseLiteral = (node, variables, hideSuggestions) =>
    told(hideSuggestions, () => parseLiteral(node, variables, hideSuggestions));
}
