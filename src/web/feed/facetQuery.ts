import { graphql } from '../graphql/tada.ts';

/** The number of statements of a filter by speaker, topic or side. */
export const FacetQuery = graphql(`
  query Facet($filter: StatementFilter, $by: StatementDimension!, $first: Int!) {
    statementCounts(filter: $filter, by: [$by], includeSubtopics: true, first: $first) {
      groupCount
      groups {
        count
        speaker { slug name }
        side { slug name }
        topic { slug name }
      }
    }
  }
`);
