import { graphql } from '../graphql/tada.ts';

/** Actors, topics, events and sources with the words of a search in their names, and the number of statements of each. */
export const NamesFoundQuery = graphql(`
  query NamesFound($search: String!) {
    actors(search: $search, first: 3) { nodes { slug name statements(first: 0) { totalCount } } }
    topics(search: $search, first: 3) { nodes { slug name statements(first: 0) { totalCount } } }
    events(search: $search, first: 3) { nodes { slug name statements(first: 0) { totalCount } } }
    sources(search: $search, first: 3) { nodes { slug title statements(first: 0) { totalCount } } }
  }
`);
