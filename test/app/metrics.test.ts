import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serveMetrics } from '../../src/app.ts';
import { parseConfig } from '../../src/config/config.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ADDED, TestSocket, TestStream } from '../support/follow.ts';
import { parseMetrics, type Scraped, sumOf } from '../support/metrics.ts';
import { faultsOf } from '../support/promql.ts';
import { bearer, startTestService, type TestService } from '../support/service.ts';
import { eventOf, until } from '../support/until.ts';
import { makeWorld, record } from '../support/world.ts';

const TOKEN = 'a-token-of-the-scraper';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
}

let test: TestDatabase;
let service: TestService;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  service = await startTestService(test.url, { METRICS_TOKEN: TOKEN });
});
afterAll(async () => {
  await service.stop();
  await test.drop();
});

const scrape = async (): Promise<Scraped[]> => parseMetrics(await service.scrape());
const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${service.origin}/metrics`, { headers, method });

describe('/metrics on the port of the service', () => {
  it('answers the scraper with the token, in the format of Prometheus', async () => {
    const answer = await get({ authorization: `Bearer ${TOKEN}` });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parseMetrics(await answer.text()).length).toBeGreaterThan(100);
  });

  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer another-token-of-a-scraper' }],
  ])('is refused with %s', async (_, headers) => {
    const answer = await get(headers);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('is refused for a recorder, for a page, and for a method that writes', async () => {
    expect((await get(await bearer(test.db, 'recorder'))).status).toBe(401);
    const authorization = `Bearer ${TOKEN}`;
    expect((await get({ authorization, origin: 'https://example.org' })).status).toBe(403);
    expect((await get({ authorization }, 'POST')).status).toBe(405);
  });
});

describe('/metrics at an address of its own', () => {
  it('answers without a token, and the operator reads where', async () => {
    const notices: string[] = [];
    const config = parseConfig({ METRICS_PORT: '0' });
    const options = {
      config,
      notice: (message: string) => void notices.push(message),
      report: () => undefined,
    };
    const server = await serveMetrics(options, service.scrape);
    const answer = await fetch(`${server?.origin}/metrics`);
    expect(sumOf(parseMetrics(await answer.text()), 'readout_postgres_up')).toBe(1);
    expect((await fetch(`${server?.origin}/graphql`)).status).toBe(404);
    const { port } = new URL(server?.origin ?? '');
    const page = await fetch(`${server?.origin}/metrics`, { headers: { 'sec-fetch-site': 'same-origin' } });
    expect(page.status).toBe(403);
    expect(notices).toEqual([`Metrics are at http://127.0.0.1:${port}/metrics.`]);
    const taken = { ...options, config: parseConfig({ METRICS_PORT: port }) };
    await expect(serveMetrics(taken, service.scrape)).rejects.toThrow('set METRICS_PORT to another port');
    await server?.stop();
    await expect(fetch(`${server?.origin}/metrics`)).rejects.toThrow();
  });
});

