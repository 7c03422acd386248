import { StatementCardFragment } from '../cards/statementFragment.ts';
import { graphql } from '../graphql/tada.ts';

/** An event with its accounts compared: of all sides, or of those that the reader chose. Silent sides are counted, and named by `accounts`. */
export const EventQuery = graphql(
  `query Event($slug: String!, $sides: [String!], $rows: Int! = 0) {
    record {
      cursor
    }
    event(slug: $slug) {
      slug
      name
      kind
      description
      date { edtf earliest latest }
      participantCount
      participants(first: 12) { slug name kind }
      accountCount
      accounts {
        side { slug name kind }
        statementCount
      }
      otherStatementCount
      comparisonRowCount(sides: $sides)
      overview: comparison(first: 100, sides: $sides) {
        verdict
        topic { slug name parent { slug } }
        cellCount
        speakingCount: cellCount(silent: false)
        cells(silent: false, first: 3) {
          stance
          side { slug name }
          statementCount
        }
      }
      comparison(first: 15, offset: $rows, sides: $sides) {
        verdict
        topic { slug name proposition parent { slug } }
        cellCount
        speakingCount: cellCount(silent: false)
        cells(silent: false, first: 3) {
          stance
          side { slug name }
          statementCount
          statements(first: 3) {
            id
            slug
            ...StatementCard
            links { kind statement { slug } }
          }
        }
        silentCells: cells(silent: true, first: 12) {
          side { slug name }
        }
      }
      statements(first: 0) {
        totalCount
      }
    }
  }`,
  [StatementCardFragment],
);

/** The statements of an event where nothing is compared. */
export const StatementsQuery = graphql(
  `query EventStatements($slug: String!) {
    event(slug: $slug) {
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

/** The statements of an event that are in no account. */
export const OtherStatementsQuery = graphql(
  `query EventOtherStatements($slug: String!, $offset: Int! = 0) {
    event(slug: $slug) {
      otherStatements(first: 10, offset: $offset) {
        id
        ...StatementCard
      }
    }
  }`,
  [StatementCardFragment],
);

/** Further sides that speak about one topic of an event. */
export const RowCellsQuery = graphql(
  `query EventRowCells($slug: String!, $topic: String!, $sides: [String!], $offset: Int!) {
    event(slug: $slug) {
      comparison(topics: [$topic], sides: $sides, first: 1) {
        cells(silent: false, first: 6, offset: $offset) {
          stance
          side { slug name }
          statementCount
          statements(first: 3) {
            id
            slug
            ...StatementCard
            links { kind statement { slug } }
          }
        }
      }
    }
  }`,
  [StatementCardFragment],
);

/** Further sides of an event. */
export const SidesQuery = graphql(`
  query EventSides($slug: String!, $offset: Int!) {
    event(slug: $slug) {
      accounts(offset: $offset) {
        side { slug name kind }
        statementCount
      }
    }
  }
`);
