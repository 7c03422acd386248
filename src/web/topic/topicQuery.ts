import { graphql, type ResultOf } from '../graphql/tada.ts';

/** A topic, the stances on it, and the statements about it. */
export const TopicQuery = graphql(
  `query Topic($slug: String!, $children: Int! = 0, $positions: Int! = 0, $size: Int! = 10) {
    record {
      cursor
    }
    topic(slug: $slug) {
      slug
      name
      description
      proposition
      parent { slug name parent { slug name } }
      childCount
      children(first: $size, offset: $children) {
        slug
        name
        proposition
        positionCount
        positions(first: 10) { account stance actor { slug name } }
      }
      positionCount
      positions(first: $size, offset: $positions) {
        account
        givers { slug name kind }
        isCurrent
        stance
        since { edtf earliest latest }
        actor { slug name kind }
        statement { slug text quote }
        shiftedFrom { slug text quote said { edtf earliest latest } }
        shiftedTo { slug text quote said { edtf earliest latest } }
      }
      statements(first: 0) {
        totalCount
      }
    }
  }`,
);

export type TopicData = NonNullable<ResultOf<typeof TopicQuery>['topic']>;
