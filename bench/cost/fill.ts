import pg from 'pg';

/*
 * Gives a generated record what `bench/generate.ts` leaves out, so that no field that is measured is an empty list: aliases,
 * affiliations, identifiers, merged actors, participants, collections, links, mentions, revisions, retractions, texts of sources.
 */

/** Of the statements, one in this many is changed, since each change writes all its indexes. */
const CHANGED = 10;
/** The first of each noun have long lists. */
const PROMINENT = 20;
const LONG = 150;

const STEPS: readonly string[] = [
  `INSERT INTO actor_alias (actor_id, ordinal, name, metonym)
   SELECT id, n, 'Alias ' || n || ' of ' || id, n = 1 FROM actor, generate_series(0, 1) n`,
  // Every third actor is a person, every third an organisation, and the others are states.
  `INSERT INTO affiliation (actor_id, ordinal, in_id, role, "from")
   SELECT id, n, 1 + (id * 7 + n) % 300 / 3 * 3 + n, (ARRAY['member', 'president'])[1 + n], date '2020-01-01' + n * 365
   FROM actor, generate_series(0, 1) n WHERE kind = 'PERSON'`,
  'SELECT refresh_actor_sides(ARRAY(SELECT id FROM actor))',
  ...['actor', 'topic', 'source'].map(
    (noun) => `INSERT INTO ${noun}_identifier (${noun}_id, ordinal, scheme, value)
      SELECT id, n, (ARRAY['wikidata', 'local'])[1 + n], 'Q' || id FROM ${noun}, generate_series(0, 1) n`,
  ),
  `INSERT INTO actor (slug, name, kind, merged_into_id, withdrawal_reason)
   SELECT 'former-' || into_actor || '-' || n, 'Former ' || n, 'PERSON', into_actor, 'merged'
   FROM generate_series(1, ${PROMINENT}) into_actor, generate_series(1, 5) n`,
  `INSERT INTO collection (slug, title, version, files)
   SELECT 'collection-' || i, 'Collection Number ' || i, '1', json_build_array(json_build_object(
     'name', 'file-' || i || '.csv', 'digest', repeat('0', 64), 'length', 1000)) FROM generate_series(1, 100) i`,
  ...['actor', 'topic', 'source', 'event'].map((noun) => `UPDATE ${noun} SET collection_id = 1 + id % 100`),
  `UPDATE source SET text = body.text, length = length(body.text), digest = encode(sha256(convert_to(body.text, 'UTF8')), 'hex'),
     language = 'en', publisher_id = 1 + id % 500, published_on = date '2025-12-31' - id % 700
   FROM (SELECT repeat('What both sides said about a truce was written down there. ', 60) AS text) body`,
  `INSERT INTO event_participant (event_id, ordinal, actor_id)
   SELECT event.id, n, 2 + 3 * ((event.id + n * 7) % 300) FROM event, generate_series(0, 7) n`,
  `UPDATE statement SET collection_id = 1 + floor(100 * power((id % 997) / 997.0, 2)), coder = 'Coder ' || id % 7, confidence = id % 11 / 10.0,
     "order" = id / ${CHANGED} WHERE id % ${CHANGED} = 0`,
  `INSERT INTO statement_link (from_id, to_id, kind)
   SELECT id, 1 + (id * 31) % (id - 1), (enum_range(NULL::link_kind))[1 + id % 6] FROM statement WHERE id % 4 = 0`,
  `INSERT INTO statement_link (from_id, to_id, kind)
   SELECT n * 1000 + target, target, 'DISPUTES' FROM generate_series(1, 100) target, generate_series(1, ${LONG}) n
   WHERE n * 1000 + target IN (SELECT id FROM statement) ON CONFLICT DO NOTHING`,
  `INSERT INTO statement_addressee (statement_id, ordinal, actor_id, said_earliest, said_latest)
   SELECT id, n, 1 + (id + n) % 1000, said_earliest, said_latest FROM statement, generate_series(0, 1) n WHERE id % 5 = 0`,
  'INSERT INTO statement_behalf (statement_id, ordinal, actor_id) SELECT id, 0, 2 + 3 * (id % 300) FROM statement WHERE id % 5 = 1',
  `INSERT INTO statement_mention (statement_id, ordinal, "as", actor_id)
   SELECT id, n, 'Mentioned ' || id % 3000, CASE WHEN n = 0 THEN 1 + id % 1000 END FROM statement, generate_series(0, 1) n WHERE id % 3 = 0`,
  `INSERT INTO revision (statement_id, number, content, position, at, by)
   SELECT s.id, n, json_build_object('text', text, 'act', act, 'mode', mode, 'said', said_edtf), position, now(), 'bench'
   FROM statement s, generate_series(1, CASE WHEN id <= 100 THEN ${LONG} ELSE 1 END) n WHERE id <= 100 OR id % ${CHANGED} = 0`,
  ...['actor', 'topic', 'source', 'event', 'collection'].map(
    (noun) => `INSERT INTO ${noun}_revision (${noun}_id, number, content, position, at, by)
      SELECT id, n, json_build_object('slug', slug), position, now(), 'bench'
      FROM ${noun}, generate_series(1, CASE WHEN id <= ${PROMINENT} THEN ${LONG} ELSE 1 END) n`,
  ),
  `UPDATE anchor SET status = 'ORPHANED' WHERE statement_id % 100 = 1`,
];

/** Retractions change the status of rows in other tables, by foreign keys. */
const RETRACT = `UPDATE statement SET status = 'RETRACTED', retraction_reason = 'recorded twice' WHERE id % 100 = 3`;

/** The database's user must be a superuser. */
export async function fillRecord(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // No foreign keys are checked and no triggers run: the rows are right as they are made.
    await client.query('SET session_replication_role = replica; SET synchronous_commit = off');
    for (const step of STEPS) await client.query(step);
    await client.query('SET session_replication_role = origin');
    await client.query(RETRACT);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}
