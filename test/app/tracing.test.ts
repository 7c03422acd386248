import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startTracing } from '../../src/observe/openTelemetry.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ADDED, TestSocket } from '../support/follow.ts';
import { bearer, startTestService, type TestService } from '../support/service.ts';
import { ServiceProcess } from '../support/serviceProcess.ts';
import { eventOf, until } from '../support/until.ts';
import { makeWorld, record } from '../support/world.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

/** A span as a collector gets it. */
interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

/** Receives OTLP over HTTP, as a collector does. */
class Collector {
  readonly spans: CollectedSpan[] = [];
  readonly texts: string[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      this.texts.push(text);
      const { resourceSpans } = JSON.parse(text);
      for (const { scopeSpans } of resourceSpans) {
        for (const { spans } of scopeSpans) this.spans.push(...spans);
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await eventOf(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** The span with this name, as soon as it has come. */
  span(name: string, of: (span: CollectedSpan) => boolean = () => true): Promise<CollectedSpan> {
    return until(
      () => `the span ${name}; there are ${this.spans.map((span) => span.name)}`,
      () => this.spans.find((span) => span.name === name && of(span)),
    );
  }
}

const attributesOf = ({ attributes }: CollectedSpan): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

describe('a service with a collector', () => {
  const collector = new Collector();
  let test: TestDatabase;
  let service: TestService;

  beforeAll(async () => {
    test = await createTestDatabase({ seeded: false });
    await makeWorld(test.db.prisma);
    const endpoint = await collector.listen();
    const tracing = startTracing({ endpoint, serviceName: 'readout', version: '1', ratio: 1 });
    service = await startTestService(test.url, {}, { tracing });
  });
  afterAll(async () => {
    await service.stop();
    collector.stop();
    await test.drop();
  });

  it('traces an operation from its request to its SQL, in the trace of its client', async () => {
    await service.ask(
      'query Named { actors(first: 1) { nodes { slug } } }',
      {},
      { traceparent: `00-${TRACE}-${PARENT}-01`, 'x-request-id': 'order-7' },
    );
    const request = await collector.span('HTTP operation', ({ traceId }) => traceId === TRACE);
    const operation = await collector.span('query Named');
    const sql = await collector.span('SQL SELECT', ({ traceId }) => traceId === TRACE);
    expect(request.parentSpanId).toBe(PARENT);
    expect(operation).toMatchObject({ traceId: TRACE, parentSpanId: request.spanId });
    expect(sql.parentSpanId).toBe(operation.spanId);
    expect(attributesOf(request)).toMatchObject({
      'readout.request_id': 'order-7',
      'graphql.operation.name': 'Named',
      'graphql.operation.type': 'query',
      'readout.outcome': 'ok',
    });
    expect(attributesOf(sql)['db.query.text']).toContain('actor');
  });

  it('traces a write, whose text has no values, and a header that is none begins a trace', async () => {
    const recorder = await bearer(test.db, 'recorder', 'of-traces');
    const mutation = `mutation Save($input: SaveTopicInput!) { saveTopic(input: $input) { topic { slug } } }`;
    const input = { slug: 'secret-topic', name: 'A name that no trace has' };
    await service.ask(mutation, { input }, { ...recorder, traceparent: 'not one' });
    const operation = await collector.span('mutation Save');
    expect(operation.traceId).not.toBe(TRACE);
    await collector.span('SQL transaction', ({ traceId }) => traceId === operation.traceId);
    const sent = collector.texts.join();
    expect(sent).not.toContain('A name that no trace has');
    expect(sent).not.toContain(recorder.authorization.slice('Bearer '.length));
  });

  it('traces an import to its SQL, and an export, with their rows', async () => {
    const recorder = await bearer(test.db, 'recorder', 'of-imports');
    const traceparent = (trace: string) => ({ traceparent: `00-${trace}-${PARENT}-01` });
    const [ofImport, ofExport] = ['1', '2'].map((digit) => digit.repeat(32)) as [string, string];
    const body = JSON.stringify({ actor: { slug: 'traced', name: 'Traced', kind: 'PERSON' } });
    const headers = { ...recorder, ...traceparent(ofImport) };
    await (await fetch(`${service.origin}/import`, { method: 'POST', body, headers })).text();
    await (await fetch(`${service.origin}/export.csv`, { headers: traceparent(ofExport) })).text();
    const imported = await collector.span('HTTP operation', ({ traceId }) => traceId === ofImport);
    const sql = await collector.span('SQL transaction', ({ traceId }) => traceId === ofImport);
    expect(sql.parentSpanId).toBe(imported.spanId);
    expect(attributesOf(imported)).toMatchObject({
      'graphql.operation.name': '/import',
      'graphql.operation.type': 'import',
      'readout.outcome': 'ok',
      'readout.rows': 1,
    });
    const exported = await collector.span('HTTP operation', ({ traceId }) => traceId === ofExport);
    expect(attributesOf(exported)).toMatchObject({ 'graphql.operation.name': '/export.csv' });
    expect(attributesOf(exported)['readout.rows']).toBeTypeOf('number');
  });

  it('traces a change to its deliveries', async () => {
    const socket = new TestSocket(service.origin);
    const received = socket.follow({ query: ADDED, variables: { after: '0' } });
    await until('a feed', () => service.hub.counts.feeds === 1);
    const { position } = await record(test.db);
    await received.reached(position);
    const change = await collector.span('change');
    expect(attributesOf(change)).toMatchObject({ 'readout.position': String(position) });
    const delivery = await collector.span('delivery');
    expect(delivery).toMatchObject({ traceId: change.traceId, parentSpanId: change.spanId });
    expect(Number(attributesOf(delivery)['readout.deliveries'])).toBe(1);
    expect(attributesOf(await collector.span('WebSocket operation'))).toMatchObject({
      'graphql.operation.type': 'subscription',
    });
    await socket.close();
  });

  it('sends the last spans when it stops', async () => {
    const other = new Collector();
    const endpoint = await other.listen();
    const tracing = startTracing({ endpoint, serviceName: 'readout', version: '1', ratio: 1 });
    tracing.begin('last', 'internal').end('UNAVAILABLE');
    await tracing.stop();
    other.stop();
    expect(other.spans).toMatchObject([{ name: 'last', status: { code: 2, message: 'UNAVAILABLE' } }]);
  });
});

describe('a process', () => {
  /** The packages for traces that the built service has loaded, until it finds that there is no PostgreSQL. */
  async function loadedBy(settings: Record<string, string>): Promise<string[]> {
    const directory = await mkdtemp(join(tmpdir(), 'readout-loaded-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const service = new ServiceProcess({
      DATABASE_URL: 'postgresql://127.0.0.1:1/none',
      NODE_V8_COVERAGE: directory,
      ...settings,
    });
    expect(await service.exited()).toEqual([1, null]);
    const [file = ''] = await readdir(directory); // the engine writes down every script that was loaded
    const scripts = await readFile(join(directory, file), 'utf8');
    expect(scripts).toContain('dist/app.js');
    const names = [...scripts.matchAll(/"url":"[^"]*node_modules\/(@opentelemetry\/[\w-]+|prom-client)\//g)];
    return [...new Set(names.map(([, name]) => name as string))].sort();
  }

  it('without a collector loads nothing for traces, and without a scraper nothing for metrics', async () => {
    expect(await loadedBy({})).toEqual([]);
  });

  it('with a collector loads what it needs', async () => {
    const loaded = await loadedBy({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    expect(loaded).toEqual(expect.arrayContaining(['@opentelemetry/api', '@opentelemetry/sdk-trace']));
  });
});
