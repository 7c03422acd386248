import type { LinkKind } from '../../../db/generated/enums.ts';
import { type InputOf, LIST_POINTS } from './kind/field.ts';
import type { ConditionKind } from './kind/kind.ts';
import { hasOne } from './kind/sql.ts';

interface LinksCondition {
  readonly type: 'links';
  /** Whether the statement links to another one, or another one to it. */
  readonly direction: Direction;
  readonly kinds: readonly LinkKind[];
}
type Direction = keyof typeof ENDS;

const fields = {
  links: {
    type: 'LinkKind',
    isList: true,
    description:
      'Links to an earlier statement by one of these kinds: [DISPUTES] finds the statements that dispute another one.',
    points: LIST_POINTS,
  },
  linkedFrom: {
    type: 'LinkKind',
    isList: true,
    description:
      'A later statement links to it by one of these kinds: [DISPUTES] finds the statements that are disputed. A link is a change of ' +
      'the later statement, which a subscription to `links` delivers. A subscription to `linkedFrom` delivers changes of a statement ' +
      'that has such a link already.',
    points: LIST_POINTS,
  },
} as const;

/** The column of `statement_link` that has the statement itself, and the facet with the kinds. */
const ENDS = {
  links: { id: 'from_id', facet: 'linkKinds' },
  linkedFrom: { id: 'to_id', facet: 'linkedFromKinds' },
} as const;
const DIRECTIONS = Object.keys(ENDS) as Direction[];

/** The statement has a link of one of the kinds. */
export const links: ConditionKind<LinksCondition, typeof fields> = {
  type: 'links',
  fields,
  parse: (input: InputOf<typeof fields>) =>
    DIRECTIONS.flatMap((direction) => {
      const kinds = input[direction];
      return kinds == null ? [] : { type: 'links', direction, kinds };
    }),
  list: { name: 'kinds', isPossible: null },
  variantOf: ({ direction }) => direction,
  needsStatement: false,
  sql: ({ direction, kinds }, context) =>
    hasOne(
      'statement_link',
      'kind',
      `${context.parameters.add(kinds)}::link_kind[]`,
      context,
      ENDS[direction].id,
    ),
  // Rare kinds are best looked up first. PostgreSQL knows how many links there are of each.
  driving: 'planner',
  firstDay: null,
  matcher: ({ direction, kinds }) => {
    const { facet } = ENDS[direction];
    return (facets) => facets[facet].some((kind) => kinds.includes(kind));
  },
  search: null,
  names: null,
  marks: {
    required: ({ direction, kinds }) => new Set(kinds.map((kind) => `${direction} ${kind}`)),
    carried: (facets) =>
      DIRECTIONS.flatMap((direction) => facets[ENDS[direction].facet].map((kind) => `${direction} ${kind}`)),
  },
};
