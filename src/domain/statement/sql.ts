import { numberChanges, RING } from '../../log/append.ts';
import { ALL_PARTS, type Part, writePartsSql } from './parts.ts';

/*
 * The SQL that writes statements. One SQL statement writes a whole list of drafts with all their rows and log entries, so
 * that it locks the counter row for the shortest time and needs one round trip.
 * `item` is a relation (n, id, draft, facets, earliest, latest): number in the list from 1, id of the statement, the draft as JSON, its facets,
 * and the days of its date, which the rows of most parts have as well.
 */

/** The columns of `item` that come from a draft. */
const DRAFT = `draft, draft -> 'facets' AS facets,
    (draft #>> '{facets,earliest}')::date AS earliest, (draft #>> '{facets,latest}')::date AS latest`;

/** The columns of a statement that only coded statements have, and their values. */
const CODING = {
  coder: `draft #>> '{coding,coder}'`,
  confidence: `(draft #>> '{coding,confidence}')::float8`,
  '"order"': `(draft #>> '{coding,order}')::int`,
};

/**
 * Locks the topics of stances before the counter row. Saving a topic locks in the same order, so two writers never wait
 * for one another.
 */
const LOCK_TOPICS = `
  held AS MATERIALIZED (
    SELECT count(*) FROM (
      SELECT FROM topic WHERE id IN (
        SELECT (value ->> 'id')::int FROM item, jsonb_array_elements(facets -> 'topics') AS part (value)
        WHERE value ->> 'stance' IS NOT NULL)
      ORDER BY id FOR SHARE) AS locked)`;

/**
 * Locks the statements that the drafts link to against revisions, in the order of their ids. `same` is false for a statement that
 * has changed since the link was checked: check and write are not in one transaction, so nothing is then written.
 */
const LOCK_LINKED = `
  linked AS MATERIALIZED (
    SELECT statement.position = checked.position AS same
    FROM statement JOIN (
      SELECT DISTINCT (value ->> 'toId')::int AS id, (value ->> 'toPosition')::bigint AS position
      FROM jsonb_array_elements($1::jsonb) AS list (draft), jsonb_array_elements(draft -> 'links') AS part (value)
      WHERE value ->> 'toPosition' IS NOT NULL) AS checked ON checked.id = statement.id
    ORDER BY statement.id FOR SHARE OF statement)`;

/** The columns of the log that come from a draft. The content digest is optional. */
const CHANGE_OF_DRAFT = `'statement' AS noun, draft ->> 'slug' AS slug, decode(draft ->> 'contentDigest', 'hex') AS content_digest`;

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
  /** Neither addressees, nor `onBehalfOf`, links or coding. */
  | 'plain'
  /** No coding. */
  | 'uncoded'
  | 'any';

const PARTS_OF_SHAPE: Readonly<Record<ListShape, readonly Part[]>> = {
  plain: ['speaker', 'topic', 'event', 'hop', 'ownGiver', 'span'],
  uncoded: ['speaker', 'addressee', 'topic', 'event', 'hop', 'behalf', 'giver', 'span', 'link'],
  any: ALL_PARTS,
};

function addStatements(shape: ListShape, isOrdered: boolean): string {
  const parts = PARTS_OF_SHAPE[shape];
  const hasLinks = parts.includes('link');
  const lockLinked = hasLinks ? `${LOCK_LINKED},` : '';
  const unlessChanged = hasLinks ? 'WHERE NOT EXISTS (SELECT FROM linked WHERE NOT same)' : '';
  const waitForLock = isOrdered ? WAIT_FOR_LOCK : '';
  const beforeNumbers = ['held', isOrdered ? 'waited' : 'parts'];
  const coding = Object.entries(shape === 'any' ? CODING : {});
  const codingColumns = coding.map(([column]) => `, ${column}`).join('');
  const codingValues = coding.map(([, value]) => `, ${value}`).join('');
  return `
WITH${lockLinked}
  item AS MATERIALIZED (
    SELECT n, nextval('statement_id_seq')::int AS id, ${DRAFT}
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS part (draft, n)
    ${unlessChanged}),${LOCK_TOPICS},${writePartsSql(parts)},${waitForLock}
  wanted AS (
    SELECT item.*, 'STATEMENT_ADDED'::change_kind AS kind, $2::text AS by, ${CHANGE_OF_DRAFT} FROM item),${numberChanges(beforeNumbers)},
  written AS (
    INSERT INTO statement (id, slug, key, input_digest, text, quote, language, mode, act, said_edtf, said_earliest,
      said_latest, source_id, collection_id, recorded_at, added_position, position${codingColumns})
    SELECT id, slug, draft ->> 'key', draft ->> 'inputDigest', facets ->> 'text', facets ->> 'quote',
      draft ->> 'language', (facets ->> 'mode')::statement_mode, (facets ->> 'act')::statement_act,
      draft ->> 'saidEdtf', earliest, latest, (facets ->> 'sourceId')::int, (facets ->> 'collectionId')::int, at, position,
      position${codingValues}
    FROM numbered),
  entry AS (
    INSERT INTO change (position, kind, at, by, statement_id, facets, digest, content_digest)
    SELECT position, kind, at, by, id, jsonb_build_object('before', NULL, 'after', facets), digest, content_digest
    FROM numbered
    RETURNING position, statement_id AS id)
SELECT position, id FROM entry, ${RING} ORDER BY position`;
}

/**
 * $1 list of drafts without `coding`, $2 recorder. The first draft can have `seen`: see numberChanges. Returns position and id in the order
 * of the list. If a statement that a draft links to has changed since the link was checked, it writes nothing and returns no row.
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

/**
 * $1 JSON list of `id`, `draft` and `former`, the content before; the first one can have `seen`. $2 recorder, $3 reason or null. The statements
 * are locked, and current afterwards. Returns id and position in the order of the list.
 */
export const REWRITE_STATEMENTS = `
WITH given AS (
    SELECT n, (e ->> 'id')::int AS id, e -> 'draft' AS draft, e -> 'former' AS former
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS part (e, n)),
  item AS MATERIALIZED (
    SELECT n, given.id, former, (change.facets -> 'after') || ${SPANS_BEFORE} AS before, ${DRAFT}
    FROM given JOIN statement s ON s.id = given.id LEFT JOIN change ON change.position = s.position),${LOCK_TOPICS},${writePartsSql(ALL_PARTS)},
  wanted AS (
    SELECT item.*, 'STATEMENT_REVISED'::change_kind AS kind, $2::text AS by, ${CHANGE_OF_DRAFT} FROM item),${numberChanges(['held', 'parts'])},
  written AS (
    UPDATE statement SET text = facets ->> 'text', quote = facets ->> 'quote', language = draft ->> 'language',
      mode = (facets ->> 'mode')::statement_mode, act = (facets ->> 'act')::statement_act,
      said_edtf = draft ->> 'saidEdtf', said_earliest = earliest, said_latest = latest,
      source_id = (facets ->> 'sourceId')::int, collection_id = (facets ->> 'collectionId')::int,
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
    SELECT position, kind, at, by, id, jsonb_build_object('before', before, 'after', facets || ${linkedFromFacet('numbered.id')}),
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
