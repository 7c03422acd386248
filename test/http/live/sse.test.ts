import { connect as connectTcp } from 'node:net';
import { createClient } from 'graphql-sse';
import { afterEach, describe, expect, it } from 'vitest';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import type { TestDatabase } from '../../support/database.ts';
import { ADDED, type Delivered, type Operation, TestStream } from '../../support/follow.ts';
import { bearer, delivered, startTestService, type TestService } from '../../support/service.ts';
import { eventOf, until } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';
import { record, statementInput } from '../../support/world.ts';

let test: TestDatabase;
let service: TestService;
const streams: TestStream[] = [];

useService('world', (used) => {
  ({ test, service } = used);
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.stop();
});

function open(operation: Operation, options: ConstructorParameters<typeof TestStream>[2] = {}): TestStream {
  const stream = new TestStream(service.origin, operation, options);
  streams.push(stream);
  return stream;
}

let serial = 0;
function write(fields: Record<string, unknown> = {}) {
  serial += 1;
  return record(test.db, { text: `Event ${serial}.`, ...fields });
}

describe('the plain stream', () => {
  it('has the cursor as the id of each event, says how long to wait, and is not to be cached or buffered', async () => {
    await write();
    const stream = open({ query: ADDED, variables: { after: '0' } });
    await stream.received.count(1);
    const { statusCode, headers } = await stream.response;
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(stream.text).toMatch(/^retry: \d+\n\nid: \S+\ndata: \{"data"/);
    expect(stream.lastId).toBe(stream.received.changes[0]?.cursor);
  });

  it('goes on after Last-Event-ID, whatever `after` its address has', async () => {
    const { position } = await write();
    const operation = { query: ADDED, variables: { after: '0' } };
    const first = open(operation);
    await first.received.reached(position);
    first.stop();
    const next = await write({ slug: 'while-away' });
    const second = open(operation, { headers: { 'last-event-id': first.lastId as string } });
    await second.received.reached(next.position);
    expect(second.received.slugs).toEqual(['while-away']);
    expect(second.received.hasUnbrokenChain(first.lastId)).toBe(true);
  });

  it.each([
    ['a query', '{ record { position } }', 400, 'INVALID_INPUT'],
    [
      'a mutation',
      'mutation { retractStatement(input: {id: "x", reason: "y"}) { position } }',
      400,
      'INVALID_INPUT',
    ],
    ['a syntax error', 'subscription {', 400, 'GRAPHQL_PARSE_FAILED'],
    ['nothing', '', 400, 'INVALID_INPUT'],
    [
      'a cursor of another history',
      'subscription { statementAdded(after: "elsewhere.1") { cursor } }',
      410,
      'RESYNC',
    ],
  ])('refuses %s with a status at which an EventSource gives up', async (_, query, status, code) => {
    const response = await fetch(`${service.origin}/live?${new URLSearchParams({ query })}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  it('is what is read with a plain connection', async () => {
    const tcp = connectTcp(service.http.port, '127.0.0.1');
    const query = new URLSearchParams({ query: 'subscription { statementAdded { statement { slug } } }' });
    tcp.write(`GET /live?${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    let text = '';
    tcp.on('data', (chunk) => {
      text += chunk;
    });
    await until('a reader', () => service.hub.counts.readers > 0);
    await write({ slug: 'on-the-wire' });
    while (!text.includes('on-the-wire')) await eventOf(tcp, 'data');
    expect(text).toContain('data: {"data":{"statementAdded":{"statement":{"slug":"on-the-wire"}}}}');
    tcp.destroy();
    await until('the end of all readers', () => service.hub.counts.readers === 0);
  });
});

describe('GraphQL over SSE', () => {
  it('is spoken with the client that people use, in its distinct connections', async () => {
    const client = createClient({ url: `${service.origin}/graphql`, retryAttempts: 0 });
    const { position } = await write({ slug: 'for-the-client' });
    const after = String(position - 1n);
    const results = client.iterate<Record<string, Delivered>>({ query: ADDED, variables: { after } });
    const { value } = await results.next();
    expect(value?.data?.statementAdded?.statement.slug).toBe('for-the-client');
    await results.return?.();
    const query = client.iterate({ query: '{ record { position } }' });
    const wanted = { data: { record: { position: String(position) } } };
    expect((await query.next()).value).toMatchObject(wanted);
    client.dispose();
  });

  it('lets the client connect again by itself when the service stops, and go on after the last cursor', async () => {
    const own = await startTestService(test.url);
    let url = own.origin;
    const received: Delivered[] = [];
    const client = createClient({
      url: () => `${url}/graphql`,
      headers: () => ({ 'last-event-id': received.at(-1)?.cursor ?? '' }),
      retryAttempts: 20,
      retry: async () => undefined,
    });
    const results = client.iterate<Record<string, Delivered>>({ query: ADDED });
    const next = async (): Promise<void> => {
      received.push((await results.next()).value?.data?.statementAdded as Delivered);
    };
    const first = next();
    await until('a reader', () => own.hub.counts.readers > 0);
    await write();
    await first;
    url = service.origin;
    await own.stop();
    await write({ slug: 'after-the-stop' });
    await next();
    expect(received[1]).toMatchObject({
      previous: received[0]?.cursor,
      statement: { slug: 'after-the-stop' },
    });
    await results.return?.();
    client.dispose();
  });

  it('runs a mutation that is posted', async () => {
    const headers = await bearer(test.db, 'recorder', 'by-events');
    const query = 'mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { created } }';
    const stream = open(
      { query, variables: { input: statementInput({ text: 'Posted.' }) } },
      { plain: false, headers },
    );
    expect(await stream.received.ended()).toEqual({ type: 'complete' });
    expect(stream.text).toContain('"created":true');
  });
});

describe('a stream that is not read', () => {
  it('is ended when it falls too far behind, and its reader can resume', async () => {
    const query =
      'subscription { statementAdded { cursor statement { a: quote b: quote c: quote d: quote e: quote f: quote g: quote h: quote } } }';
    const tcp = connectTcp(service.http.port, '127.0.0.1');
    tcp.write(`GET /live?${new URLSearchParams({ query })} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await eventOf(tcp, 'data');
    let text = '';
    tcp.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    tcp.pause();
    await until('a reader', () => service.hub.counts.readers > 0);
    let written = 0;
    while (service.hub.counts.readers > 0 && written < 6_000) {
      const inputs = Array.from({ length: 200 }, (_, i) =>
        statementInput({ text: `Wide ${serial} ${written + i}.`, quote: 'w'.repeat(2_000) }),
      );
      const recorded = await recordStatements(test.db.prisma, inputs, 'test');
      written += recorded.length;
      await delivered(service, recorded.at(-1)?.position as bigint);
    }
    expect(service.hub.counts.readers).toBe(0);
    tcp.resume();
    while (!text.includes('SLOW_READER')) await eventOf(tcp, 'data');
    const cursor = /"code":"SLOW_READER","cursor":"([^"]+)"/.exec(text)?.[1];
    const resumed = open({ query: ADDED, variables: { after: cursor } });
    await resumed.received.reached(service.tailer.head.position);
    expect(resumed.received.hasUnbrokenChain(cursor)).toBe(true);
    tcp.destroy();
  });
});

describe('a service that stops', () => {
  it('delivers what is committed, ends the stream and refuses new ones', async () => {
    const own = await startTestService(test.url);
    const stream = new TestStream(own.origin, { query: ADDED });
    await until('a reader', () => own.hub.counts.readers > 0);
    const { position } = await write();
    const stopping = own.stop();
    const late = await fetch(`${own.origin}/live?${new URLSearchParams({ query: ADDED })}`).catch(() => null);
    expect(late?.status ?? 503).toBe(503);
    expect(await stream.received.ended()).toMatchObject({ type: 'closed', reason: 'end' });
    expect(stream.received.positions).toEqual([Number(position)]);
    await stopping;
  });
});
