import { graphql, type ResultOf } from '../../graphql/tada.ts';

/** The speakers, topics, events or sources with most statements. */
export const MostStatementsQuery = graphql(`
  query MostStatements($by: StatementDimension!) {
    statementCounts(by: [$by], first: 8) {
      groups {
        count
        speaker { slug name }
        topic { slug name }
        event { slug name }
        source { slug name: title }
      }
    }
  }
`);
export type MostStatementsData = ResultOf<typeof MostStatementsQuery>;

export const ActorOptionsQuery = graphql(`
  query ActorOptions($search: String!) {
    list: actors(search: $search, first: 8) {
      nodes { slug name aliases { name } statements(first: 0) { totalCount } }
    }
  }
`);
export const TopicOptionsQuery = graphql(`
  query TopicOptions($search: String!) {
    list: topics(search: $search, first: 8) {
      nodes { slug name parent { name } statements(first: 0) { totalCount } }
    }
  }
`);
export const EventOptionsQuery = graphql(`
  query EventOptions($search: String!) {
    list: events(search: $search, first: 8) {
      nodes { slug name date { edtf } statements(first: 0) { totalCount } }
    }
  }
`);
export const SourceOptionsQuery = graphql(`
  query SourceOptions($search: String!) {
    list: sources(search: $search, first: 8) {
      nodes { slug name: title publisher { name } statements(first: 0) { totalCount } }
    }
  }
`);
