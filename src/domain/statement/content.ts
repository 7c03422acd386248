import type { Transaction } from '../../db/sql.ts';
import type { StatementContent } from '../content.ts';

/** A current statement `s` with its `source`, in the shape of RecordStatementInput. */
export const STATEMENT_CONTENT = `json_strip_nulls(json_build_object(
  'slug', s.slug, 'text', s.text, 'quote', s.quote, 'language', s.language, 'mode', s.mode, 'act', s.act,
  'speakers', coalesce((SELECT json_agg(actor.slug ORDER BY ordinal) FROM statement_speaker
    JOIN actor ON actor.id = actor_id WHERE statement_id = s.id), '[]'),
  'mentions', coalesce((SELECT json_agg(json_build_object('as', "as", 'actor', actor.slug) ORDER BY ordinal)
    FROM statement_mention LEFT JOIN actor ON actor.id = actor_id WHERE statement_id = s.id), '[]'),
  'addressees', coalesce((SELECT json_agg(actor.slug ORDER BY ordinal) FROM statement_addressee
    JOIN actor ON actor.id = actor_id WHERE statement_id = s.id), '[]'),
  'attribution', coalesce((SELECT json_agg(json_build_object('actor', actor.slug, 'form', form) ORDER BY ordinal)
    FROM attribution JOIN actor ON actor.id = actor_id WHERE statement_id = s.id), '[]'),
  'onBehalfOf', coalesce((SELECT json_agg(actor.slug ORDER BY ordinal) FROM statement_behalf
    JOIN actor ON actor.id = actor_id WHERE statement_id = s.id), '[]'),
  'said', s.said_edtf,
  'topics', coalesce((SELECT json_agg(json_build_object('topic', topic.slug, 'stance', stance) ORDER BY ordinal)
    FROM statement_topic JOIN topic ON topic.id = topic_id WHERE statement_id = s.id), '[]'),
  'events', coalesce((SELECT json_agg(event.slug ORDER BY ordinal) FROM statement_event
    JOIN event ON event.id = event_id WHERE statement_id = s.id), '[]'),
  'source', source.slug,
  'anchors', coalesce((SELECT json_agg(json_build_object('start', start, 'end', "end", 'digest', digest, 'exact', exact,
      'role', nullif(role, 'CONTENT'), 'prefix', prefix, 'suffix', suffix, 'page', page, 'paragraph', paragraph, 'timeCode', time_code,
      'status', nullif(status, 'PLACED'))
    ORDER BY ordinal) FROM anchor WHERE statement_id = s.id), '[]'),
  'order', s."order", 'coder', s.coder, 'confidence', s.confidence,
  'links', coalesce((SELECT json_agg(json_build_object('to', target.slug, 'kind', kind) ORDER BY kind, target.slug)
    FROM statement_link JOIN statement target ON target.id = to_id WHERE from_id = s.id), '[]')))`;

/** $1 statement ids. */
const READ_CONTENTS = `SELECT s.id, ${STATEMENT_CONTENT} AS content
  FROM statement s JOIN source ON source.id = s.source_id WHERE s.id = ANY ($1::int[]) ORDER BY s.id`;

/** A statement with its content, in the shape of RecordStatementInput. */
export interface StatementWithContent {
  readonly id: number;
  readonly content: StatementContent;
}

/** The present content of statements, in the order of their ids. */
export const readStatementContents = (
  tx: Transaction,
  ids: readonly number[],
): Promise<StatementWithContent[]> => tx.$queryRawUnsafe<StatementWithContent[]>(READ_CONTENTS, ids);
