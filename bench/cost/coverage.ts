import {
  type GraphQLNamedType,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { schema } from '../../src/schema/schema.ts';

/** What a query can name: `Actor.name`, `Actor.members(first:)` and `StatementFilter.acts`, by schema coordinates. */
export function coordinatesOfQueries(): Set<string> {
  const found = new Set<string>();
  const seen = new Set<GraphQLNamedType>();
  const waiting: GraphQLNamedType[] = [schema.getQueryType() as GraphQLNamedType];
  for (let type = waiting.pop(); type; type = waiting.pop()) {
    if (seen.has(type)) continue;
    seen.add(type);
    if (isAbstractType(type)) waiting.push(...schema.getPossibleTypes(type));
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        found.add(`${type.name}.${field.name}`);
        for (const { name } of field.args) found.add(`${type.name}.${field.name}(${name}:)`);
        waiting.push(getNamedType(field.type), ...field.args.map((argument) => getNamedType(argument.type)));
      }
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        found.add(`${type.name}.${field.name}`);
        waiting.push(getNamedType(field.type));
      }
    }
  }
  return found;
}

/** The coordinates that a document names. */
export function coordinatesIn(text: string): Set<string> {
  const named = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    parse(text),
    visitWithTypeInfo(info, {
      Field: ({ name }) => void named.add(`${info.getParentType()?.name}.${name.value}`),
      Argument: ({ name }) =>
        void named.add(`${info.getParentType()?.name}.${info.getFieldDef()?.name}(${name.value}:)`),
      ObjectField: ({ name }) => {
        // The type of the value is entered before its field is visited.
        const parent = info.getParentInputType();
        if (parent) named.add(`${getNamedType(parent).name}.${name.value}`);
      },
    }),
  );
  return named;
}
