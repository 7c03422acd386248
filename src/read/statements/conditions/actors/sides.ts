import type { SqlParameters } from '../../../sql.ts';
import { describeSlugs } from '../kind/field.ts';
import { type ConditionKind, idsOf, marksOfSlugs, NONE } from '../kind/kind.ts';
import { SLUG_LIST, withoutLong } from '../kind/slugs.ts';
import { type DrivingTable, exists, idsSql, onDaysOf } from '../kind/sql.ts';

interface SidesCondition {
  readonly type: 'sides';
  readonly slugs: readonly string[];
}

const fields = {
  sides: {
    type: 'String',
    isList: true,
    slugsOf: 'actor',
    description: describeSlugs(
      'A giver spoke for one of these: on behalf of it, as itself, or as an actor that belonged to it on that day. On behalf ' +
        'counts only where the speakers are the givers. A list decides by the affiliations as they are recorded now, a subscription by ' +
        'those that were recorded at the time of the change.',
    ),
    // A side can have many actors. Their look-ups are charged by their SQL.
    points: { own: 200, each: 20 },
  },
} as const;

const FOR_TABLE: DrivingTable = { table: 'statement_giver', column: 'for_id', type: 'int', repeats: true };

/** SQL for the actors that speak for the sides, each with its days: the sides themselves, and who belonged to them. */
function actorsSql({ slugs }: SidesCondition, parameters: SqlParameters): string {
  const wanted = `slug = ANY (${parameters.add(slugs)}::text[])`;
  return `SELECT id AS value, '-infinity'::date AS since, 'infinity'::date AS until FROM actor WHERE ${wanted}
    UNION SELECT b.actor_id, coalesce(b."from", '-infinity'), coalesce(b."to", 'infinity')
    FROM actor_side b WHERE b.side_id IN (SELECT id FROM actor WHERE ${wanted})`;
}

/** A giver of the statement spoke for one of the sides. */
export const sides: ConditionKind<SidesCondition, typeof fields> = {
  type: 'sides',
  fields,
  parse: ({ sides }) => (sides == null ? NONE : [{ type: 'sides', slugs: withoutLong(sides) }]),
  list: SLUG_LIST,
  variantOf: null,
  needsStatement: false,
  sql: ({ slugs }, context) => {
    const wanted = `ANY (ARRAY(${idsSql('actor', slugs, context)}))`;
    return exists(
      `SELECT FROM statement_giver x WHERE x.statement_id = ${context.alias.id} AND (x.for_id = ${wanted}
      OR EXISTS (SELECT FROM actor_side b WHERE b.actor_id = x.for_id AND b.side_id = ${wanted} AND ${onDaysOf('b', 'x')} OFFSET 0))`,
      context,
    );
  },
  driving: (condition) => ({
    table: FOR_TABLE,
    wanted: { actorsSql: (parameters) => actorsSql(condition, parameters) },
  }),
  firstDay: null,
  matcher: ({ slugs }, names) => {
    const ids = idsOf(names.actor, slugs);
    return (facets) => facets.sideIds.some((id) => ids.has(id));
  },
  search: null,
  names: ({ slugs }, take) => {
    for (const slug of slugs) take('actor', slug, false);
  },
  marks: {
    required: ({ slugs }, names) => marksOfSlugs('side', names.actor, slugs),
    carried: ({ sideIds }) => sideIds.map((id) => `side ${id}`),
  },
};
