/**
 * Fills an empty database with a large record: `npm run bench:generate -- DATABASE_URL [STATEMENTS]`.
 * Skewed like real records: a tenth of the actors say most, some topics are far more frequent than others, a few dates
 * are imprecise. Every row has its log entry. The database's user must be a superuser.
 */
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { Progress } from '../src/base/progress.ts';
import { migrate } from '../src/db/migrate.ts';

const ACTORS = 1_000;
const TOPICS = 100;
const EVENTS = 500;
const SOURCES = 5_000;
const STATEMENTS_DEFAULT = 100_000;
/** How many statements one SQL statement makes. */
const CHUNK = 50_000;
const CONNECTIONS = 2;

/** A number from 1 to `max` for row i; `skew` 3 gives the first tenth about half of all rows. */
const pick = (seed: string, max: number, skew: number): string =>
  `1 + floor(${max} * power((hashint4(${seed}) & 1048575) / 1048576.0::float8, ${skew}))::int`;

const THINGS = [
  `INSERT INTO actor (slug, name, kind) SELECT 'actor-' || i, 'Actor Number ' || i,
   (ARRAY['PERSON', 'ORGANISATION', 'STATE'])[1 + i % 3]::actor_kind FROM generate_series(1, ${ACTORS}) i`,
  'INSERT INTO actor_side (actor_id, ordinal, side_id, "from", "to") SELECT side.* FROM sides_of(ARRAY(SELECT id FROM actor)) AS side',
  `INSERT INTO topic (slug, name, proposition, parent_id) SELECT 'topic-' || i, 'Topic Number ' || i,
   'Proposition ' || i, CASE WHEN i > 20 THEN 1 + i % 20 END FROM generate_series(1, ${TOPICS}) i`,
  `INSERT INTO source (slug, title, url) SELECT 'source-' || i, 'Source title number ' || i,
   'https://news.example.org/articles/' || i FROM generate_series(1, ${SOURCES}) i`,
  `INSERT INTO event (slug, name, kind, edtf, earliest, latest) SELECT 'event-' || i, 'Event Number ' || i,
   'CALL', d::text, d, d FROM generate_series(1, ${EVENTS}) i, LATERAL (SELECT date '2026-01-01' - i AS d) x`,
  `INSERT INTO change (position, kind, by, actor_id, topic_id, source_id, event_id)
   SELECT row_number() OVER (), kind::change_kind, 'bench', a, t, s, e FROM (
     SELECT 'ACTOR_ADDED' kind, id a, NULL::int t, NULL::int s, NULL::int e FROM actor
     UNION ALL SELECT 'TOPIC_ADDED', NULL, id, NULL, NULL FROM topic
     UNION ALL SELECT 'SOURCE_ADDED', NULL, NULL, id, NULL FROM source
     UNION ALL SELECT 'EVENT_ADDED', NULL, NULL, NULL, id FROM event) x`,
];
const THINGS_COUNT = ACTORS + TOPICS + SOURCES + EVENTS;

