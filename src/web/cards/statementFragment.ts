import { type FragmentOf, graphql, type ResultOf, readFragment } from '../graphql/tada.ts';

/** The fields of a statement that every list shows. */
export const StatementCardFragment = graphql(`
  fragment StatementCard on Statement {
    id
    slug
    text
    quote
    language
    mode
    act
    status
    position
    recordedAt
    speakers { slug name kind }
    mentions { as actor { slug name } }
    addressees { slug name kind }
    attribution { form actor { slug name kind } }
    said { edtf earliest latest }
    topics { stance topic { slug name proposition } }
    events { slug name }
    source { id slug title url publishedOn }
    anchors { start end role page paragraph timeCode status }
    coder
    confidence
    retraction { reason at by }
    revisionCount
  }
`);

export type StatementCardData = ResultOf<typeof StatementCardFragment>;
export type StatementCardRef = FragmentOf<typeof StatementCardFragment>;

/** The data of the fragment in a query's answer. */
export function readStatement(statement: StatementCardRef): StatementCardData {
  return readFragment(StatementCardFragment, statement);
}
