import { graphql, type ResultOf } from '../graphql/tada.ts';

/** A part of the list of sources. */
export const SourcesQuery = graphql(`
  query Sources($after: String) {
    sources(first: 30, after: $after) {
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
