import type pg from 'pg';

/** A record with many actors, and one that says most. */
export const LARGE = {
  actors: 20_000,
  statements: 10_000,
  speaker: 'speaker-1',
  firstDay: '2010-01-01',
} as const;

const INSERTS = [
  `INSERT INTO actor (id, slug, name, kind) SELECT 200000 + i, 'speaker-' || i, 'Speaker Number ' || i, 'PERSON'
   FROM generate_series(1, ${LARGE.actors}) i`,
  `INSERT INTO actor_side SELECT side.* FROM sides_of(ARRAY(SELECT id FROM actor WHERE id > 200000)) AS side`,
  `INSERT INTO source (id, slug, title) VALUES (200000, 'large-record', 'Record of many years')`,
  `INSERT INTO statement (id, slug, input_digest, text, mode, act, said_edtf, said_earliest, said_latest, source_id,
     added_position, position)
   SELECT 200000 + i, 'large-' || i, repeat('0', 64), 'Statement number ' || i || ' asks for further talks.', 'INDIRECT',
     'STATE', day::text, day, day, 200000, 200000 + i, 200000 + i
   FROM generate_series(1, ${LARGE.statements}) i, LATERAL (SELECT date '${LARGE.firstDay}' + i / 2 AS day) x`,
  `INSERT INTO statement_speaker SELECT id, 0, 200001, said_earliest, said_latest FROM statement WHERE id > 200000`,
  `INSERT INTO statement_giver SELECT id, 200001, 200001, said_earliest, said_latest FROM statement WHERE id > 200000`,
  `INSERT INTO statement_topic SELECT s.id, 0, t.id, 'SUPPORTS', said_earliest, said_latest
   FROM statement s, topic t WHERE s.id > 200000 AND t.slug = 'ukraine-ceasefire'`,
];

/** Adds the actors and statements. No triggers run, and nothing is in the log. */
export async function makeLargeRecord(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN; SET LOCAL session_replication_role = replica');
    for (const sql of INSERTS) await client.query(sql);
    await client.query('COMMIT; ANALYZE');
  } finally {
    client.release();
  }
}
