import { numberChanges, RING } from '../../log/append.ts';

/*
 * The SQL that writes statements. One SQL statement writes a whole list of drafts with all their rows and log entries, so
 * that it locks the counter row for the shortest time and needs one round trip.
 * `item` is a relation (n, id, j, f, earliest, latest): number in the list from 1, id of the statement, the draft as JSON, its facets,
 * and the days of its date, which most rows repeat.
 */
const DRAFT = `j, j -> 'facets' AS f, (j #>> '{facets,earliest}')::date AS earliest, (j #>> '{facets,latest}')::date AS latest`;

/** A part of the statements: its CTEs, the last of which has its name and inserts its rows. */
type Part = keyof typeof PARTS;

const HAS_BEHALF = `coalesce(jsonb_array_length(f -> 'behalfIds') > 0, false)`;

const PASSED = `
  passed AS (
    SELECT DISTINCT ON (id) id, hop, earliest, latest
    FROM (
      SELECT id, (v ->> 'actorId')::int AS hop, o, earliest, latest
      FROM item, jsonb_array_elements(j -> 'attribution') WITH ORDINALITY AS part (v, o)) AS hops
    WHERE (SELECT kind FROM actor WHERE actor.id = hop) <> 'OUTLET'
    ORDER BY id, o DESC)`;

/** The start of the rows of givers: those of items that were passed on, and speakers of the others. */
const INSERT_GIVERS = `
    INSERT INTO statement_giver (statement_id, actor_id, for_id, said_earliest, said_latest)
    SELECT id, hop, hop, earliest, latest FROM passed
    UNION ALL SELECT id, v::int, v::int, earliest, latest
    FROM item, jsonb_array_elements_text(f -> 'speakerIds') AS part (v)
    WHERE id NOT IN (SELECT id FROM passed)`;

