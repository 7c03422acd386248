import { buildSchema, type IntrospectionQuery, introspectionFromSchema } from 'graphql';

/**
 * The schema in the form that GraphiQL takes, made from `/schema.graphql`, which the browser caches; undefined where it
 * can't be read. GraphiQL then introspects the service with the headers of its tab.
 */
export async function loadSchema(): Promise<IntrospectionQuery | undefined> {
  const response = await fetch('/schema.graphql');
  if (!response.ok) return undefined;
  const schema = buildSchema(await response.text(), { assumeValid: true });
  return introspectionFromSchema(schema, { schemaDescription: true, inputValueDeprecation: true });
}
