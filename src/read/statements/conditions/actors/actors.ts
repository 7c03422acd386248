import { describeSlugs, type InputOf, LIST_POINTS } from '../kind/field.ts';
import { type ConditionKind, idsOf, marksOfSlugs } from '../kind/kind.ts';
import { SLUG_LIST, withoutLong } from '../kind/slugs.ts';
import { type DrivingTable, hasOneOf, idsSql } from '../kind/sql.ts';

interface ActorsCondition {
  readonly type: 'actors';
  readonly role: ActorRole;
  readonly slugs: readonly string[];
}
type ActorRole = keyof typeof ROLE_TABLES;

const fields = {
  speakers: {
    type: 'String',
    isList: true,
    slugsOf: 'actor',
    description: describeSlugs('Said by one of these actors.'),
    points: LIST_POINTS,
  },
  addressees: {
    type: 'String',
    isList: true,
    slugsOf: 'actor',
    description: describeSlugs('Said to one of these actors.'),
    points: LIST_POINTS,
  },
  attributedTo: {
    type: 'String',
    isList: true,
    slugsOf: 'actor',
    description: describeSlugs('Passed on by one of these actors, at any hop of the attribution chain.'),
    points: LIST_POINTS,
  },
  givers: {
    type: 'String',
    isList: true,
    slugsOf: 'actor',
    description: describeSlugs(
      'Known on the account of one of these actors: its outermost hop that is not a news medium, or else a speaker.',
    ),
    points: LIST_POINTS,
  },
} as const;

const ROLES = {
  speakers: 'speaker',
  addressees: 'addressee',
  attributedTo: 'attributedTo',
  givers: 'giver',
} as const;
const FIELD_NAMES = Object.keys(ROLES) as (keyof typeof ROLES)[];

const tableOf = (table: string, repeats = false): DrivingTable => ({
  table,
  column: 'actor_id',
  type: 'int',
  repeats,
});
const ROLE_TABLES = {
  speaker: tableOf('statement_speaker'),
  addressee: tableOf('statement_addressee'),
  // An actor can pass a statement on twice, and give it for several others.
  attributedTo: tableOf('attribution', true),
  giver: tableOf('statement_giver', true),
} as const;
export const SPEAKER_TABLE = ROLE_TABLES.speaker;

/** The statement has one of the actors in a role. */
export const actors: ConditionKind<ActorsCondition, typeof fields> = {
  type: 'actors',
  fields,
  parse: (input: InputOf<typeof fields>) =>
    FIELD_NAMES.flatMap((name) => {
      const slugs = input[name];
      return slugs == null ? [] : { type: 'actors', role: ROLES[name], slugs: withoutLong(slugs) };
    }),
  list: SLUG_LIST,
  variantOf: ({ role }) => role,
  needsStatement: false,
  sql: ({ role, slugs }, context) =>
    hasOneOf(ROLE_TABLES[role].table, 'actor_id', idsSql('actor', slugs, context), context),
  driving: ({ role, slugs }) => ({ table: ROLE_TABLES[role], wanted: { kind: 'actor', slugs } }),
  firstDay: null,
  matcher: ({ role, slugs }, names) => {
    const ids = idsOf(names.actor, slugs);
    const facet = `${role}Ids` as const;
    return (facets) => facets[facet].some((id) => ids.has(id));
  },
  search: null,
  names: ({ slugs }, take) => {
    for (const slug of slugs) take('actor', slug, false);
  },
  marks: {
    required: ({ role, slugs }, names) => marksOfSlugs(role, names.actor, slugs),
    carried: ({ speakerIds, addresseeIds, attributedToIds, giverIds }) => [
      ...speakerIds.map((id) => `speaker ${id}`),
      ...addresseeIds.map((id) => `addressee ${id}`),
      ...attributedToIds.map((id) => `attributedTo ${id}`),
      ...giverIds.map((id) => `giver ${id}`),
    ],
  },
};
