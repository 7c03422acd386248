import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './introspection.d.ts';

/** Makes typed documents. A document that is invalid against the schema is a compile error. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { ID: string; Date: string; DateTime: string; Position: string };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
export { readFragment } from 'gql.tada';

/** The values of an enum of the schema: `EnumOf<'Stance'>`. */
export type EnumOf<Name extends keyof introspection['types']> = introspection['types'][Name] extends {
  enumValues: infer Values extends string;
}
  ? Values
  : never;
