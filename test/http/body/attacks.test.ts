import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PIPELINED_MAX } from '../../../src/http/server/pipelining.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { eventOf, happens, until } from '../../support/until.ts';

const SOCKETS_PER_ADDRESS_MAX = 20;
const READ = '{ statements(first: 1) { nodes { text } } }';
const FILTER = 'query ($filter: StatementFilter) { statements(filter: $filter) { totalCount } }';

let database: TestDatabase;
let service: TestService;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
  service = await startTestService(database.url, {
    SOCKETS_PER_ADDRESS_MAX: String(SOCKETS_PER_ADDRESS_MAX),
  });
});
afterAll(async () => {
  await service.stop();
  expect(service.masked).toEqual([]); // nothing of this is a fault of the service
  await database.drop();
});

const many = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');
const nested = (open: string, close: string, depth: number): string =>
  open.repeat(depth) + close.repeat(depth);

function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${service.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
}

/** What a well-behaved client gets beside an attack. */
async function neighbourIsAnswered(): Promise<void> {
  const response = await post(JSON.stringify({ query: READ }));
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(JSON.parse(text)).toMatchObject({ data: { statements: { nodes: [{}] } } });
}

const query = (text: string): string => JSON.stringify({ query: text });
const variables = (json: string): string => `{"query":${JSON.stringify(FILTER)},"variables":${json}}`;

type Attack = readonly [name: string, body: string | Buffer, headers?: Record<string, string>];

/** Bodies that are known from attacks on other services; those with a limit of their own are in limits/limits.test.ts. */
const BODIES: readonly Attack[] = [
  ['fragments in a circle', query('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }')],
  [
    'a circle of fragments that nothing leads to',
    query('{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }'),
  ],
  [
    'fragments that all lead to one another',
    query(
      `{ ...F0 } ${many(35, (i) => `fragment F${i} on Query { ${many(35, (j) => (i === j ? '' : `...F${j}`))} }`)}`,
    ),
  ],
  [
    'one field very often, in a fragment that nothing leads to',
    query(`{ __typename } fragment F on Record { ${many(2_900, () => 'position')} }`),
  ],
  [
    'lists that overlap, in a fragment that nothing leads to',
    query(`{ __typename } fragment F on Query { ${many(290, () => 'statements { nodes { text } }')} }`),
  ],
  ['names that do not exist, by the hundred', query(`{ record { ${many(1_400, (i) => `positin${i}`)} } }`)],
  ['a name that is very long', query(`{ ${'x'.repeat(60_000)} }`)],
  [
    'introspection through its types',
    query(`{ __schema { types { ${nested('ofType { ', '} ', 30).replace('{ }', '{ name }')} } } }`),
  ],
  [
    'introspection again and again',
    query(
      `{ ${many(30, (i) => `a${i}: __schema { types { fields { args { type { name } } } inputFields { name } } }`)} }`,
    ),
  ],
  ['a batch', `[${Array(1_000).fill(query('{ __typename }')).join(',')}]`],
  ['brackets that never close', '['.repeat(200_000)],
  ['lists in lists in variables', variables(`{"filter":{"speakers":${nested('[', ']', 9_000)}}}`)],
  [
    'an object with very many fields in variables',
    variables(
      JSON.stringify({ filter: Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [i, 1])) }),
    ),
  ],
  [
    'a list of thousands in variables',
    variables(JSON.stringify({ filter: { speakers: Array(9_000).fill('a') } })),
  ],
  [
    'a text of a megabyte in variables',
    variables(JSON.stringify({ filter: { search: 'x'.repeat(1_000_000) } })),
  ],
  [
    'names of the language in variables',
    variables('{"__proto__":{"filter":1},"filter":{"__proto__":{},"constructor":1}}'),
  ],
  ['names of the language as fields', query('{ __proto__ constructor toString record { hasOwnProperty } }')],
  ['NUL in a text', variables('{"filter":{"search":"\\u0000"}}')],
  ['half a character in a text', variables('{"filter":{"speakers":["\\ud800"]}}')],
  [
    'a text of marks that combine',
    variables(JSON.stringify({ filter: { search: `e${'\u0301'.repeat(199)}` } })),
  ],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  [
    'a body that unpacks to a thousand times its size',
    gzipSync(query(`{ __typename } # ${' '.repeat(3_000_000)}`)),
    { 'content-encoding': 'gzip' },
  ],
];

