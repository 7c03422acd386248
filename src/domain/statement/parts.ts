/*
 * The SQL of the rows that belong to statements: speakers, topics, anchors and so on. A part is one or more CTEs, the last of which has
 * the name of the part and inserts its rows. It reads the relation `item`, which sql.ts describes.
 */

const HAS_BEHALF = `coalesce(jsonb_array_length(facets -> 'behalfIds') > 0, false)`;

/** The outermost hop that is no outlet, of each item that has one. */
const PASSED_ON = `
  passed_on AS (
    SELECT DISTINCT ON (id) id, hop, earliest, latest
    FROM (
      SELECT id, (value ->> 'actorId')::int AS hop, ordinal, earliest, latest
      FROM item, jsonb_array_elements(draft -> 'attribution') WITH ORDINALITY AS part (value, ordinal)) AS hops
    WHERE (SELECT kind FROM actor WHERE actor.id = hop) <> 'OUTLET'
    ORDER BY id, ordinal DESC)`;

/** Inserts the givers: the hops in `passed_on`, and the speakers of the other items. A condition on the speakers can follow. */
const INSERT_GIVERS = `
    INSERT INTO statement_giver (statement_id, actor_id, for_id, said_earliest, said_latest)
    SELECT id, hop, hop, earliest, latest FROM passed_on
    UNION ALL SELECT id, value::int, value::int, earliest, latest
    FROM item, jsonb_array_elements_text(facets -> 'speakerIds') AS part (value)
    WHERE id NOT IN (SELECT id FROM passed_on)`;

/** Inserts a row for each id of a facet, with the dates of the statement. */
const datedIds = (name: string, table: string, column: string, facet: string): string => `
  ${name} AS (
    INSERT INTO ${table} (statement_id, ordinal, ${column}, said_earliest, said_latest)
    SELECT id, ordinal - 1, value::int, earliest, latest
    FROM item, jsonb_array_elements_text(facets -> '${facet}') WITH ORDINALITY AS part (value, ordinal)
    RETURNING statement_id)`;

/**
 * The SQL function `givers_of` defines the givers. A call takes half as long as writing an item, so only items that speak on behalf of
 * others call it.
 */