/** SQL for the statements from $1 to $2, of `n` in all, and what belongs to them. */
const statementsSql = (n: number): [string, string][] => [
  [
    'statements',
    `INSERT INTO statement (id, slug, input_digest, text, mode, act, said_edtf, said_earliest, said_latest,
       source_id, added_position, position)
     SELECT i, 'statement-' || i, repeat('0', 64), 'Statement number ' || i
         || ': the need for a ceasefire and renewed dialogue was put forward again'
         || repeat(' while the delegation noted further progress', (hashint4(i) & 2147483647) % 9),
       'INDIRECT', (ARRAY['STATE', 'PLEDGE', 'ACCUSE', 'PROPOSE'])[1 + (hashint4(i + 7) & 2147483647) % 4]::statement_act,
       CASE WHEN i % 50 = 0 THEN to_char(d, 'YYYY-MM') ELSE d::text END,
       CASE WHEN i % 50 = 0 THEN date_trunc('month', d)::date ELSE d END,
       CASE WHEN i % 50 = 0 THEN (date_trunc('month', d) + interval '1 month - 1 day')::date ELSE d END,
       ${pick('i + 1', SOURCES, 1)}, ${THINGS_COUNT} + i, ${THINGS_COUNT} + i
     FROM generate_series($1::int, $2::int) i,
       LATERAL (SELECT (timestamp '2026-01-01' - (${n} - i) * (interval '500000 minutes' / ${n}))::date d) x`,
  ],
  [
    'speakers',
    `INSERT INTO statement_speaker (statement_id, ordinal, actor_id, said_earliest, said_latest)
     SELECT s.id, min(k), a, said_earliest, said_latest FROM statement s, generate_series(0, 2) k,
       LATERAL (SELECT ${pick('s.id * 3 + k', ACTORS, 3)} a) x
     WHERE s.id BETWEEN $1 AND $2 AND (k = 0 OR (k = 1 AND s.id % 10 < 3) OR (k = 2 AND s.id % 20 = 0)) GROUP BY s.id, a`,
  ],
  [
    'topics of statements',
    `INSERT INTO statement_topic (statement_id, ordinal, topic_id, stance, said_earliest, said_latest)
     SELECT s.id, min(k), t, (ARRAY['SUPPORTS', 'OPPOSES', NULL])[1 + s.id % 3]::stance, said_earliest, said_latest
     FROM statement s, generate_series(0, 2) k, LATERAL (SELECT ${pick('s.id * 5 + k + 11', TOPICS, 1.5)} t) x
     WHERE s.id BETWEEN $1 AND $2 AND k <= s.id % 3 GROUP BY s.id, t`,
  ],
  [
    'events of statements',
    `INSERT INTO statement_event (statement_id, ordinal, event_id, said_earliest, said_latest)
     SELECT id, 0, ${pick('id + 17', EVENTS, 2)}, said_earliest, said_latest FROM statement
     WHERE id BETWEEN $1 AND $2 AND id % 4 = 0`,
  ],
  [
    'attribution',
    `INSERT INTO attribution (statement_id, ordinal, actor_id, form, said_earliest, said_latest)
     SELECT id, 0, ${pick('id + 23', ACTORS, 3)}, 'REPORT', said_earliest, said_latest FROM statement
     WHERE id BETWEEN $1 AND $2 AND id % 2 = 0`,
  ],
  [
    'givers',
    `INSERT INTO statement_giver (statement_id, actor_id, for_id, said_earliest, said_latest)
     SELECT s.id, giver.actor_id, giver.for_id, said_earliest, said_latest FROM statement s CROSS JOIN LATERAL givers_of(
       ARRAY(SELECT actor_id FROM statement_speaker WHERE statement_id = s.id),
       ARRAY(SELECT actor_id FROM attribution WHERE statement_id = s.id ORDER BY ordinal), NULL) AS giver
     WHERE s.id BETWEEN $1 AND $2`,
  ],
  [
    'anchors',
    `INSERT INTO anchor (statement_id, ordinal, start, "end", digest, source_id)
     SELECT id, 0, id % 1000, id % 1000 + 80, repeat('0', 64), source_id FROM statement WHERE id BETWEEN $1 AND $2`,
  ],
  [
    'log',
    `INSERT INTO change (position, kind, by, statement_id, facets)
     SELECT added_position, 'STATEMENT_ADDED', 'bench', s.id, jsonb_build_object('before', NULL, 'after',
       jsonb_build_object('version', 2, 'status', 'CURRENT', 'mode', mode, 'act', act, 'sourceId', source_id,
         'speakerIds', ARRAY(SELECT actor_id FROM statement_speaker WHERE statement_id = s.id ORDER BY ordinal),
         'addresseeIds', '[]'::jsonb,
         'attributedToIds', ARRAY(SELECT actor_id FROM attribution WHERE statement_id = s.id),
         'topics', ARRAY(SELECT jsonb_build_object('id', topic_id, 'stance', stance)
           FROM statement_topic WHERE statement_id = s.id ORDER BY ordinal),
         'eventIds', ARRAY(SELECT event_id FROM statement_event WHERE statement_id = s.id), 'behalfIds', '[]'::jsonb,
         'giverIds', ARRAY(SELECT actor_id FROM statement_giver WHERE statement_id = s.id), 'offices', '[]'::jsonb,
         'sideIds', ARRAY(SELECT DISTINCT side_id FROM statement_giver JOIN actor_side ON actor_side.actor_id = for_id
           WHERE statement_id = s.id), 'linkKinds', '[]'::jsonb, 'linkedFromKinds', '[]'::jsonb,
         'earliest', said_earliest, 'latest', said_latest, 'text', text, 'quote', NULL))
     FROM statement s WHERE s.id BETWEEN $1 AND $2`,
  ],
];

