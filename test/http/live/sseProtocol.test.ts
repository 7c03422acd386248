import { afterAll, describe, expect, it } from 'vitest';
import { TestStream } from '../../support/follow.ts';
import type { TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';

let service: TestService;
useService('seed', (used) => {
  service = used.service;
});
afterAll(() => {
  expect(service.masked).toEqual([]);
});

const LIVE = 'subscription { statementAdded { cursor } }';
const QUERY = '{ record { __typename } }';

function send(
  body: string | object | null,
  headers: Record<string, string> = {},
  method = 'POST',
): Promise<Response> {
  return fetch(`${service.origin}/graphql`, {
    method,
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    ...(body !== null && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

describe('in distinct connections of GraphQL over SSE', () => {
  it('a query gives one result and completes, as the events of the protocol', async () => {
    const response = await send({ query: QUERY });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('cache-control')).toContain('no-cache');
    expect(await response.text()).toBe(
      ':\n\nevent: next\ndata: {"data":{"record":{"__typename":"Record"}}}\n\nevent: complete\ndata:\n\n',
    );
  });

  it('a subscription can be asked for by GET, a query or mutation can’t', async () => {
    const url = (query: string) => `${service.origin}/graphql?query=${encodeURIComponent(query)}`;
    const headers = { accept: 'text/event-stream' };
    const live = await fetch(url(LIVE), { headers });
    expect(live.status).toBe(200);
    await live.body?.cancel();
    for (const query of [QUERY, 'mutation { saveTopic(input: { name: "x" }) { position } }']) {
      expect(await (await fetch(url(query), { headers })).text()).toContain('"code":"');
    }
  });

  it.each([
    ['text/event-stream, multipart/mixed', 'text/event-stream'], // urql, for a subscription
    [
      'application/graphql-response+json, application/json, text/event-stream, multipart/mixed', // urql, for a query
      'application/graphql-response+json',
    ],
    ['application/json;q=0.5, text/event-stream', 'text/event-stream'],
    ['text/event-stream;q=0.5, application/json', 'application/json'],
    ['*/*, text/event-stream', 'application/json'],
  ])('a client that accepts “%s” gets %s', async (accept, type) => {
    const response = await send({ query: QUERY }, { accept });
    expect(response.headers.get('content-type')).toMatch(type);
    expect(await response.text()).toContain('{"data":{"record":{"__typename":"Record"}}}');
  });

  it.each([
    ['can’t be parsed', '{', 'GRAPHQL_PARSE_FAILED'],
    ['is not valid', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['has an invalid argument', 'subscription { statementAdded(after: "x") { cursor } }', 'INVALID_INPUT'],
    [
      'leaves open which of two is meant',
      'query A { __typename } query B { __typename }',
      'OPERATION_RESOLUTION_FAILURE',
    ],
  ])('a document that %s gives its errors and completes', async (_, query, code) => {
    const text = await (await send({ query })).text();
    expect(text).toContain(`"code":"${code}"`);
    expect(text).not.toContain('"http"');
    expect(text).toMatch(/event: next\ndata: \{"errors":.*\n\nevent: complete\ndata:\n\n$/s);
  });

  it.each<[what: string, status: number, body: string | object | null, headers?: Record<string, string>]>([
    ['no JSON', 400, '{'],
    ['a list', 400, [{ query: QUERY }]],
    ['null', 400, 'null'],
    ['no query', 400, {}],
    ['a query that is a number', 400, { query: 7 }],
    ['variables that are a list', 400, { query: QUERY, variables: [] }],
    ['variables that are a text', 400, { query: QUERY, variables: 'x' }],
    ['extensions that are a list', 400, { query: QUERY, extensions: [] }],
    ['plain text', 400, JSON.stringify({ query: QUERY }), { 'content-type': 'text/plain' }],
  ])('a request with %s is refused with %i', async (_, status, body, headers) => {
    const response = await send(body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'INVALID_INPUT' } }] });
  });

  it('a client that leaves is forgotten', async () => {
    const stream = new TestStream(service.origin, { query: LIVE }, { plain: false });
    await until('a reader', () => service.hub.counts.readers === 1);
    stream.stop();
    await until('the end of all readers', () => service.hub.counts.readers === 0);
  });
});

describe('the stream at /live', () => {
  it.each([
    ['', 400, 'INVALID_INPUT'],
    ['?query=', 400, 'INVALID_INPUT'],
    ['?query={', 400, 'GRAPHQL_PARSE_FAILED'],
    [`?query=${encodeURIComponent(QUERY)}`, 400, 'INVALID_INPUT'],
    [`?query=${encodeURIComponent(LIVE)}&variables=x`, 400, 'INVALID_INPUT'],
    [
      `?query=${encodeURIComponent('subscription { statementAdded(after: "gone1.1") { cursor } }')}`,
      410,
      'RESYNC',
    ],
  ])('answers %s with %i and the code %s', async (query, status, code) => {
    const response = await fetch(`${service.origin}/live${query}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
  });
});