/** The givers are those of the SQL function givers_of, which is called only for the few items that speak on behalf of others: each call takes as long as half an item. */
const PARTS = {
  speaker: `
  speaker AS (
    INSERT INTO statement_speaker (statement_id, ordinal, actor_id, said_earliest, said_latest)
    SELECT id, o - 1, v::int, earliest, latest
    FROM item, jsonb_array_elements_text(f -> 'speakerIds') WITH ORDINALITY AS part (v, o)
    RETURNING statement_id)`,
  addressee: `
  addressee AS (
    INSERT INTO statement_addressee (statement_id, ordinal, actor_id, said_earliest, said_latest)
    SELECT id, o - 1, v::int, earliest, latest
    FROM item, jsonb_array_elements_text(f -> 'addresseeIds') WITH ORDINALITY AS part (v, o)
    RETURNING statement_id)`,
  topic: `
  topic AS (
    INSERT INTO statement_topic (statement_id, ordinal, topic_id, stance, said_earliest, said_latest)
    SELECT id, o - 1, (v ->> 'id')::int, (v ->> 'stance')::stance, earliest, latest
    FROM item, jsonb_array_elements(f -> 'topics') WITH ORDINALITY AS part (v, o)
    RETURNING statement_id)`,
  event: `
  event AS (
    INSERT INTO statement_event (statement_id, ordinal, event_id, said_earliest, said_latest)
    SELECT id, o - 1, v::int, earliest, latest
    FROM item, jsonb_array_elements_text(f -> 'eventIds') WITH ORDINALITY AS part (v, o)
    RETURNING statement_id)`,
  hop: `
  hop AS (
    INSERT INTO attribution (statement_id, ordinal, actor_id, form, said_earliest, said_latest)
    SELECT id, o - 1, (v ->> 'actorId')::int, (v ->> 'form')::attribution_form, earliest, latest
    FROM item, jsonb_array_elements(j -> 'attribution') WITH ORDINALITY AS part (v, o)
    RETURNING statement_id)`,
  behalf: `
  behalf AS (
    INSERT INTO statement_behalf (statement_id, ordinal, actor_id)
    SELECT id, o - 1, v::int
    FROM item, jsonb_array_elements_text(f -> 'behalfIds') WITH ORDINALITY AS part (v, o)
    RETURNING statement_id)`,
  ownGiver: `${PASSED},
  ownGiver AS (${INSERT_GIVERS}
    RETURNING statement_id)`,
  giver: `${PASSED},
  giver AS (${INSERT_GIVERS} AND NOT ${HAS_BEHALF}
    UNION ALL SELECT id, giver.actor_id, giver.for_id, earliest, latest
    FROM item CROSS JOIN LATERAL givers_of(
      ARRAY(SELECT v::int FROM jsonb_array_elements_text(f -> 'speakerIds') AS part (v)), '{}',
      ARRAY(SELECT v::int FROM jsonb_array_elements_text(f -> 'behalfIds') AS part (v))) AS giver
    WHERE ${HAS_BEHALF} AND id NOT IN (SELECT id FROM passed)
    RETURNING statement_id)`,
  span: `
  span AS (
    INSERT INTO anchor (statement_id, ordinal, start, "end", digest, exact, source_id)
    SELECT id, o - 1, (v ->> 'start')::int, (v ->> 'end')::int, v ->> 'digest', v ->> 'exact', (f ->> 'sourceId')::int
    FROM item, jsonb_array_elements(j -> 'anchors') WITH ORDINALITY AS part (v, o)
    RETURNING statement_id)`,
  codedSpan: `
  codedSpan AS (
    INSERT INTO anchor (statement_id, ordinal, start, "end", digest, exact, source_id, role, prefix, suffix, page, paragraph, time_code, status)
    SELECT id, o - 1, (v ->> 'start')::int, (v ->> 'end')::int, v ->> 'digest', v ->> 'exact', (f ->> 'sourceId')::int,
      coalesce((v ->> 'role')::anchor_role, 'CONTENT'), v ->> 'prefix', v ->> 'suffix', v ->> 'page', v ->> 'paragraph', v ->> 'timeCode',
      coalesce((v ->> 'status')::anchor_status, 'PLACED')
    FROM item, jsonb_array_elements(j -> 'anchors') WITH ORDINALITY AS part (v, o)
    RETURNING statement_id)`,
  mention: `
  mention AS (
    INSERT INTO statement_mention (statement_id, ordinal, "as", actor_id)
    SELECT id, o - 1, v ->> 'as', (v ->> 'actorId')::int
    FROM item, jsonb_array_elements(j #> '{coding,mentions}') WITH ORDINALITY AS part (v, o)
    RETURNING statement_id)`,
  link: `
  link AS (
    INSERT INTO statement_link (from_id, to_id, kind)
    SELECT item.id, coalesce((v ->> 'toId')::int, target.id), (v ->> 'kind')::link_kind
    FROM item CROSS JOIN jsonb_array_elements(j -> 'links') AS part (v)
    LEFT JOIN item target ON target.n = (v ->> 'toItem')::int
    RETURNING from_id)`,
};

/** The rows that need no position. Counting `parts` forces these inserts to run before the counter row is locked. */
const writeParts = (names: readonly Part[]): string => `${names.map((name) => PARTS[name]).join(',')},
  parts AS MATERIALIZED (
    SELECT count(*) FROM (${names.map((name) => `SELECT FROM ${name}`).join(' UNION ALL ')}) AS written)`;

