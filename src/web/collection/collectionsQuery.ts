import { graphql, type ResultOf } from '../graphql/tada.ts';

/** A part of the list of collections. */
export const CollectionsQuery = graphql(`
  query Collections($after: String) {
    record { cursor }
    collections(first: 30, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { slug title version licence statementCount sourceCount }
    }
  }
`);

/** A collection: where it is from, its files, and how much it has added. */
export const CollectionQuery = graphql(`
  query Collection($slug: String!) {
    record { cursor }
    collection(slug: $slug) {
      slug
      title
      version
      licence
      url
      recordedAt
      recordedBy
      revisionCount
      retraction { reason at by }
      retracting
      files { name length digest }
      statementCount
      actorCount
      topicCount
      sourceCount
      eventCount
    }
  }
`);

export type CollectionItemData = ResultOf<typeof CollectionsQuery>['collections']['nodes'][number];
export type CollectionData = NonNullable<ResultOf<typeof CollectionQuery>['collection']>;
