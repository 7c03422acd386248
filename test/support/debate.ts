import type pg from 'pg';

/** A general debate: an event in which many states take part, each by its ministers. The last `SILENT` states say nothing. */
export const DEBATE = { slug: 'debate', sides: 193, silent: 3, ministers: 386, topics: 120 } as const;
const SPEAKING = DEBATE.sides - DEBATE.silent;

/** What the debate has been made of, so that tests can count without SQL. Numbers begin with 1. */
export interface DebateStatement {
  readonly slug: string;
  readonly minister: number;
  readonly state: number;
  /** Each with a stance every second time. */
  readonly topics: readonly number[];
}

/** The topic above a topic of the debate; null for the eight at the top. */
export const topicAbove = (topic: number): number | null => (topic > 8 ? Math.floor((topic - 1) / 8) : null);
export const stateOf = (minister: number): number => 1 + ((minister - 1) % DEBATE.sides);

export function debateStatement(i: number): DebateStatement {
  const state = 1 + (i % SPEAKING);
  const minister = i % 2 === 0 ? state : state + DEBATE.sides;
  const topics = [1 + ((i * 7) % DEBATE.topics), 1 + ((i * 11 + 3) % DEBATE.topics)];
  return { slug: `debate-${i}`, minister, state, topics: [...new Set(topics)].slice(0, 1 + (i % 2)) };
}

const INSERTS = [
  `INSERT INTO source (id, slug, title) VALUES (9001, 'debate-record', 'Record of the debate')`,
  `INSERT INTO actor (id, slug, name, kind)
   SELECT 10000 + i, 'state-' || i, 'State ' || to_char(i, 'FM000'), 'STATE' FROM generate_series(1, ${DEBATE.sides}) i`,
  `INSERT INTO actor (id, slug, name, kind)
   SELECT 11000 + i, 'minister-' || i, 'Minister ' || to_char(i, 'FM000'), 'PERSON' FROM generate_series(1, ${DEBATE.ministers}) i`,
  `INSERT INTO affiliation (actor_id, ordinal, in_id, role)
   SELECT 11000 + i, 0, 10001 + (i - 1) % ${DEBATE.sides}, 'Minister' FROM generate_series(1, ${DEBATE.ministers}) i`,
  'INSERT INTO actor_side SELECT side.* FROM sides_of(ARRAY(SELECT id FROM actor WHERE id > 10000)) AS side',
  `INSERT INTO topic (id, slug, name, proposition, parent_id)
   SELECT 9000 + i, 'debate-topic-' || i, 'Topic of the debate ' || to_char(i, 'FM000'), 'It is so.', CASE WHEN i > 8 THEN 9000 + (i - 1) / 8 END
   FROM generate_series(1, ${DEBATE.topics}) i`,
  `INSERT INTO event (id, slug, name, kind, edtf, earliest, latest)
   VALUES (9001, '${DEBATE.slug}', 'General debate', 'MEETING', '2022-09-20/2022-09-26', '2022-09-20', '2022-09-26')`,
  `INSERT INTO event_participant SELECT 9001, i - 1, 10000 + i FROM generate_series(1, ${DEBATE.sides}) i`,
];

const STATEMENTS = [
  `INSERT INTO statement (id, slug, input_digest, text, mode, act, said_edtf, said_earliest, said_latest, source_id, added_position, position)
   SELECT 100000 + i, s ->> 'slug', repeat('0', 64), 'State ' || (s ->> 'state') || ' speaks about peace, security and development.', 'INDIRECT',
     'STATE', '2022-09-21', '2022-09-21', '2022-09-21', 9001, 100000 + i, 100000 + i
   FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS x (s, i)`,
  `INSERT INTO statement_speaker SELECT 100000 + i, 0, 11000 + (s ->> 'minister')::int, '2022-09-21', '2022-09-21'
   FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS x (s, i)`,
  `INSERT INTO statement_giver SELECT 100000 + i, 11000 + (s ->> 'minister')::int, 11000 + (s ->> 'minister')::int, '2022-09-21', '2022-09-21'
   FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS x (s, i)`,
  `INSERT INTO statement_event SELECT 100000 + i, 0, 9001, '2022-09-21', '2022-09-21'
   FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS x (s, i)`,
  `INSERT INTO statement_topic SELECT 100000 + i, n - 1, 9000 + topic::int, CASE WHEN i % 2 = 0 THEN 'SUPPORTS'::stance END, '2022-09-21', '2022-09-21'
   FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS x (s, i),
     jsonb_array_elements_text(s -> 'topics') WITH ORDINALITY AS y (topic, n)`,
];

/** Writes the debate with this many statements. No triggers run, and nothing is in the log. */
export async function makeDebate(
  { pool }: { readonly pool: Pick<pg.Pool, 'connect'> },
  length: number,
): Promise<DebateStatement[]> {
  const statements = Array.from({ length }, (_, i) => debateStatement(i + 1));
  const connection = await pool.connect();
  try {
    await connection.query('BEGIN; SET LOCAL session_replication_role = replica');
    for (const sql of INSERTS) await connection.query(sql);
    for (const sql of STATEMENTS) await connection.query(sql, [JSON.stringify(statements)]);
    await connection.query('COMMIT; ANALYZE');
  } finally {
    connection.release();
  }
  return statements;
}
