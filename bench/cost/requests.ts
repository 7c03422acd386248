import { WebSocket } from 'ws';
import { median } from '../measure.ts';
import type { Meter } from './meter.ts';

/** Points a minute: so few that what comes back while a request is measured is little beside what it takes. */
export const REQUESTS_BUDGET = 600_000;
const RUNS = 15;
const TRIVIAL = '/graphql?query={__typename}';

interface RequestKind {
  readonly name: string;
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

/** Points that an address has left. */
async function left(origin: string, headers: Record<string, string>): Promise<number> {
  const response = await fetch(origin + TRIVIAL, { headers });
  await response.arrayBuffer();
  return Number(/r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1]);
}

/** What requests cost that bring no data: µs of CPU and points of each. The service must trust one proxy. */
export async function measureRequests(origin: string, meter: Meter) {
  const measured = [];
  const trivial = REQUESTS_BUDGET - (await left(origin, { 'x-forwarded-for': '203.0.113.255' }));
  for (const [i, kind] of KINDS.entries()) {
    const warm = { 'x-forwarded-for': `198.51.100.${i}` };
    for (let run = 0; run < RUNS; run += 1) await kind.send(origin, warm, run - RUNS);
    const headers = { 'x-forwarded-for': `203.0.113.${i}` };
    const startMs = performance.now();
    const sqlBefore = (await meter.read()).sql;
    const service: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const beganMs = await meter.serviceMs();
      await kind.send(origin, headers, run);
      service.push((await meter.serviceMs()) - beganMs);
    }
    const sql = (await meter.read()).sql - sqlBefore;
    const points = REQUESTS_BUDGET - (await left(origin, headers)) - trivial;
    const refilled = ((performance.now() - startMs) / 60_000) * REQUESTS_BUDGET;
    measured.push({
      name: kind.name,
      service: median(service) * 1_000,
      sql: (sql * 1_000) / RUNS,
      bytes: 0,
      points: Math.round((points + refilled) / RUNS),
      fault: null,
    });
  }
  return measured;
}
