import { StatementCardFragment } from '../cards/statementFragment.ts';
import { graphql, type ResultOf } from '../graphql/tada.ts';

/** An actor, its positions, and the newest of its statements with a stance. */
export const ActorQuery = graphql(
  `query Actor($slug: String!, $members: Int! = 0, $positions: Int! = 0, $size: Int! = 10) {
    record {
      cursor
    }
    actor(slug: $slug) {
      slug
      name
      kind
      description
      aliases { name language metonym }
      affiliations { role since { edtf } until { edtf } in { slug name kind } }
      memberCount
      members(first: $size, offset: $members) { role since { edtf } until { edtf } actor { slug name kind } }
      positionCount
      positions(first: $size, offset: $positions) {
        account
        givers { slug name kind }
        isCurrent
        stance
        since { edtf earliest latest }
        topic { slug name proposition }
        statement { slug text quote }
        shiftedFrom { slug text quote said { edtf earliest latest } topics { topic { slug name } } }
        shiftedTo { slug text quote said { edtf earliest latest } topics { topic { slug name } } }
      }
      stands: statements(
        filter: { stances: [SUPPORTS, OPPOSES, MIXED, NEUTRAL, UNCLEAR] }
        first: 100
        orderBy: SAID_ON_DESC
      ) {
        totalCount
        nodes {
          slug
          text
          quote
          account(speaker: $slug)
          givers { slug name kind }
          said { edtf earliest latest }
          topics { stance topic { slug name proposition } }
          links { kind statement { slug } }
        }
      }
      statements(first: 0) {
        totalCount
      }
    }
    passedOn: statements(filter: { givers: [$slug], not: { speakers: [$slug] } }, first: 10) {
      totalCount
      nodes {
        id
        ...StatementCard
      }
    }
    saidFor: statements(
      filter: { sides: [$slug], not: { any: [{ speakers: [$slug] }, { givers: [$slug] }] } }
      first: 10
    ) {
      totalCount
      nodes {
        id
        ...StatementCard
      }
    }
  }`,
  [StatementCardFragment],
);

type Answer = ResultOf<typeof ActorQuery>;
/** The actor. */
export type ActorData = NonNullable<Answer['actor']>;
/** What it passed on from others, and what others said on its behalf. */
export type OtherStatements = Pick<Answer, 'passedOn' | 'saidFor'>;
