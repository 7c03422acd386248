import type {
  AttributionForm,
  Stance,
  StatementAct,
  StatementMode,
  StatementStatus,
} from '../../db/generated/enums.ts';
import type { LogEntry } from '../../log/change.ts';

/**
 * A statement as it was read: its own columns, days as `YYYY-MM-DD`, positions as decimal text. The rows of a list have only the columns
 * that the selected fields need.
 */
export interface StatementRow extends Partial<StatementParts> {
  readonly id: number;
  readonly slug: string;
  readonly key: string | null;
  /** Null only where there is a quote. */
  readonly text: string | null;
  readonly quote: string | null;
  readonly language: string | null;
  readonly mode: StatementMode;
  readonly act: StatementAct;
  readonly saidEdtf: string;
  readonly saidEarliest: string;
  readonly saidLatest: string;
  readonly sourceId: number;
  readonly order: number | null;
  readonly coder: string | null;
  readonly confidence: number | null;
  readonly collectionId: number | null;
  readonly status: StatementStatus;
  readonly retractionReason: string | null;
  readonly recordedAt: Date;
  readonly addedPosition: string;
  readonly position: string;
}

/** The lists of a statement, which can be read with it, in the order of the statement. */
interface StatementParts {
  readonly speakerIds: readonly number[];
  /** The speakers as the source writes them. */
  readonly mentions: readonly string[];
  /** As long as `mentions`: the actors who are meant. */
  readonly mentionedIds: readonly (number | null)[];
  readonly addresseeIds: readonly number[];
  readonly behalfIds: readonly number[];
  readonly eventIds: readonly number[];
  readonly topicIds: readonly number[];
  /** As long as `topicIds`. */
  readonly stances: readonly (Stance | null)[];
  readonly hopIds: readonly number[];
  /** As long as `hopIds`. */
  readonly forms: readonly AttributionForm[];
}

type Column = keyof StatementRow;

const list = (column: string, table: string): string =>
  `ARRAY(SELECT ${column} FROM ${table} x WHERE x.statement_id = s.id ORDER BY x.ordinal)`;

/** SQL for each column, of the statement `s`. */
const COLUMNS: Readonly<Record<Column, string>> = {
  id: 's.id',
  slug: 's.slug',
  key: 's.key',
  text: 's.text',
  quote: 's.quote',
  language: 's.language',
  mode: 's.mode',
  act: 's.act',
  saidEdtf: 's.said_edtf',
  saidEarliest: 's.said_earliest::text',
  saidLatest: 's.said_latest::text',
  sourceId: 's.source_id',
  order: 's."order"',
  coder: 's.coder',
  confidence: 's.confidence',
  collectionId: 's.collection_id',
  status: 's.status',
  retractionReason: 's.retraction_reason',
  recordedAt: 's.recorded_at',
  addedPosition: 's.added_position::text',
  position: 's.position::text',
  speakerIds: list('actor_id', 'statement_speaker'),
  mentions: list('"as"', 'statement_mention'),
  mentionedIds: list('actor_id', 'statement_mention'),
  addresseeIds: list('actor_id', 'statement_addressee'),
  behalfIds: list('actor_id', 'statement_behalf'),
  eventIds: list('event_id', 'statement_event'),
  topicIds: list('topic_id', 'statement_topic'),
  stances: list('stance::text', 'statement_topic'),
  hopIds: list('actor_id', 'attribution'),
  forms: list('form::text', 'attribution'),
};

/** The columns that the order of a list and the loaders need. */
const ALWAYS: readonly Column[] = ['id', 'saidEarliest'];

/** The columns that a field of the schema, or a field below it, needs; fields without columns are left out. */
const COLUMNS_OF_FIELD = {
  slug: ['slug'],
  key: ['key'],
  text: ['text'],
  quote: ['quote'],
  language: ['language'],
  mode: ['mode'],
  act: ['act'],
  speakers: ['speakerIds'],
  mentions: ['mentions', 'mentionedIds'],
  addressees: ['addresseeIds'],
  onBehalfOf: ['behalfIds'],
  attribution: ['hopIds'],
  'attribution.form': ['forms'],
  // The givers follow from the speakers and the hops.
  givers: ['speakerIds', 'hopIds'],
  'said.edtf': ['saidEdtf'],
  'said.time': ['saidEdtf'],
  'said.latest': ['saidLatest'],
  topics: ['topicIds'],
  'topics.stance': ['stances'],
  events: ['eventIds'],
  'codings.agreement': ['act', 'mode'],
  source: ['sourceId'],
  order: ['order'],
  coder: ['coder'],
  confidence: ['confidence'],
  collection: ['collectionId'],
  status: ['status'],
  retraction: ['retractionReason', 'position'],
  recordedAt: ['recordedAt'],
  recordedBy: ['addedPosition'],
  position: ['position'],
} as const satisfies Readonly<Record<string, readonly Column[]>>;

/** A field of a statement in the schema that is read with the statement. */
export type StatementField = keyof typeof COLUMNS_OF_FIELD;
export const STATEMENT_FIELDS = Object.keys(COLUMNS_OF_FIELD) as readonly StatementField[];

/** The fields that need no list. */
export const OWN_FIELDS: readonly StatementField[] = STATEMENT_FIELDS.filter((field) =>
  COLUMNS_OF_FIELD[field].every((column) => !COLUMNS[column].startsWith('ARRAY')),
);

/** By the array of fields, which is the same object for the same operation. */
const columnsOf = new WeakMap<readonly StatementField[], string>();

/** The columns of a StatementRow that these fields need, from the statement `s`. */
export function columns(fields: readonly StatementField[]): string {
  const known = columnsOf.get(fields);
  if (known !== undefined) return known;
  const wanted = new Set([
    ...ALWAYS,
    ...fields.flatMap((field): readonly Column[] => COLUMNS_OF_FIELD[field]),
  ]);
  const made = [...wanted].map((column) => `${COLUMNS[column]} AS "${column}"`).join(', ');
  columnsOf.set(fields, made);
  return made;
}

/**
 * The statement of a change with all its parts, made from the log entry without SQL. Null where the statement has changed again, so
 * that the entry no longer describes it.
 */
export function statementOfEntry({
  position,
  statementId,
  facets,
  statement,
}: LogEntry): StatementRow | null {
  if (statementId === null || !facets || statement?.statementPosition !== String(position)) return null;
  const hops = statement.hops ?? [];
  const { speakerIds, addresseeIds, behalfIds, eventIds, topics, ...rest } = facets.after;
  return {
    id: statementId,
    slug: statement.slug,
    key: statement.key,
    text: rest.text,
    quote: rest.quote,
    language: statement.language,
    mode: rest.mode,
    act: rest.act,
    saidEdtf: statement.saidEdtf,
    saidEarliest: rest.earliest,
    saidLatest: rest.latest,
    sourceId: rest.sourceId,
    order: statement.order,
    coder: rest.coder,
    confidence: rest.confidence,
    collectionId: rest.collectionId,
    status: rest.status,
    retractionReason: statement.retractionReason,
    recordedAt: statement.recordedAt,
    addedPosition: statement.addedPosition,
    position: statement.statementPosition,
    speakerIds,
    addresseeIds,
    behalfIds,
    eventIds,
    topicIds: topics.map(({ id }) => id),
    stances: topics.map(({ stance }) => stance),
    hopIds: hops.map(([actorId]) => actorId),
    forms: hops.map(([, form]) => form),
  };
}
