import type {
  AttributionForm,
  Stance,
  StatementAct,
  StatementMode,
  StatementStatus,
} from '../db/generated/enums.ts';

/** A statement's own columns; days as `YYYY-MM-DD`, positions as decimal text. */
export interface StatementRow extends Partial<StatementParts> {
  readonly id: number;
  readonly slug: string;
  readonly text: string;
  readonly quote: string | null;
  readonly language: string | null;
  readonly mode: StatementMode;
  readonly act: StatementAct;
  readonly saidEdtf: string;
  readonly saidEarliest: string;
  readonly saidLatest: string;
  readonly sourceId: number;
  readonly status: StatementStatus;
  readonly retractionReason: string | null;
  readonly recordedAt: Date;
  readonly addedPosition: string;
  readonly position: string;
}

/** Lists that hang on a statement and can be read along with it, in the order of the statement. */
export interface StatementParts {
  readonly speakerIds: readonly number[];
  readonly addresseeIds: readonly number[];
  readonly eventIds: readonly number[];
  /** Two lists of equal length. */
  readonly topicIds: readonly number[];
  readonly stances: readonly (Stance | null)[];
  /** Two lists of equal length. */
  readonly hopIds: readonly number[];
  readonly forms: readonly AttributionForm[];
}

/** A field of the schema whose list can be read along. */
export type Part = 'speakers' | 'addressees' | 'events' | 'topics' | 'attribution';

const list = (column: string, table: string, name: string): string =>
  `, ARRAY(SELECT ${column} FROM ${table} x WHERE x.statement_id = s.id ORDER BY x.ordinal) AS "${name}"`;

const PART_COLUMNS: Readonly<Record<Part, string>> = {
  speakers: list('actor_id', 'statement_speaker', 'speakerIds'),
  addressees: list('actor_id', 'statement_addressee', 'addresseeIds'),
  events: list('event_id', 'statement_event', 'eventIds'),
  topics:
    list('topic_id', 'statement_topic', 'topicIds') + list('stance::text', 'statement_topic', 'stances'),
  attribution: list('actor_id', 'attribution', 'hopIds') + list('form::text', 'attribution', 'forms'),
};

export const PARTS = Object.keys(PART_COLUMNS) as readonly Part[];

const OWN_COLUMNS = `s.id, s.slug, s.text, s.quote, s.language, s.mode, s.act, s.said_edtf AS "saidEdtf",
  s.said_earliest::text AS "saidEarliest", s.said_latest::text AS "saidLatest", s.source_id AS "sourceId", s.status,
  s.retraction_reason AS "retractionReason", s.recorded_at AS "recordedAt", s.added_position::text AS "addedPosition",
  s.position::text AS position`;

/** The columns of a StatementRow from the statement `s`, with these parts. */
export function columns(parts: readonly Part[]): string {
  return OWN_COLUMNS + parts.map((part) => PART_COLUMNS[part]).join('');
}
