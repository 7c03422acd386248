import { graphql } from '../graphql/tada.ts';

/** A part of the list of events. */
export const EventsQuery = graphql(`
  query Events($after: String) {
    events(first: 12, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        slug
        name
        kind
        date { edtf earliest latest }
        participantCount
        participants { name aliases { name } }
        comparison { verdict topic { slug } }
        comparisonRowCount
        accountCount
      }
    }
  }
`);
