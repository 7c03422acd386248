import { ReadoutError } from '../../../../base/errors.ts';
import { INPUT_MAX } from '../../../../domain/input/field.ts';
import { isSlug } from '../../../../domain/input/slug.ts';
import type { SqlParameters } from '../../../sql.ts';
import { type ConditionKind, NONE } from '../kind/kind.ts';
import { isTooLong } from '../kind/slugs.ts';
import { exists, onDaysOf } from '../kind/sql.ts';
import { SPEAKER_TABLE } from './actors.ts';

interface OfficesCondition {
  readonly type: 'offices';
  readonly offices: readonly Office[];
}
/** A role in an actor. Null: any role, or a role in any actor. */
interface Office {
  readonly role: string | null;
  readonly in: string | null;
}

const fields = {
  offices: {
    type: {
      name: 'OfficeFilter',
      description: 'An affiliation: a role, what it is in, or both.',
      fields: {
        role: {
          type: 'String',
          isOptional: true,
          description: 'The whole role, in upper or lower case, such as “president”. Without it, any role.',
        },
        in: {
          type: 'String',
          isOptional: true,
          slugsOf: 'actor',
          description:
            'Slug of the actor in which it is held, not of one above it. Without it, any actor. A slug that the record does not have ' +
            'matches nothing.',
        },
      },
    },
    isList: true,
    description:
      'A speaker held one of these offices on the day. A list decides by the affiliations as they are recorded now, a subscription by ' +
      'those that were recorded at the time of the change.',
    // An office can have many holders. Their look-ups are charged by their SQL.
    points: { own: 200, each: 20 },
  },
} as const;

/** The role in lower case, as the SQL function fold_case makes it. */
const foldCase = (role: string): string => role.toLowerCase();

/** SQL for the wanted offices, as a relation `office (role, place)`. */
function officesSql({ offices }: OfficesCondition, parameters: SqlParameters): string {
  const roles = parameters.add(offices.map(({ role }) => role));
  const places = parameters.add(offices.map((office) => office.in));
  return `unnest(${roles}::text[], ${places}::text[]) AS office (role, place)`;
}

const PLACE_ID = '(SELECT id FROM actor WHERE slug = office.place)';

/** SQL for the actors that held the offices, each with its days. */
function actorsSql(condition: OfficesCondition, parameters: SqlParameters): string {
  const wanted = officesSql(condition, parameters);
  const held = `f.actor_id AS value, coalesce(f."from", '-infinity') AS since, coalesce(f."to", 'infinity') AS until`;
  return `SELECT ${held} FROM ${wanted} JOIN affiliation f ON fold_case(f.role) = fold_case(office.role)
      WHERE office.place IS NULL OR f.in_id = ${PLACE_ID}
    UNION SELECT ${held} FROM ${wanted} JOIN affiliation f ON f.in_id = ${PLACE_ID} WHERE office.role IS NULL`;
}

/** A speaker held one of the offices. */
export const offices: ConditionKind<OfficesCondition, typeof fields> = {
  type: 'offices',
  fields,
  parse: ({ offices }, { path }) => {
    if (offices == null) return NONE;
    const wanted = offices.map((office, i): Office => {
      const role = office.role?.trim() || null;
      const place = office.in ?? null;
      if (role === null && place === null) {
        throw new ReadoutError('INVALID_INPUT', 'An office needs “role”, “in” or both.', [
          ...path,
          'offices',
          i,
        ]);
      }
      return { role, in: place };
    });
    const isShort = ({ role, in: place }: Office): boolean =>
      (role?.length ?? 0) <= INPUT_MAX.role && !isTooLong(place ?? '');
    return [{ type: 'offices', offices: wanted.filter(isShort) }];
  },
  list: { name: 'offices', isPossible: (office: Office) => office.in === null || isSlug(office.in) },
  variantOf: null,
  needsStatement: false,
  sql: (condition, context) =>
    exists(
      `SELECT FROM statement_speaker x JOIN affiliation f ON f.actor_id = x.actor_id AND ${onDaysOf('f', 'x')},
        ${officesSql(condition, context.parameters)} WHERE x.statement_id = ${context.alias.id}
        AND (office.role IS NULL OR fold_case(f.role) = fold_case(office.role))
        AND (office.place IS NULL OR f.in_id = ${PLACE_ID})`,
      context,
    ),
  driving: (condition) => ({
    table: SPEAKER_TABLE,
    wanted: { actorsSql: (parameters) => actorsSql(condition, parameters) },
  }),
  firstDay: null,
  matcher: ({ offices }, names) => {
    const wanted = offices.map(({ role, in: place }) => ({
      role: role === null ? null : foldCase(role),
      inId: place === null ? null : (names.actor.get(place) ?? Number.NaN),
    }));
    return (facets) =>
      facets.offices.some((office) =>
        wanted.some(
          ({ role, inId }) =>
            (inId === null || inId === office.inId) && (role === null || role === foldCase(office.role)),
        ),
      );
  },
  search: null,
  names: ({ offices }, take) => {
    for (const office of offices) if (office.in !== null) take('actor', office.in, false);
  },
  marks: {
    required: ({ offices }, names) =>
      new Set(
        offices.flatMap(({ role, in: place }) => {
          if (place === null) return [`role ${foldCase(role as string)}`];
          const id = names.actor.get(place);
          return id === undefined ? [] : [`office in ${id}`];
        }),
      ),
    carried: ({ offices }) =>
      offices.flatMap(({ inId, role }) => [`office in ${inId}`, `role ${foldCase(role)}`]),
  },
};
