import { graphql } from '../graphql/tada.ts';

/** The statements of a filter by day or month. */
export const HistogramQuery = graphql(`
  query Histogram($filter: StatementFilter, $by: StatementDimension!) {
    statementCounts(filter: $filter, by: [$by], first: 1000) {
      total
      groups { count day month }
    }
  }
`);