describe('operations', () => {
  const counted = (samples: readonly Scraped[], labels: Record<string, string>): number =>
    sumOf(samples, 'readout_operations_total', labels) ?? 0;

  it('are counted by name, transport, role, outcome and code, with their durations', async () => {
    const recorder = await bearer(test.db, 'recorder', 'of-metrics');
    const named = 'query Named { record { position } }';
    for (let i = 0; i < 3; i += 1) await service.ask(named);
    await service.ask('query Named { nothing }');
    await service.ask('query Cheap { record { position } }', {}, recorder);
    const save =
      'mutation Save($input: [RecordStatementInput!]!) { recordStatements(input: $input) { clientMutationId } }';
    await service.ask(save, {}, recorder);
    const samples = await scrape();
    const ofNamed = { operation: 'Named', type: 'query', transport: 'http', role: 'anonymous' };
    expect(counted(samples, { ...ofNamed, outcome: 'ok', code: 'none' })).toBe(3);
    expect(sumOf(samples, 'readout_operation_duration_seconds_count', ofNamed)).toBe(3);
    expect(sumOf(samples, 'readout_operation_duration_seconds_bucket', { ...ofNamed, le: '+Inf' })).toBe(3);
    expect(
      counted(samples, { code: 'GRAPHQL_VALIDATION_FAILED', outcome: 'refused' }),
    ).toBeGreaterThanOrEqual(1);
    expect(counted(samples, { operation: 'Cheap', role: 'recorder' })).toBe(1);
  });

  it('count answers from the cache, which have the name of their operation', async () => {
    const before = await scrape();
    for (let i = 0; i < 5; i += 1) await service.ask('query Cached { record { position } }');
    const after = await scrape();
    expect(counted(after, { operation: 'Cached' })).toBe(5);
    const hits = (samples: readonly Scraped[]): number =>
      sumOf(samples, 'readout_cache_hits_total', { cache: 'answers' }) ?? 0;
    expect(hits(after) - hits(before)).toBe(4);
    expect(sumOf(after, 'readout_cache_bytes', { cache: 'answers' })).toBeGreaterThan(0);
  });

  it('take points, and refused points count apart; without a token, /metrics says how to have them', async () => {
    const poor = await startTestService(test.url, { COST_PER_MINUTE: '400', METRICS_PORT: '0' });
    const unserved = await fetch(`${poor.origin}/metrics`);
    expect(unserved.status).toBe(404);
    expect(await unserved.text()).toContain('METRICS_PORT');
    while ((await poor.ask('{ record { position } }')).errors === undefined);
    const samples = parseMetrics(await poor.scrape());
    await poor.stop();
    expect(sumOf(samples, 'readout_cost_points_total', { decision: 'admitted' })).toBeGreaterThan(0);
    expect(sumOf(samples, 'readout_cost_points_total', { decision: 'refused' })).toBeGreaterThan(0);
  });

  it('are imports and exports, too, with their rows', async () => {
    const recorder = await bearer(test.db, 'recorder', 'of-transfers');
    const lines = ['{"actor":{"slug":"imported","name":"Imported","kind":"PERSON"}}', 'nonsense'].join('\n');
    const post = (query = '', headers: Record<string, string> = recorder) =>
      fetch(`${service.origin}/import${query}`, { method: 'POST', body: lines, headers });
    await (await post()).text();
    expect((await post('?format=docx')).status).toBe(400);
    expect((await post('', {})).status).toBe(401);
    const text = await (await fetch(`${service.origin}/export.jsonl`)).text();
    expect((await fetch(`${service.origin}/export.csv?filtr=`)).status).toBe(400);
    const ofImport = { operation: '/import', type: 'import', transport: 'http' };
    const ofExport = { operation: '/export.jsonl', type: 'export', role: 'anonymous', outcome: 'ok' };
    // A client has the end of an export before the service counts it.
    await until('the count of the export', async () => counted(await scrape(), ofExport) === 1);
    const after = await scrape();
    expect(counted(after, { ...ofImport, role: 'recorder', code: 'none' })).toBe(1);
    expect(counted(after, { ...ofImport, outcome: 'refused', code: 'INVALID_INPUT' })).toBe(1);
    expect(counted(after, { ...ofImport, role: 'anonymous', code: 'UNAUTHENTICATED' })).toBe(1);
    expect(counted(after, { operation: '/export.csv', outcome: 'refused' })).toBe(1);
    expect(sumOf(after, 'readout_operation_duration_seconds_count', ofExport)).toBe(1);
    expect(sumOf(after, 'readout_rows_total', ofImport)).toBe(2);
    expect(sumOf(after, 'readout_rows_total', ofExport), 'without the header').toBe(
      text.trim().split('\n').length - 1,
    );
    const gone = request(`${service.origin}/import`, { method: 'POST', headers: recorder });
    gone.on('error', () => undefined);
    gone.flushHeaders();
    await eventOf(gone, 'response');
    gone.destroy();
    await until(
      'the import whose client has gone',
      async () => counted(await scrape(), { ...ofImport, code: 'CLIENT_GONE' }) === 1,
    );
  });

  it('over WebSocket and event streams count with their transport', async () => {
    const socket = new TestSocket(service.origin);
    const stream = new TestStream(service.origin, { query: ADDED });
    const received = socket.follow({ query: ADDED, variables: { after: '0' } });
    await until('two subscriptions', async () => {
      const samples = await scrape();
      const open = (transport: string) => sumOf(samples, 'readout_subscriptions', { transport });
      return open('sse') === 1 && open('websocket') === 1 && sumOf(samples, 'readout_replays') === 0;
    });
    const { position } = await record(test.db);
    await received.reached(position);
    await until('the delivery on the stream', async () => {
      const samples = await scrape();
      return (sumOf(samples, 'readout_deliveries_total', { kind: 'live' }) ?? 0) >= 2;
    });
    const samples = await scrape();
    expect(counted(samples, { type: 'subscription', transport: 'websocket' })).toBe(1);
    expect(counted(samples, { type: 'subscription', transport: 'sse' })).toBe(1);
    expect(sumOf(samples, 'readout_subscriptions_resumed_total')).toBe(1);
    expect(sumOf(samples, 'readout_delivery_delay_seconds_count')).toBeGreaterThan(0);
    expect(sumOf(samples, 'readout_log_position')).toBe(Number(position));
    expect(sumOf(samples, 'readout_log_lag_changes')).toBe(0);
    expect(sumOf(samples, 'readout_log_listening')).toBe(1);
    expect(sumOf(samples, 'readout_postgres_size_bytes')).toBeGreaterThan(1_000_000);
    await socket.close();
    stream.stop();
    await until('the end of both', async () => sumOf(await scrape(), 'readout_subscriptions') === 0);
  });
});

