import { StatementCardFragment } from '../cards/statementFragment.ts';
import { graphql, type ResultOf } from '../graphql/tada.ts';

/** A source with a part of its statements, in the order of its text. The text is read once, with the first part. */
export const SourceQuery = graphql(
  `query Source($slug: String!, $offset: Int! = 0, $withText: Boolean! = true) {
    record {
      cursor
    }
    source(slug: $slug) {
      slug
      title
      publisher { slug name kind }
      url
      publishedOn
      language
      digest
      length
      text @include(if: $withText)
      licence
      statements(first: 0) { totalCount }
      statementsInTextOrder(first: 50, offset: $offset) {
        id
        ...StatementCard
        slug
        anchors { start end digest role status }
      }
    }
  }`,
  [StatementCardFragment],
);

export type SourceData = NonNullable<ResultOf<typeof SourceQuery>['source']>;
export type SourceStatement = SourceData['statementsInTextOrder'][number];
