import { writeFileSync } from 'node:fs';
import { minifyIntrospection, outputIntrospectionFile } from 'gql.tada/internal';
import { introspectionFromSchema } from 'graphql';
import { schema } from '../schema/schema.ts';

/** Writes the schema as the type that graphql/tada.ts reads; nothing of it goes into the built page. */
const introspection = minifyIntrospection(introspectionFromSchema(schema, { descriptions: false }));
writeFileSync(
  new URL('graphql/introspection.d.ts', import.meta.url),
  outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true }),
);
