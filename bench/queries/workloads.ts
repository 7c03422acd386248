/** A workload: what clients send, request by request, and the one statement of SQL that gives as much. */
export interface Workload {
  readonly name: string;
  readonly query: string;
  /** Variables of request number `i` in a record of `statements` statements. */
  variables(i: number, statements: number): Record<string, unknown>;
  /** SQL for the same data as JSON; its parameters are the variables, in order. */
  readonly sql: string;
}

const STARTS = ['2025-02-01', '2025-03-15', '2025-05-01', '2025-06-20', '2025-08-01', '2025-09-10'] as const;
const DAY_MS = 86_400_000;
const RANGE_DAYS = 90;

const later = (day: string): string =>
  new Date(Date.parse(day) + RANGE_DAYS * DAY_MS).toISOString().slice(0, 10);

const speakers = (id: string): string =>
  `(SELECT json_agg(json_build_object('name', a.name, 'slug', a.slug) ORDER BY x.ordinal)
    FROM statement_speaker x JOIN actor a ON a.id = x.actor_id WHERE x.statement_id = ${id})`;
const topics = (id: string): string =>
  `(SELECT json_agg(json_build_object('topic', json_build_object('name', t.name, 'slug', t.slug)) ORDER BY x.ordinal)
    FROM statement_topic x JOIN topic t ON t.id = x.topic_id WHERE x.statement_id = ${id})`;
const source = (id: string): string =>
  `(SELECT json_build_object('title', o.title, 'url', o.url) FROM source o WHERE o.id = ${id})`;

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'Q1 feed',
    query: `query Q1 { statements(first: 20) { edges { cursor node { id text said { edtf } act speakers { name slug }
      topics { topic { name slug } } source { title url } } } pageInfo { hasNextPage endCursor } } }`,
    variables: () => ({}),
    sql: `SELECT json_build_object('statements', json_build_object('edges', json_agg(json_build_object('cursor', s.id, 'node',
        json_build_object('id', s.id, 'text', s.text, 'said', s.said_edtf, 'act', s.act, 'speakers', ${speakers('s.id')},
          'topics', ${topics('s.id')}, 'source', ${source('s.source_id')})) ORDER BY s.said_earliest DESC, s.id DESC)))::text AS data
      FROM (SELECT * FROM statement WHERE status = 'CURRENT' ORDER BY said_earliest DESC, id DESC LIMIT 21) s`,
  },
  {
    name: 'Q2 topic and dates',
    query: `query Q2($topic: String!, $from: Date!, $to: Date!) {
      statements(first: 20, filter: { topics: [$topic], saidFrom: $from, saidTo: $to, includeSubtopics: false }) {
        totalCount edges { node { id text said { edtf } speakers { name slug } source { title } } }
        pageInfo { hasNextPage endCursor } } }`,
    variables: (i) => {
      const from = STARTS[i % STARTS.length] as string;
      return { topic: `topic-${1 + ((i * 37) % 100)}`, from, to: later(from) };
    },
    sql: `WITH m AS MATERIALIZED (SELECT s.* FROM topic t JOIN statement_topic x ON x.topic_id = t.id
          JOIN statement s ON s.id = x.statement_id
        WHERE t.slug = $1 AND s.said_latest >= $2::date AND s.said_earliest <= $3::date AND s.status = 'CURRENT')
      SELECT json_build_object('statements', json_build_object('totalCount', (SELECT count(*) FROM m), 'edges',
        json_agg(json_build_object('node', json_build_object('id', p.id, 'text', p.text, 'said', p.said_edtf,
          'speakers', ${speakers('p.id')}, 'source', ${source('p.source_id')})) ORDER BY p.said_earliest DESC, p.id DESC)))::text AS data
      FROM (SELECT * FROM m ORDER BY said_earliest DESC, id DESC LIMIT 21) p`,
  },
  {
    name: 'Q3 nested',
    query: `query Q3($slug: String!) { actor(slug: $slug) { name statements(first: 10) { nodes { id text said { edtf }
      topics { topic { name slug statements(first: 3, filter: { includeSubtopics: false }) {
        nodes { id text said { edtf } speakers { name slug } } } } } } } } }`,
    variables: (i) => ({ slug: `actor-${1 + ((i * 389) % 1_000)}` }),
    sql: `SELECT json_build_object('actor', (SELECT json_build_object('name', a0.name, 'statements', (
        SELECT json_agg(json_build_object('id', s.id, 'text', s.text, 'said', s.said_edtf, 'topics', (
          SELECT json_agg(json_build_object('name', t.name, 'slug', t.slug, 'statements', (
            SELECT json_agg(json_build_object('id', n.id, 'text', n.text, 'said', n.said_edtf, 'speakers', ${speakers('n.id')})
              ORDER BY n.said_earliest DESC, n.id DESC)
            FROM (SELECT y.* FROM statement_topic x JOIN statement y ON y.id = x.statement_id AND y.status = 'CURRENT'
              WHERE x.topic_id = t.id ORDER BY y.said_earliest DESC, y.id DESC LIMIT 3) n)))
          FROM statement_topic x JOIN topic t ON t.id = x.topic_id WHERE x.statement_id = s.id))
          ORDER BY s.said_earliest DESC, s.id DESC)
        FROM (SELECT y.* FROM statement_speaker x JOIN statement y ON y.id = x.statement_id AND y.status = 'CURRENT'
          WHERE x.actor_id = a0.id ORDER BY y.said_earliest DESC, y.id DESC LIMIT 10) s))
      FROM actor a0 WHERE a0.slug = $1))::text AS data`,
  },
  {
    name: 'Q4 one statement',
    query: `query Q4($slug: String!) { statement(slug: $slug) { id text said { edtf } act speakers { id name slug kind }
      topics { topic { id name slug } } source { id title url } } }`,
    variables: (i, statements) => ({ slug: `statement-${1 + ((i * 7_919) % statements)}` }),
    sql: `SELECT json_build_object('statement', (SELECT json_build_object('id', s.id, 'text', s.text, 'said', s.said_edtf, 'act', s.act,
        'speakers', ${speakers('s.id')}, 'topics', ${topics('s.id')}, 'source', ${source('s.source_id')})
      FROM statement s WHERE s.slug = $1))::text AS data`,
  },
];

/** Operations of the mix, of which the k-th is asked for 1/k times as often as the first (Zipf). */
export const MIX_OPERATIONS = 1_000;
const weights = Array.from({ length: MIX_OPERATIONS }, (_, k) => 1 / (k + 1));
const weight = weights.reduce((sum, one) => sum + one, 0);

/** The operation of the mix at a place from 0 to below 1: the feed first, then the others in turn. */
export function ofMix(place: number): { workload: number; i: number } {
  let rest = place * weight;
  const k = weights.findIndex((one) => {
    rest -= one;
    return rest < 0;
  });
  return k <= 0 ? { workload: 0, i: 0 } : { workload: 1 + (k % (WORKLOADS.length - 1)), i: k };
}
