import type { IdentifierRow } from '../read/loading/parts.ts';
import { builder, type Context } from './builder/builder.ts';

const IdentifierRef = builder.objectRef<IdentifierRow>('Identifier').implement({
  description: 'A name of an actor, topic or source in another system.',
  fields: (t) => ({
    scheme: t.exposeString('scheme', { description: 'The other system, such as wikidata or iso3166.' }),
    value: t.exposeString('value', { description: 'The name there, such as Q3052772.' }),
  }),
});

const IDENTIFIERS: [typeof IdentifierRef] = [IdentifierRef];

/** The options of the field `identifiers` of a noun. */
export const identifiersOf = (noun: 'actor' | 'topic' | 'source') => ({
  type: IDENTIFIERS,
  description: 'Its names in other systems.',
  resolve: ({ id }: { readonly id: number }, _: object, { load }: Context) =>
    load.identifiers.load(id, { noun }),
});
