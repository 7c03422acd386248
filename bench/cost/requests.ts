import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { median } from '../measure.ts';
import type { Meter } from './meter.ts';
import { TRANSFERS } from './transfers.ts';

/** Requests of a kind that are measured together, and how often. */
const RUNS = 40;
const ROUNDS = 3;
/** Operations of one socket. */
const OPERATIONS = 50;
/** Attempts to read the metrics of a service that is starting. */
const SCRAPES_MAX = 50;
const TRIVIAL = '/graphql?query={__typename}';

/** Something that clients send. */
export interface RequestKind {
  readonly name: string;
  /** How often it is measured together. Default: `RUNS`. */
  readonly runs?: number;
  send(origin: string, headers: Record<string, string>, run: number): Promise<void>;
}

const get = (name: string, path: string, accept = '*/*'): RequestKind => ({
  name,
  send: async (origin, headers) =>
    void (await (await fetch(origin + path, { headers: { ...headers, accept } })).arrayBuffer()),
});
const post = (
  name: string,
  bodyOf: (run: number) => string,
  headersOf: (run: number) => Record<string, string> = () => ({}),
): RequestKind => ({
  name,
  send: async (origin, headers, run) => {
    const all = { 'content-type': 'application/json', ...headers, ...headersOf(run) };
    const response = await fetch(`${origin}/graphql`, { method: 'POST', headers: all, body: bodyOf(run) });
    await response.arrayBuffer();
  },
});
const query = (text: string): string => JSON.stringify({ query: text });

const many = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** Bytes as they are, on a connection of their own. */
const raw = (name: string, text: string): RequestKind => ({
  name,
  send: (origin) =>
    new Promise((resolve) => {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(text));
      socket.on('error', () => undefined); // the service may end it
      socket.on('data', () => socket.destroy()).on('close', () => resolve());
    }),
});
const POST_IN_CHUNKS =
  'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';

const inChunks = (count: number): string => '1\r\n \r\n'.repeat(count);

/** Operations on a socket of their own, until each has ended. */
const operations = (name: string, queryOf: (i: number, run: number) => string): RequestKind => ({
  name: `${OPERATIONS} operations on a WebSocket: ${name}`,
  send: (origin, headers, run) =>
    new Promise((resolve, reject) => {
      const url = `${origin.replace('http', 'ws')}/graphql`;
      const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
      let ended = 0;
      socket.on('error', reject).on('close', () => resolve());
      socket.on('open', () => socket.send('{"type":"connection_init"}'));
      socket.on('message', (data) => {
        const { type } = JSON.parse(String(data)) as { type: string };
        if (type === 'complete' || type === 'error') ended += 1;
        if (ended === OPERATIONS) socket.terminate();
        if (type !== 'connection_ack') return;
        for (let i = 0; i < OPERATIONS; i += 1) {
          const payload = { query: queryOf(i, run) };
          socket.send(JSON.stringify({ id: String(i), type: 'subscribe', payload }));
        }
      });
    }),
});

/** A document with this many fields that has not been sent before. */
const document = (fields: number, run: number): string =>
  `{ x${run}: record { ${Array.from({ length: fields }, (_, i) => `a${i % 15}_${i}: position`).join(' ')} } }`;