const END = `UPDATE head SET position = (SELECT max(position) FROM change);
  SELECT setval('statement_id_seq', (SELECT max(id) FROM statement))`;

/** No foreign keys are checked and no triggers run: the rows are right as they are made. */
const LOADING = `SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '64MB';
  SET maintenance_work_mem = '256MB'; SET plan_cache_mode = force_custom_plan`;

/** Indexes that no constraint needs: sorting all rows at the end is faster than finding the place of each. */
const INDEXES = `SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS sql
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
  WHERE relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`;

/** Largest first, so that the connections end together. */
const TABLES = `SELECT 'vacuum of ' || relname AS name, format('VACUUM ANALYZE %I', relname) AS sql FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY pg_relation_size(oid) DESC`;

interface Job {
  readonly name: string;
  readonly sql: string;
  readonly values?: readonly number[];
}

/** Called after each step, with the number of those done and of all. */
type Tell = (step: string, done: number, total: number) => void;

/** Runs the jobs in their order, as many at once as there are connections. */
async function run(clients: readonly pg.Client[], jobs: Job[], tell: (step: string) => void): Promise<void> {
  const work = async (client: pg.Client): Promise<void> => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      await client.query(job.sql, [...(job.values ?? [])]);
      tell(job.name);
    }
  };
  await Promise.all(clients.map(work));
}

/** A step for all statements, chunk by chunk. */
function chunks([name, sql]: [string, string], statements: number): Job[] {
  return Array.from({ length: Math.ceil(statements / CHUNK) }, (_, i) => {
    const last = Math.min((i + 1) * CHUNK, statements);
    return { name: `${name} to ${last}`, sql, values: [i * CHUNK + 1, last] };
  });
}

/** Makes the record; tells each step as it is done. */
export async function generate(url: string, statements: number, tellAll: Tell): Promise<void> {
  await migrate(url);
  const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client({ connectionString: url }));
  const [first] = clients as [pg.Client];
  try {
    for (const client of clients) await client.connect();
    const { rows } = await first.query<{ count: string }>('SELECT count(*) FROM statement');
    if (rows[0]?.count !== '0') throw new Error('the database has statements already; give an empty one');
    for (const client of clients) await client.query(LOADING);
    const indexes = (await first.query<Job>(INDEXES)).rows;
    await first.query(indexes.map(({ name }) => `DROP INDEX ${name}`).join(';'));
    for (const sql of THINGS) await first.query(sql);
    const steps = statementsSql(statements).map((step) => chunks(step, statements));
    const tableCount = (await first.query(TABLES)).rowCount ?? 0;
    const total = [...steps, indexes].reduce((sum, jobs) => sum + jobs.length, tableCount);
    let done = 0;
    const tell = (step: string): void => tellAll(step, ++done, total);
    for (const jobs of steps) await run(clients, jobs, tell);
    await first.query(END);
    await run(clients, indexes, tell);
    const tables = (await first.query<Job>(TABLES)).rows; // the largest first
    await run(clients, tables, tell);
  } finally {
    for (const client of clients) await client.end();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [url, count] = process.argv.slice(2);
  if (!url) throw new Error('usage: npm run bench:generate -- DATABASE_URL [STATEMENTS]');
  const progress = new Progress(process.stderr);
  await generate(url, Number(count ?? STATEMENTS_DEFAULT), (step, done, total) => {
    progress.at({ what: 'Generating', unit: 'steps', done, total });
    if (!process.stderr.isTTY)
      console.log(`${(performance.now() / 1_000).toFixed(1).padStart(6)} s  ${step}`);
  }).finally(() => progress.end());
}