describe('a well-behaved client is answered beside', () => {
  it.each(BODIES.map(([name, body, headers = {}]) => ({ name, body, headers })))(
    '$name',
    async ({ body, headers }) => {
      const attacks = Array.from({ length: 5 }, () => post(body, headers));
      const [answers] = await Promise.all([Promise.all(attacks), neighbourIsAnswered()]);
      for (const answer of answers) {
        // What is well-formed is answered, with no errors or with coded ones.
        const text = await answer.text();
        expect([200, 400, 413, 415]).toContain(answer.status);
        expect(text).not.toMatch(/INTERNAL|node_modules|SELECT /);
      }
      expect(service.masked).toEqual([]);
    },
  );

  it('bodies that are announced and never come', async () => {
    for (const accept of ['application/json', 'text/event-stream']) {
      const slow = await Promise.all(
        Array.from({ length: SOCKETS_PER_ADDRESS_MAX }, () => announceBody(accept, 4_000_000)),
      );
      await neighbourIsAnswered();
      for (const socket of slow) socket.destroy();
      const closed = slow.map((socket) => socket.closed || once(socket, 'close'));
      await happens('the close of slow connections', Promise.all(closed));
      await until('the end of all streams', () => service.connections.count === 0);
    }
  });

  it('more WebSockets than an address can have, which say nothing', async () => {
    const statuses: number[] = [];
    const sockets = Array.from({ length: 2 * SOCKETS_PER_ADDRESS_MAX }, () => {
      const socket = new WebSocket(`${service.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      const opened = new Promise<void>((resolve) => {
        socket.on('error', () => undefined); // the status says it
        for (const event of ['upgrade', 'unexpected-response'] as const) {
          socket.on(event, (...given: { statusCode?: number }[]) => {
            statuses.push(given.at(-1)?.statusCode ?? 0);
            resolve();
          });
        }
      });
      return { socket, opened };
    });
    await happens('an answer to each WebSocket', Promise.all(sockets.map(({ opened }) => opened)));
    await neighbourIsAnswered();
    const count = (wanted: number): number => statuses.filter((status) => status === wanted).length;
    expect({ opened: count(101), refused: count(429) }).toEqual({
      opened: SOCKETS_PER_ADDRESS_MAX,
      refused: SOCKETS_PER_ADDRESS_MAX,
    });
    for (const { socket } of sockets) socket.terminate();
  });

  it('connections that say nothing at all, and requests that are sent without waiting for answers', async () => {
    const silent = await Promise.all(Array.from({ length: 200 }, () => open()));
    const pipelined = await open();
    const request = `GET /graphql?query=${encodeURIComponent(READ)} HTTP/1.1\r\nHost: x\r\n\r\n`;
    pipelined.write(request.repeat(PIPELINED_MAX));
    await neighbourIsAnswered();
    for (const socket of [...silent, pipelined]) socket.destroy();
  });
});

async function open(): Promise<Socket> {
  const socket = connect(service.http.port, '127.0.0.1');
  socket.on('error', () => undefined); // the service may end it
  await happens('a connection', once(socket, 'connect'));
  return socket;
}

/** A request whose headers have been taken in and whose body has only begun. */
async function announceBody(accept: string, length: number): Promise<Socket> {
  const socket = await open();
  const head = [
    'POST /graphql HTTP/1.1',
    'Host: x',
    `Accept: ${accept}`,
    'Content-Type: application/json',
    'Expect: 100-continue',
    `Content-Length: ${length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await eventOf(socket, 'data'); // it goes on, or is refused
  socket.write('{');
  return socket;
}
