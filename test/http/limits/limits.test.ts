import { connect } from 'node:net';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { examples } from '../../support/examples.ts';
import { TestSocket, TestStream } from '../../support/follow.ts';
import type { ShownError } from '../../support/graphql.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';

let database: TestDatabase;
let service: TestService;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
  service = await startTestService(database.url, { BODY_BYTES_MAX: '200000' });
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const many = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** Attacks that are known from other services, and the limit that each meets. */
const ATTACKS: readonly (readonly [attack: string, limit: string, query: string])[] = [
  ['aliases by the hundred', 'ALIASES_MAX', `{ ${many(101, (i) => `a${i}: __typename`)} }`],
  ['directives by the hundred', 'DIRECTIVES_MAX', `{ __typename ${many(51, () => '@include(if: true)')} }`],
  ['unknown directives by the hundred', 'DIRECTIVES_MAX', `{ __typename ${many(200, () => '@aa')} }`],
  ['one field a thousand times', 'ROOT_FIELDS_MAX', `{ ${many(1000, () => '__typename')} }`],
  ['one field too often below', 'SAME_FIELD_MAX', `{ record { ${many(16, () => 'position')} } }`],
  [
    'one field too often through fragments',
    'SAME_FIELD_MAX',
    `{ record { ${many(16, (i) => `...F${i}`)} } } ${many(16, (i) => `fragment F${i} on Record { position }`)}`,
  ],
  ['depth', 'DEPTH_MAX', `{ topic(slug: "a") ${'{ parent '.repeat(20)}{ name }${' }'.repeat(20)} }`],
  [
    'a fragment in itself, field by field',
    'DEPTH_MAX',
    '{ topic(slug: "a") { ...F } } fragment F on Topic { parent { ...F } }',
  ],
  ['very many tokens', 'TOKENS_MAX', `{ ${many(3000, () => 'a')} }`],
  ['a comment of a megabyte', 'DOCUMENT_BYTES_MAX', `{ __typename } # ${'x'.repeat(70_000)}`],
  // Either the parser's stack or the tokens end first.
  ['brackets without end', 'TOKENS_MAX|DEPTH_MAX', `{ a(b: ${'['.repeat(50_000)}`],
  ['a list of thousands', 'INPUT_LIST_LENGTH_MAX', `{ nodes(ids: [${many(1_001, () => '"a"')}]) { id } }`],
  ['very many operations', 'OPERATIONS_PER_DOCUMENT_MAX', many(21, (i) => `query Q${i} { __typename }`)],
  [
    'fragments that double at each level',
    'FIELDS_MAX',
    `{ topic(slug: "a") { ...F0 } } ${many(14, (i) => `fragment F${i} on Topic { a: parent { ...F${i + 1} } b: parent { ...F${i + 1} } }`)} fragment F14 on Topic { name }`,
  ],
  [
    'nested pages',
    'COST_MAX',
    '{ statements(first: 100) { nodes { speakers { statements(first: 100) { nodes { speakers { statements(first: 100) { nodes { text } } } } } } } } }',
  ],
  ['the schema twice', 'SCHEMA_ALIASES_MAX', '{ __schema { description } again: __schema { description } }'],
  [
    'the types of the schema many times',
    'SCHEMA_ALIASES_MAX',
    `{ __schema { ${many(6, (i) => `t${i}: types { name }`)} } }`,
  ],
  [
    'aliases of the schema that multiply',
    'SCHEMA_ALIASES_MAX',
    '{ __schema { a: types { ...F } b: types { ...F } } } fragment F on __Type { c: name d: description }',
  ],
  [
    'introspection in itself',
    'COST_MAX',
    '{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }',
  ],
];

describe('an attack by', () => {
  it.each(ATTACKS)('%s meets %s over HTTP, with 400 and a code', async (_, limit, query) => {
    const operationName = query.startsWith('query Q0') ? 'Q0' : undefined;
    const response = await post({ query, operationName }, { accept: 'application/graphql-response+json' });
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: ShownError[] };
    expect(errors).toHaveLength(1);
    // graphql-js has a limit of its own on introspection, which may come first.
    const wanted = query.includes('__schema') ? `${limit}|GRAPHQL_VALIDATION_FAILED` : limit;
    const { extensions = {} } = errors[0] as ShownError;
    expect(String(extensions.limit ?? extensions.code)).toMatch(new RegExp(`^(${wanted})$`));
  });

  it('any of them meets the same over WebSocket, and the socket lives on', async () => {
    const socket = new TestSocket(service.origin);
    const ends = await Promise.all(ATTACKS.map(([, , query]) => socket.follow({ query }).ended()));
    expect(ends.map(({ type }) => type)).toEqual(ATTACKS.map(() => 'errors'));
    expect(await socket.follow({ query: '{ __typename }' }).ended()).toEqual({ type: 'complete' });
    await socket.close();
  });

  it('any of them meets the same over server-sent events', async () => {
    for (const [, , query] of ATTACKS) {
      const stream = new TestStream(service.origin, { query }, { plain: false });
      await stream.received.ended();
      expect(stream.received.failures).toHaveLength(1);
    }
  });
});

