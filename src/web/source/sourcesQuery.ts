import { graphql, type ResultOf } from '../graphql/tada.ts';

/** A part of the list of sources, by title or as searched. */
export const SourcesQuery = graphql(`
  query Sources($search: String, $after: String) {
    sources(search: $search, first: 30, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        slug
        title
        publishedOn
        publisher { name }
        statements(first: 0) { totalCount }
      }
    }
  }
`);

export type SourceItemData = ResultOf<typeof SourcesQuery>['sources']['nodes'][number];
