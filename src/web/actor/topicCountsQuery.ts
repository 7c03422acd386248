import { graphql } from '../graphql/tada.ts';

/** How many statements of an actor take which stance on which topic. */
export const TopicCountsQuery = graphql(`
  query TopicCounts($slug: String!) {
    statementCounts(filter: { speakers: [$slug] }, by: [TOPIC, STANCE], first: 1000) {
      isComplete
      groups {
        count
        stance
        topic { slug name }
      }
    }
  }
`);