describe('the schema', () => {
  it('is read whole, also with five aliases', async () => {
    const aliases = many(5, (i) => `t${i}: types { name }`);
    const { errors } = await service.ask(`{ __schema { ${aliases} } __type(name: "Query") { a: name } }`);
    expect(errors).toBeUndefined();
    expect((await service.ask(getIntrospectionQuery())).errors).toBeUndefined();
  });
});

describe('variables', () => {
  const query = 'query ($filter: StatementFilter) { statements(filter: $filter) { totalCount } }';

  it('of more bytes than allowed are refused without a token, and not with one', async () => {
    const variables = { filter: { search: 'x'.repeat(70_000) } };
    const refused = await service.ask(query, variables);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ limit: 'VARIABLES_BYTES_MAX' });
    const token = await bearer(database.db, 'reader');
    const looked = await service.ask(query, variables, token);
    expect(looked.errors?.[0]?.message).toMatch(/“search” may have at most 200/);
  });

  it('of more values than allowed are refused in a query with a token, too', async () => {
    const variables = { filter: { any: Array.from({ length: 16 }, () => ({ any: Array(1_000).fill({}) })) } };
    const { errors } = await service.ask(
      query,
      variables,
      await bearer(database.db, 'reader', 'reader of many values'),
    );
    expect(errors?.[0]?.extensions).toMatchObject({ limit: 'VARIABLE_VALUES_MAX', max: 15_000 });
  });

  it('nested without end are refused before anything looks into them', async () => {
    const body = `{"query":${JSON.stringify(query)},"variables":{"filter":${'{"not":'.repeat(9_000)}{}${'}'.repeat(9_000)}}}`;
    const response = await fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { errors } = (await response.json()) as { errors: ShownError[] };
    expect(errors[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'VARIABLES_DEPTH_MAX' });
  });

  it('with a list that is too long are refused, wherever it stands', async () => {
    const { errors } = await service.ask(query, { filter: { any: [{ speakers: Array(1_001).fill('a') }] } });
    expect(errors?.[0]?.extensions).toMatchObject({
      limit: 'INPUT_LIST_LENGTH_MAX',
      max: 1_000,
      found: 1_001,
    });
  });
});

/** Far more than any body may have, and than the buffers of a connection hold. */
const SENT_BYTES_MAX = 50_000_000;

describe('a request', () => {
  it('that is a batch is refused', async () => {
    const response = await fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
    });
    expect(response.status).toBe(400);
  });

  it('whose body is announced too long is refused with 413 before it is read', async () => {
    const response = await post({ query: `{ __typename } # ${'x'.repeat(200_000)}` });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
  });

  it('whose body grows too long without having said so is ended', async () => {
    const piece = Buffer.alloc(50_000, ' ');
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += piece.length;
        if (sent <= SENT_BYTES_MAX) controller.enqueue(piece);
        else controller.close();
      },
    });
    const answered = await fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit).then(
      ({ status }) => status,
      () => 'the connection was closed before the answer could be read' as const,
    );
    expect([413, 'the connection was closed before the answer could be read']).toContain(answered);
    expect(sent, 'bytes that were sent before the service ended the request').toBeLessThan(SENT_BYTES_MAX);
    expect((await fetch(`${service.origin}/health`)).status).toBe(200);
  });

  it('whose address is too long is refused with 414', async () => {
    const response = await fetch(`${service.origin}/graphql?query=${'x'.repeat(9_000)}`);
    expect(response.status).toBe(414);
  });

  it('that is no HTTP is refused, and the service goes on', async () => {
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(service.http.port, '127.0.0.1', () => socket.end('GARBAGE\r\n\r\n'));
      socket.on('data', (data) => {
        text += String(data);
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect((await fetch(`${service.origin}/health`)).status).toBe(200);
  });

  it('has a time by which its headers and body must have come', () => {
    const { headersTimeout, requestTimeout } = service.http.server;
    expect([headersTimeout, requestTimeout]).toEqual([10_000, 20_000]);
  });
});

describe('the limits', () => {
  it('let every example through', async () => {
    const token = await bearer(database.db, 'recorder', 'examples');
    for (const { query, variables, file } of examples) {
      for (const name of query.match(/^(?:query|mutation) (\w+)/gm) ?? []) {
        const response = await post(
          { query, variables: JSON.parse(variables), operationName: name.split(' ')[1] },
          token,
        );
        const { errors = [] } = (await response.json()) as { errors?: ShownError[] };
        expect(
          errors.map(({ extensions }) => extensions?.code),
          file,
        ).not.toContain('LIMIT_EXCEEDED');
      }
    }
  });
});

function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${service.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
