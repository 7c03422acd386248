import { StatementCardFragment } from '../cards/statementFragment.ts';
import { graphql } from '../graphql/tada.ts';

/** An event with its accounts compared. */
export const EventQuery = graphql(
  `query Event($slug: String!, $rows: Int! = 0) {
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
        statementCount
        statements(first: 100) { slug }
      }
      comparisonIsComplete
      comparisonRowCount
      overview: comparison(first: 100) {
        verdict
        topic { slug name parent { slug } }
        cells {
          stance
          side { slug name }
          statementCount
        }
      }
      comparison(first: 15, offset: $rows) {
        verdict
        topic { slug name proposition parent { slug } }
        cells {
          stance
          side { slug name }
          statementCount
          statements(first: 5) {
            id
            slug
            ...StatementCard
            links { kind statement { slug } }
          }
        }
      }
      statements(first: 20) {
        totalCount
        nodes {
          id
          ...StatementCard
        }
      }
    }
  }`,
  [StatementCardFragment],
);