const ALL_PARTS: readonly Part[] = [
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

/** The columns of a statement that only coded statements have, and their values. */
const CODING = {
  coder: `j #>> '{coding,coder}'`,
  confidence: `(j #>> '{coding,confidence}')::float8`,
  '"order"': `(j #>> '{coding,order}')::int`,
};

/**
 * Locks the topics of stances before the counter row. Saving a topic locks in the same order, so two writers never wait
 * for one another.
 */
const HOLD_TOPICS = `
  held AS MATERIALIZED (
    SELECT count(*) FROM (
      SELECT FROM topic WHERE id IN (
        SELECT (v ->> 'id')::int FROM item, jsonb_array_elements(f -> 'topics') AS part (v)
        WHERE v ->> 'stance' IS NOT NULL)
      ORDER BY id FOR SHARE) AS locked)`;

/**
 * Locks the statements that the drafts link to against revisions, in the order of their ids. `same` is false for a statement that
 * has changed since the link was checked: check and write are not in one transaction, so nothing is then written.
 */
const HOLD_LINKED = `
  linked AS MATERIALIZED (
    SELECT statement.position = checked.position AS same
    FROM statement JOIN (
      SELECT DISTINCT (v ->> 'toId')::int AS id, (v ->> 'toPosition')::bigint AS position
      FROM jsonb_array_elements($1::jsonb) AS draft (j), jsonb_array_elements(j -> 'links') AS part (v)
      WHERE v ->> 'toPosition' IS NOT NULL) AS checked ON checked.id = statement.id
    ORDER BY statement.id FOR SHARE OF statement)`;

/** The columns of the log that come from a draft. The content digest is optional. */
const CHANGE_OF_DRAFT = `'statement' AS noun, j ->> 'slug' AS slug, decode(j ->> 'contentDigest', 'hex') AS content_digest`;

/**
 * Waits for the transaction that holds the advisory lock $3, which must be given the earlier positions. The parts are written before, so
 * that most of the work of two lists is done at the same time.
 */
const WAIT_FOR_LOCK = `
  waited AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared($3::bigint) FROM parts),`;

/**
 * What the statements of a list have. Most of the time to write a single statement is spent on opening tables and checking their
 * constraints. So a list is written without the tables that it does not need.
 */
export type ListShape =
  /** No addressees, `onBehalfOf`, links and coding. */
  'plain' | 'uncoded' | 'any';

const PARTS_OF_SHAPE: Readonly<Record<ListShape, readonly Part[]>> = {
  plain: ['speaker', 'topic', 'event', 'hop', 'ownGiver', 'span'],
  uncoded: ['speaker', 'addressee', 'topic', 'event', 'hop', 'behalf', 'giver', 'span', 'link'],
  any: ALL_PARTS,
};

const addStatements = (shape: ListShape, isOrdered: boolean): string => {
  const parts = PARTS_OF_SHAPE[shape];
  const isLinked = parts.includes('link');
  const more = Object.entries(shape === 'any' ? CODING : {});
  return `
WITH${isLinked ? `${HOLD_LINKED},` : ''}
  item AS MATERIALIZED (
    SELECT n, nextval('statement_id_seq')::int AS id, ${DRAFT}
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS part (j, n)${
      isLinked
        ? `
    WHERE NOT EXISTS (SELECT FROM linked WHERE NOT same)`
        : ''
    }),${HOLD_TOPICS},${writeParts(parts)},${isOrdered ? WAIT_FOR_LOCK : ''}
  wanted AS (
    SELECT item.*, 'STATEMENT_ADDED'::change_kind AS kind, $2::text AS by, ${CHANGE_OF_DRAFT} FROM item),${numberChanges(['held', isOrdered ? 'waited' : 'parts'])},
  written AS (
    INSERT INTO statement (id, slug, key, input_digest, text, quote, language, mode, act, said_edtf, said_earliest,
      said_latest, source_id, collection_id, recorded_at, added_position, position${more.map(([column]) => `, ${column}`).join('')})
    SELECT id, slug, j ->> 'key', j ->> 'inputDigest', f ->> 'text', f ->> 'quote',
      j ->> 'language', (f ->> 'mode')::statement_mode, (f ->> 'act')::statement_act,
      j ->> 'saidEdtf', earliest, latest, (f ->> 'sourceId')::int, (f ->> 'collectionId')::int, at, position,
      position${more.map(([, value]) => `, ${value}`).join('')}
    FROM numbered),
  entry AS (
    INSERT INTO change (position, kind, at, by, statement_id, facets, digest, content_digest)
    SELECT position, kind, at, by, id, jsonb_build_object('before', NULL, 'after', f), digest, content_digest
    FROM numbered
    RETURNING position, statement_id AS id)
SELECT position, id FROM entry, ${RING} ORDER BY position`;
};

/**
 * $1 list of drafts without `coding`, $2 recorder. Returns position and id in the order of the list. If a statement that a draft links to
 * has changed since the link was checked, it writes nothing and returns no row.
 */
export const ADD_STATEMENTS = addStatements('uncoded', false);

const ADD: Readonly<Record<ListShape, string>> = {
  plain: addStatements('plain', false),
  uncoded: ADD_STATEMENTS,
  any: addStatements('any', false),
};
const ADD_ORDERED: Readonly<Record<ListShape, string>> = {
  plain: addStatements('plain', true),
  uncoded: addStatements('uncoded', true),
  any: addStatements('any', true),
};

/** SQL like ADD_STATEMENTS for a list of this shape; ordered: after the transaction that holds the advisory lock $3. */
export const addStatementsSql = (shape: ListShape, isOrdered: boolean): string =>
  (isOrdered ? ADD_ORDERED : ADD)[shape];

/** SQL of the one facet that a draft does not have: the kinds of the links to the statement. */
const linkedFromFacet = (id: string): string => `jsonb_build_object('linkedFromKinds',
  coalesce((SELECT jsonb_agg(DISTINCT kind ORDER BY kind) FROM statement_link WHERE to_id = ${id}), '[]'))`;

/**
 * SQL of the words that the spans of a statement `s` have before a change, for the log. Those after the change are read from the statement
 * itself: a text can be attached or removed without a change of the statement.
 */
const SPANS_BEFORE = `jsonb_strip_nulls(jsonb_build_object('spanWords', s.span_words, 'spanLanguage', s.span_language))`;

/** Joins the statements of `numbered` to the numbers of their latest revisions. */
const LAST_REVISIONS =
  'LEFT JOIN statement_revision_numbers(ARRAY(SELECT id FROM numbered)) AS last USING (id)';

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

/**
 * $1 JSON list of `id`, `draft` and `former`, the content before; $2 recorder, $3 reason or null. The statements are locked, and current
 * afterwards. Returns id and position in the order of the list.
 */
export const REWRITE_STATEMENTS = `
WITH given AS (
    SELECT n, (e ->> 'id')::int AS id, e -> 'draft' AS j, e -> 'former' AS former
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS part (e, n)),
  item AS MATERIALIZED (
    SELECT n, given.id, former, (change.facets -> 'after') || ${SPANS_BEFORE} AS before, ${DRAFT}
    FROM given JOIN statement s ON s.id = given.id LEFT JOIN change ON change.position = s.position),${HOLD_TOPICS},${writeParts(ALL_PARTS)},
  wanted AS (
    SELECT item.*, 'STATEMENT_REVISED'::change_kind AS kind, $2::text AS by, ${CHANGE_OF_DRAFT} FROM item),${numberChanges(['held', 'parts'])},
  written AS (
    UPDATE statement SET text = f ->> 'text', quote = f ->> 'quote', language = j ->> 'language',
      mode = (f ->> 'mode')::statement_mode, act = (f ->> 'act')::statement_act,
      said_edtf = j ->> 'saidEdtf', said_earliest = earliest, said_latest = latest,
      source_id = (f ->> 'sourceId')::int, collection_id = (f ->> 'collectionId')::int,
      ${Object.entries(CODING)
        .map(([column, value]) => `${column} = ${value}`)
        .join(', ')},
      status = 'CURRENT', retraction_reason = NULL, is_reinstatable = false, position = numbered.position
    FROM numbered WHERE statement.id = numbered.id),
  kept AS (
    INSERT INTO revision (statement_id, number, content, position, at, by)
    SELECT id, coalesce(last.number, 0) + 1, former, position, at, by FROM numbered ${LAST_REVISIONS}),
  entry AS (
    INSERT INTO change (position, kind, at, by, statement_id, facets, digest, content_digest, reason)
    SELECT position, kind, at, by, id, jsonb_build_object('before', before, 'after', f || ${linkedFromFacet('numbered.id')}),
      digest, content_digest, $3::text
    FROM numbered
    RETURNING position, statement_id AS id)
SELECT id, position FROM entry, ${RING} ORDER BY position`;

/**
 * $1 JSON list of ids and content digests, $2 reason, $3 recorder, $4 whether they are retracted with their collection. The statements are
 * locked and current. Returns id and position in the order of the list.
 */
export const RETRACT_STATEMENTS = `
WITH item AS MATERIALIZED (
    SELECT n, s.id, s.slug, decode(j ->> 'contentDigest', 'hex') AS content_digest, change.facets -> 'after' AS before,
      ${SPANS_BEFORE} AS spans
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS part (j, n)
    JOIN statement s ON s.id = (j ->> 'id')::int LEFT JOIN change ON change.position = s.position),
  counted AS MATERIALIZED (SELECT count(*) FROM item),
  wanted AS (SELECT item.*, 'STATEMENT_RETRACTED'::change_kind AS kind, $3::text AS by, 'statement' AS noun FROM item),${numberChanges(['counted'])},
  written AS (
    UPDATE statement SET status = 'RETRACTED', retraction_reason = $2, is_reinstatable = $4::boolean, position = numbered.position
    FROM numbered WHERE statement.id = numbered.id),
  entry AS (
    INSERT INTO change (position, kind, at, by, statement_id, facets, digest, content_digest)
    SELECT position, kind, at, by, id,
      jsonb_build_object('before', before || spans, 'after', before || '{"status": "RETRACTED"}' || ${linkedFromFacet('numbered.id')}),
      digest, content_digest
    FROM numbered
    RETURNING position, statement_id AS id)
SELECT id, position FROM entry, ${RING} ORDER BY position`;

/**
 * $1 JSON list of statements with `id`, `former` content, `contentDigest` and the changed `anchors` (ordinal, start, end, status), $2 recorder.
 * The statements are locked and current. Returns position in the order of the list.
 */
export const REANCHOR_STATEMENTS = `
WITH item AS MATERIALIZED (
    SELECT n, s.id, s.slug, decode(j ->> 'contentDigest', 'hex') AS content_digest, j -> 'former' AS former, j -> 'anchors' AS anchors,
      change.facets -> 'after' AS before, ${SPANS_BEFORE} AS spans
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS part (j, n)
    JOIN statement s ON s.id = (j ->> 'id')::int LEFT JOIN change ON change.position = s.position),
  placed AS (
    UPDATE anchor SET start = (v ->> 'start')::int, "end" = (v ->> 'end')::int, status = (v ->> 'status')::anchor_status
    FROM item, jsonb_array_elements(anchors) AS part (v)
    WHERE anchor.statement_id = item.id AND anchor.ordinal = (v ->> 'ordinal')::int
    RETURNING anchor.statement_id),
  counted AS MATERIALIZED (SELECT count(*) FROM placed),
  wanted AS (SELECT item.*, 'STATEMENT_REVISED'::change_kind AS kind, $2::text AS by, 'statement' AS noun FROM item),${numberChanges(['counted'])},
  written AS (UPDATE statement SET position = numbered.position FROM numbered WHERE statement.id = numbered.id),
  kept AS (
    INSERT INTO revision (statement_id, number, content, position, at, by)
    SELECT id, coalesce(last.number, 0) + 1, former, position, at, by FROM numbered ${LAST_REVISIONS}),
  entry AS (
    INSERT INTO change (position, kind, at, by, statement_id, facets, digest, content_digest)
    SELECT position, kind, at, by, id,
      jsonb_build_object('before', before || spans, 'after', before || ${linkedFromFacet('numbered.id')}), digest, content_digest
    FROM numbered
    RETURNING position)
SELECT position FROM entry, ${RING} ORDER BY position`;