/** What is asked without an answer from the record. */
const KINDS: readonly RequestKind[] = [
  get('GET of a query', TRIVIAL),
  get('what is not there', '/nothing'),
  get('the reader page', '/', 'text/html'),
  get('GraphiQL', '/graphql', 'text/html'),
  get('the schema', '/schema.graphql'),
  get('an event stream of nothing', '/live?query=nothing'),
  post('no JSON', () => '[[['),
  post('10 kB of brackets', () => '['.repeat(5_000) + ']'.repeat(5_000)),
  post('60 kB of variables', () =>
    JSON.stringify({
      query: '{ __typename }',
      variables: { a: Array.from({ length: 10_000 }, (_, i) => i) },
    }),
  ),
  post('a syntax error', (run) => query(`{ a${run} {{{`)),
  post('an invalid document', (run) => query(`{ nothing${run} }`)),
  post('a document of 90 fields, each time another', (run) => query(document(90, run))),
  post('20 names that are misspelt', (run) => query(`{ ${many(20, (i) => `statemnts${run}_${i}`)} }`)),
  post('20 unknown types', (run) =>
    query(`query (${many(20, (i) => `$a${i}_${run}: Statemnt`)}) { __typename }`),
  ),
  post('a fragment, 900 times', (run) =>
    query(`{ record { ${many(900, () => '...F')} } } fragment F on Record { b${run}: position }`),
  ),
  post('200 variables that are not used', (run) =>
    query(`query (${many(200, (i) => `$a${i}_${run}: Int`)}) { __typename }`),
  ),
  post('900 values of a wrong type', (run) =>
    JSON.stringify({
      query: 'query ($f: StatementFilter) { statements(filter: $f) { nodes { id } } }',
      variables: { f: { speakers: Array.from({ length: 900 }, (_, i) => ({ run, i })) } },
    }),
  ),
  post('60 kB that are no JSON', () => `{"a":"${'x'.repeat(60_000)}`),
  post('no query', () => '{}'),
  post('a document by an unknown id', (run) => JSON.stringify({ documentId: `x${run}` })),
  post('60 kB of lines', (run) => query(`${'\n'.repeat(60_000)}{ nothing${run} }`)),
  post('types of types', (run) =>
    query(`{ a${run}: __schema { types { fields { type { name fields { name } } } } } }`),
  ),
  post('a mutation without a token', (run) =>
    query(`mutation { saveTopic(input: { slug: "topic-${run}", name: "x" }) { position } }`),
  ),
  raw('450 chunks of one byte', `${POST_IN_CHUNKS}${inChunks(450)}2\r\n{}\r\n0\r\n\r\n`),
  raw('20,000 chunks of one byte', POST_IN_CHUNKS + inChunks(20_000)),
  raw('chunks that no route reads', POST_IN_CHUNKS.replace('/graphql', '/nothing') + inChunks(20_000)),
  operations('the same query', () => '{ record { position } }'),
  operations('invalid documents', (i, run) => `{ nothing${i}_${run} }`),
  operations('other documents', (i, run) => `{ a${i}_${run}: __typename }`),
  post(
    'an unknown token',
    () => query('{ __typename }'),
    (run) => ({ authorization: `Bearer unknown-${run}-${Math.random()}` }),
  ),
  {
    name: 'a WebSocket',
    send: async (origin, headers) => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        headers,
      });
      await new Promise((resolve, reject) => {
        socket.once('open', () => socket.send('{"type":"connection_init"}'));
        socket.once('message', resolve);
        socket.once('error', reject);
      });
      socket.terminate();
    },
  },
];

/** Points that the service has taken so far. */
async function pointsTaken(metricsPort: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const points = (decision: string): number =>
        Number(
          new RegExp(`^readout_cost_points_total\\{decision="${decision}".*\\} (\\S+)`, 'm').exec(text)?.[1],
        );
      return points('admitted') - points('returned');
    } catch (error) {
      if (attempt === SCRAPES_MAX) throw error;
      await sleep(100);
    }
  }
}

/**
 * What requests cost that bring no data, imports and exports: µs of CPU and points of each. The service must trust one proxy, and know `RECORDER_TOKEN`.
 * @param only of the names to run.
 */
export async function measureRequests(origin: string, meter: Meter, metricsPort: number, only: RegExp) {
  const kinds = [...KINDS, ...TRANSFERS].filter(({ name }) => only.test(name));
  const found = kinds.map(() => ({ service: [] as number[], sql: [] as number[], points: 0 }));
  let run = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [i, kind] of kinds.entries()) {
      const headers = { 'x-forwarded-for': `203.0.113.${i}` };
      const pointsBefore = await pointsTaken(metricsPort);
      const before = await meter.read();
      const { runs = RUNS } = kind;
      for (let times = 0; times < runs; times += 1) {
        run += 1;
        await kind.send(origin, headers, run);
      }
      const after = await meter.read();
      if (round === 0) continue; // until the code is compiled
      found[i]?.service.push(((after.service - before.service) * 1_000) / runs);
      found[i]?.sql.push(((after.sql - before.sql) * 1_000) / runs);
      Object.assign(found[i] as object, {
        points: ((await pointsTaken(metricsPort)) - pointsBefore) / runs,
      });
    }
  }
  return found.map(({ service, sql, points }, i) => ({
    ...{ name: kinds[i]?.name ?? '', service: median(service), sql: median(sql), points: Math.round(points) },
    ...{ bytes: 0, fault: null },
  }));
}
