import { onDaysOf, type SqlAlias } from '../conditions/kind/sql.ts';

/** What the statements of a group have in common. */
const DIMENSIONS = [
  'SPEAKER',
  'SIDE',
  'TOPIC',
  'EVENT',
  'SOURCE',
  'ACT',
  'MODE',
  'STANCE',
  'LANGUAGE',
  'DAY',
  'MONTH',
  'YEAR',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** How to find the values of a dimension that a statement has. */
export interface DimensionSql {
  /** Joins the rows with the values to those of statements; empty where a row of a statement has the value. */
  readonly join: string;
  readonly value: string;
  /** Whether the join can give a statement the same value twice. */
  readonly repeats: boolean;
  /** Whether it reads the statement `s`. */
  readonly needsStatement: boolean;
}

const PERIODS = { DAY: 'day', MONTH: 'month', YEAR: 'year' } as const;
type Period = keyof typeof PERIODS;

/** Whether the groups of a dimension have an order in time. */
export const isPeriod = (dimension: Dimension): dimension is Period => dimension in PERIODS;

/**
 * Each topic with itself and those above it. `topic_id` is the topic of a statement, `id` that under which it counts.
 */
const LINEAGE = `(
  WITH RECURSIVE lineage AS (
    SELECT id AS topic_id, id, parent_id FROM topic
    UNION ALL SELECT lineage.topic_id, above.id, above.parent_id FROM lineage JOIN topic above ON above.id = lineage.parent_id)
  SELECT topic_id, id FROM lineage)`;

const ofStatement = (column: string): DimensionSql => ({
  join: '',
  value: `s.${column}`,
  repeats: false,
  needsStatement: true,
});

const ofJoin = (join: string, value: string, repeats = false): DimensionSql => ({
  join,
  value,
  repeats,
  needsStatement: false,
});

/**
 * SQL for the values of a dimension.
 * @param statement the rows of the statements that are counted.
 * @param by all dimensions that they are counted by.
 * @param subtopics whether a statement counts for the topics above its own, too.
 */
export function dimensionSql(
  dimension: Dimension,
  { id, row }: SqlAlias,
  by: readonly Dimension[],
  subtopics: boolean,
): DimensionSql {
  switch (dimension) {
    case 'SPEAKER':
      return ofJoin(
        `LEFT JOIN statement_speaker speaker ON speaker.statement_id = ${id}`,
        'speaker.actor_id',
      );
    case 'SIDE':
      return ofJoin(
        `LEFT JOIN (statement_giver giver JOIN actor_side side ON side.actor_id = giver.for_id AND ${onDaysOf('side', 'giver')})
          ON giver.statement_id = ${id}`,
        'side.side_id',
        true,
      );
    case 'TOPIC':
      return subtopics
        ? ofJoin(
            `LEFT JOIN (statement_topic own JOIN ${LINEAGE} AS lineage ON lineage.topic_id = own.topic_id) ON own.statement_id = ${id}`,
            'lineage.id',
            true,
          )
        : ofJoin(`LEFT JOIN statement_topic own ON own.statement_id = ${id}`, 'own.topic_id');
    case 'STANCE':
      // Beside a topic, it is the stance on that topic.
      return by.includes('TOPIC')
        ? ofJoin('', 'own.stance')
        : ofJoin(
            `LEFT JOIN statement_topic taken ON taken.statement_id = ${id} AND taken.stance IS NOT NULL`,
            'taken.stance',
            true,
          );
    case 'EVENT':
      return ofJoin(`LEFT JOIN statement_event event ON event.statement_id = ${id}`, 'event.event_id');
    case 'SOURCE':
      return ofStatement('source_id');
    case 'ACT':
      return ofStatement('act');
    case 'MODE':
      return ofStatement('mode');
    case 'LANGUAGE':
      return ofStatement('language');
    case 'DAY':
      return ofJoin('', `${row}.said_earliest`);
    case 'MONTH':
    case 'YEAR':
      // Of a timestamp without a time zone, so that the zone of the connection makes no difference.
      return ofJoin('', `date_trunc('${PERIODS[dimension]}', ${row}.said_earliest::timestamp)`);
  }
}
