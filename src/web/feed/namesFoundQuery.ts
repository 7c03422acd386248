import { graphql } from '../graphql/tada.ts';

/** What has the words of a search as a name, with the number of its statements. */
export const NamesFoundQuery = graphql(`
  query NamesFound($search: String!) {
    actors(search: $search, first: 3) { nodes { slug name statements(first: 0) { totalCount } } }
    topics(search: $search, first: 3) { nodes { slug name statements(first: 0) { totalCount } } }
    events(search: $search, first: 3) { nodes { slug name statements(first: 0) { totalCount } } }
    sources(search: $search, first: 3) { nodes { slug title statements(first: 0) { totalCount } } }
  }
`);
