import { StatementCardFragment } from '../cards/statementFragment.ts';
import { graphql, type ResultOf } from '../graphql/tada.ts';

/** A statement with everything that is known of it. */
export const StatementQuery = graphql(
  `query Statement($slug: String!, $linkedFrom: Int! = 0, $revisions: Int! = 0, $codings: Int! = 0) {
    record {
      cursor
    }
    statement(slug: $slug) {
      id
      ...StatementCard
      slug
      mode
      recordedBy
      collection { slug title licence }
      givers { slug name kind }
      source {
        slug
        digest
        length
        language
        publisher { name }
        text
      }
      anchors { start end digest role prefix suffix page paragraph timeCode status words }
      revisions(first: 50, offset: $revisions) { number at by text quote }
      links { kind statement { id ...StatementCard } }
      codingCount
      codings(first: 10, offset: $codings) { agreement { agrees differs } statement { id ...StatementCard } }
      linkedFromCount
      linkedFrom(first: 20, offset: $linkedFrom) { kind statement { id ...StatementCard } }
    }
  }`,
  [StatementCardFragment],
);

export type StatementData = NonNullable<ResultOf<typeof StatementQuery>['statement']>;
export type LinkData = StatementData['links'][number];
export type CodingData = StatementData['codings'][number];
export type Anchor = StatementData['anchors'][number];
