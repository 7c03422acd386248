import { graphql } from '../graphql/tada.ts';
import { StatementCardFragment } from '../parts/statementFragment.ts';

/** An event with its accounts compared. */
export const EventQuery = graphql(
  `query Event($slug: String!) {
    record {
      cursor
    }
    event(slug: $slug) {
      slug
      name
      kind
      description
      date { edtf earliest latest }
      participants { slug name kind }
      accounts {
        side { slug name kind }
        statements { slug }
      }
      comparison {
        verdict
        topic { slug name proposition parent { slug } }
        cells {
          stance
          side { slug name }
          statements {
            id
            slug
            ...StatementCard
            links { kind statement { slug } }
          }
        }
      }
      statements(first: 20) {
        nodes {
          id
          ...StatementCard
        }
      }
    }
  }`,
  [StatementCardFragment],
);