const PARTS = {
  speaker: datedIds('speaker', 'statement_speaker', 'actor_id', 'speakerIds'),
  addressee: datedIds('addressee', 'statement_addressee', 'actor_id', 'addresseeIds'),
  topic: `
  topic AS (
    INSERT INTO statement_topic (statement_id, ordinal, topic_id, stance, said_earliest, said_latest)
    SELECT id, ordinal - 1, (value ->> 'id')::int, (value ->> 'stance')::stance, earliest, latest
    FROM item, jsonb_array_elements(facets -> 'topics') WITH ORDINALITY AS part (value, ordinal)
    RETURNING statement_id)`,
  event: datedIds('event', 'statement_event', 'event_id', 'eventIds'),
  hop: `
  hop AS (
    INSERT INTO attribution (statement_id, ordinal, actor_id, form, said_earliest, said_latest)
    SELECT id, ordinal - 1, (value ->> 'actorId')::int, (value ->> 'form')::attribution_form, earliest, latest
    FROM item, jsonb_array_elements(draft -> 'attribution') WITH ORDINALITY AS part (value, ordinal)
    RETURNING statement_id)`,
  behalf: `
  behalf AS (
    INSERT INTO statement_behalf (statement_id, ordinal, actor_id)
    SELECT id, ordinal - 1, value::int
    FROM item, jsonb_array_elements_text(facets -> 'behalfIds') WITH ORDINALITY AS part (value, ordinal)
    RETURNING statement_id)`,
  ownGiver: `${PASSED_ON},
  ownGiver AS (${INSERT_GIVERS}
    RETURNING statement_id)`,
  giver: `${PASSED_ON},
  giver AS (${INSERT_GIVERS} AND NOT ${HAS_BEHALF}
    UNION ALL SELECT id, giver.actor_id, giver.for_id, earliest, latest
    FROM item CROSS JOIN LATERAL givers_of(
      ARRAY(SELECT value::int FROM jsonb_array_elements_text(facets -> 'speakerIds') AS part (value)), '{}',
      ARRAY(SELECT value::int FROM jsonb_array_elements_text(facets -> 'behalfIds') AS part (value))) AS giver
    WHERE ${HAS_BEHALF} AND id NOT IN (SELECT id FROM passed_on)
    RETURNING statement_id)`,
  span: `
  span AS (
    INSERT INTO anchor (statement_id, ordinal, start, "end", digest, exact, source_id)
    SELECT id, ordinal - 1, (value ->> 'start')::int, (value ->> 'end')::int, value ->> 'digest', value ->> 'exact', (facets ->> 'sourceId')::int
    FROM item, jsonb_array_elements(draft -> 'anchors') WITH ORDINALITY AS part (value, ordinal)
    RETURNING statement_id)`,
  codedSpan: `
  codedSpan AS (
    INSERT INTO anchor (statement_id, ordinal, start, "end", digest, exact, source_id, role, prefix, suffix, page, paragraph, time_code, status)
    SELECT id, ordinal - 1, (value ->> 'start')::int, (value ->> 'end')::int, value ->> 'digest', value ->> 'exact', (facets ->> 'sourceId')::int,
      coalesce((value ->> 'role')::anchor_role, 'CONTENT'), value ->> 'prefix', value ->> 'suffix', value ->> 'page', value ->> 'paragraph', value ->> 'timeCode',
      coalesce((value ->> 'status')::anchor_status, 'PLACED')
    FROM item, jsonb_array_elements(draft -> 'anchors') WITH ORDINALITY AS part (value, ordinal)
    RETURNING statement_id)`,
  mention: `
  mention AS (
    INSERT INTO statement_mention (statement_id, ordinal, "as", actor_id)
    SELECT id, ordinal - 1, value ->> 'as', (value ->> 'actorId')::int
    FROM item, jsonb_array_elements(draft #> '{coding,mentions}') WITH ORDINALITY AS part (value, ordinal)
    RETURNING statement_id)`,
  link: `
  link AS (
    INSERT INTO statement_link (from_id, to_id, kind)
    SELECT item.id, coalesce((value ->> 'toId')::int, target.id), (value ->> 'kind')::link_kind
    FROM item CROSS JOIN jsonb_array_elements(draft -> 'links') AS part (value)
    LEFT JOIN item target ON target.n = (value ->> 'toItem')::int
    RETURNING from_id)`,
};

/** A part of the statements. */
export type Part = keyof typeof PARTS;

/** The rows that need no position. Counting `parts` forces these inserts to run before the counter row is locked. */
export function writePartsSql(parts: readonly Part[]): string {
  const inserts = parts.map((part) => PARTS[part]).join(',');
  const rows = parts.map((part) => `SELECT FROM ${part}`).join(' UNION ALL ');
  return `${inserts},
  parts AS MATERIALIZED (SELECT count(*) FROM (${rows}) AS written)`;
}

export const ALL_PARTS: readonly Part[] = [
  'speaker',
  'addressee',
  'topic',
  'event',
  'hop',
  'behalf',
  'giver',
  'codedSpan',
  'mention',
  'link',
];

const CLEARED = ['speaker', 'addressee', 'topic', 'event', 'behalf', 'giver', 'mention']
  .map((part) => `${part} AS (DELETE FROM statement_${part} WHERE statement_id = ANY ($1::int[]))`)
  .join(',\n  ');

/** $1 statement ids. Run before REWRITE_STATEMENTS, which writes no links where the drafts have none. */
export const CLEAR_PARTS_BUT_LINKS = `
WITH ${CLEARED}, hop AS (DELETE FROM attribution WHERE statement_id = ANY ($1::int[]))
DELETE FROM anchor WHERE statement_id = ANY ($1::int[])`;

/** $1 statement ids. Run before REWRITE_STATEMENTS: one SQL statement can't replace rows under the same keys. */
export const CLEAR_PARTS = `
WITH ${CLEARED}, hop AS (DELETE FROM attribution WHERE statement_id = ANY ($1::int[])),
  span AS (DELETE FROM anchor WHERE statement_id = ANY ($1::int[]))
DELETE FROM statement_link WHERE from_id = ANY ($1::int[])`;
