import { describeSlugs, LIST_POINTS } from './kind/field.ts';
import { type ConditionKind, idsOf, marksOfSlugs, NONE } from './kind/kind.ts';
import { SLUG_LIST, withoutLong } from './kind/slugs.ts';
import { type DrivingTable, hasOneOf, idsSql } from './kind/sql.ts';

interface EventsCondition {
  readonly type: 'events';
  readonly slugs: readonly string[];
}

const fields = {
  events: {
    type: 'String',
    isList: true,
    slugsOf: 'event',
    description: describeSlugs('About one of these events.'),
    points: LIST_POINTS,
  },
} as const;

export const EVENT_TABLE: DrivingTable = {
  table: 'statement_event',
  column: 'event_id',
  type: 'int',
  repeats: false,
};

export const events: ConditionKind<EventsCondition, typeof fields> = {
  type: 'events',
  fields,
  parse: ({ events }) => (events == null ? NONE : [{ type: 'events', slugs: withoutLong(events) }]),
  list: SLUG_LIST,
  variantOf: null,
  needsStatement: false,
  sql: ({ slugs }, context) =>
    hasOneOf('statement_event', 'event_id', idsSql('event', slugs, context), context),
  driving: ({ slugs }) => ({ table: EVENT_TABLE, wanted: { kind: 'event', slugs } }),
  firstDay: null,
  matcher: ({ slugs }, names) => {
    const ids = idsOf(names.event, slugs);
    return (facets) => facets.eventIds.some((id) => ids.has(id));
  },
  search: null,
  names: ({ slugs }, take) => {
    for (const slug of slugs) take('event', slug, false);
  },
  marks: {
    required: ({ slugs }, names) => marksOfSlugs('event', names.event, slugs),
    carried: ({ eventIds }) => eventIds.map((id) => `event ${id}`),
  },
};