describe('the files for Prometheus and Grafana', () => {
  const read = (name: string): string =>
    readFileSync(new URL(`../../docs/metrics/${name}`, import.meta.url), 'utf8');
  /** What only the first of several processes serves; test/workers.test.ts reads it there. */
  const ofMachine = ['readout_workers', 'readout_worker_ends_total'].map((name) => ({
    name,
    labels: {},
    value: 0,
  }));
  /** What is served once an operation has failed. */
  const failed = { name: 'readout_operations_total', labels: { outcome: 'failed' }, value: 0 };
  const faultsIn = async (queries: readonly string[]): Promise<string[]> => {
    const samples = [...(await scrape()), ...ofMachine, failed];
    return queries.flatMap((query) => faultsOf(query, samples).map((fault) => `${query}: ${fault}`));
  };

  it('have alert rules whose queries name what is served, and which say what to do', async () => {
    const { groups } = parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] };
    const rules = groups.flatMap(({ rules }) => rules);
    expect(rules.length).toBeGreaterThan(8);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect(labels.severity, alert).toMatch(/^(critical|warning|info)$/);
      expect(annotations, alert).toMatchObject({
        summary: expect.any(String),
        description: expect.any(String),
      });
    }
    expect(await faultsIn(rules.map(({ expr }) => expr))).toEqual([]);
  });

  it('have a dashboard whose queries and variables name what is served', async () => {
    const { panels, templating } = JSON.parse(read('dashboard.json')) as Dashboard;
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(30);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const variables = templating.list.flatMap(({ definition }) => definition ?? []);
    const selectors = variables.map((text) => /label_values\((.+), \w+\)/.exec(text)?.[1] ?? text);
    expect(await faultsIn([...queries, ...selectors])).toEqual([]);
  });

  it('are checked for names, labels, values and grammar', () => {
    const samples = [{ name: 'a', labels: { b: 'c' }, value: 1 }];
    expect(faultsOf('sum by (b, job) (rate(a{b="c"}[$__rate_interval]))', samples)).toEqual([]);
    expect(faultsOf('a{b!~"c|d"}', samples)).toEqual([]);
    expect(faultsOf('a{b=~"d|e"}', samples)).toEqual(['no b="d|e" of a']);
    expect(faultsOf('a + x', samples)).toEqual(['no metric x']);
    expect(faultsOf('a{d="c"}', samples)).toEqual(['no label d of a']);
    expect(faultsOf('a{b="e"}', samples)).toEqual(['no b="e" of a']);
    expect(faultsOf('sum by (d) (a)', samples)).toEqual(['no label d']);
    expect(faultsOf('sum(a', samples)[0]).toMatch(/^a syntax error/);
  });
});
