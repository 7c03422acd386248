import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GraphQLError, getIntrospectionQuery } from 'graphql';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ReadoutError } from '../../src/base/errors.ts';
import { digestToken } from '../../src/domain/access/token.ts';
import { describeError, maskErrors } from '../../src/http/errors.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TestSocket, TestStream } from '../support/follow.ts';
import type { ShownError } from '../support/graphql.ts';
import { bearer, startTestService, type TestService } from '../support/service.ts';
import { eventOf } from '../support/until.ts';

let database: TestDatabase;
let service: TestService;
let closed: TestService;
let recorder: { authorization: string };
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
  service = await startTestService(database.url, { RECORDER_TOKEN: 'a-token-to-look-for' });
  closed = await startTestService(database.url, { EXPLORE: 'off', CORS_ORIGINS: 'https://reader.example' });
  recorder = await bearer(database.db, 'recorder', 'security');
});
afterAll(async () => {
  await closed.stop();
  await service.stop();
  await database.drop();
});

const MUTATION = 'mutation { saveTopic(input: { slug: "by-stealth", name: "By stealth" }) { position } }';

async function topicThere(): Promise<boolean> {
  const { data } = await service.ask<{ topic: object | null }>('{ topic(slug: "by-stealth") { name } }');
  return data?.topic != null;
}

describe('no state changes', () => {
  it('by GET, with a token or without', async () => {
    for (const accept of ['application/json', 'application/graphql-response+json', '*/*']) {
      const response = await fetch(`${service.origin}/graphql?query=${encodeURIComponent(MUTATION)}`, {
        headers: { ...recorder, accept },
      });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
    }
    const stream = new TestStream(service.origin, { query: MUTATION }, { headers: recorder });
    expect((await stream.response).statusCode).toBeGreaterThanOrEqual(400);
    expect(await topicThere()).toBe(false);
  });

  it.each([
    ['text/plain', JSON.stringify({ query: MUTATION })],
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent(MUTATION)}`],
    [
      'multipart/form-data; boundary=x',
      `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${MUTATION}\r\n--x--`,
    ],
    ['application/graphql', MUTATION],
    ['', JSON.stringify({ query: MUTATION })],
    ['text/json', JSON.stringify({ query: MUTATION })],
  ])('by a body of the type “%s”, which a page could send unasked', async (type, body) => {
    for (const accept of ['application/json', 'text/event-stream']) {
      const response = await fetch(`${service.origin}/graphql`, {
        method: 'POST',
        headers: { ...recorder, accept, 'content-type': type },
        body: Buffer.from(body),
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
    }
    expect(await topicThere()).toBe(false);
  });
});

describe('a page of another origin', () => {
  const origin = 'https://elsewhere.example';
  const ask = (of: TestService, path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${of.origin}${path}`, { method, headers: { origin, ...headers } });
  const QUERY = `/graphql?query=${encodeURIComponent('{ __typename }')}`;

  it('may read answers of the API and never with credentials', async () => {
    const answer = await ask(service, QUERY);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
    const preflight = await ask(service, '/graphql', { 'access-control-request-method': 'POST' }, 'OPTIONS');
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(preflight.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('may not read GraphiQL', async () => {
    const headers = { accept: 'text/html', origin };
    const foreign = await fetch(`${service.origin}/graphql`, { headers });
    expect(foreign.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('may read nothing where the setting names other origins, and open no socket', async () => {
    expect((await ask(closed, QUERY)).headers.has('access-control-allow-origin')).toBe(false);
    const allowed = await ask(closed, QUERY, { origin: 'https://reader.example' });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://reader.example');
    expect(allowed.headers.get('vary')).toMatch(/origin/i);
    expect(await upgradeStatus(closed, origin)).toBe(403);
    expect(await upgradeStatus(closed, 'https://reader.example')).toBe(101);
    expect(await upgradeStatus(service, origin)).toBe(101);
  });

  it('opens no socket after DNS rebinding, but the service’s own pages do', async () => {
    const { port } = closed.http;
    for (const name of ['elsewhere.example', 'localhost.elsewhere.example', '127.0.0.1.elsewhere.example']) {
      expect(await upgradeStatus(closed, `http://${name}:${port}`, `${name}:${port}`), name).toBe(403);
    }
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      expect(await upgradeStatus(closed, `http://${name}:${port}`, `${name}:${port}`), name).toBe(101);
    }
    // Behind a proxy that ends TLS, the certificate has shown that the name is the service's own.
    expect(await upgradeStatus(closed, 'https://readout.example', 'readout.example')).toBe(101);
    expect(await upgradeStatus(closed, 'https://elsewhere.example', 'readout.example')).toBe(403);
    expect(await upgradeStatus(closed, 'null', 'null')).toBe(403);
  });

  function upgradeStatus(of: TestService, from: string, host?: string): Promise<number> {
    const socket = new WebSocket(`${of.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { origin: from, ...(host && { host }) },
    });
    return new Promise((resolve) => {
      socket.on('error', () => undefined); // the status says it
      socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
      socket.on('upgrade', () => {
        socket.terminate();
        resolve(101);
      });
    });
  }
});

describe('the page of GraphiQL', () => {
  it('holds no token and is the same for every client, whatever address a request claims', async () => {
    const local = { accept: 'text/html' };
    const seeming: Record<string, string>[] = [
      {},
      { host: '127.0.0.1:4000' },
      { host: 'localhost:4000', 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin' },
      { 'x-forwarded-for': '203.0.113.9' },
    ];
    const pages = await Promise.all(seeming.map((headers) => pageOf(service, { ...local, ...headers })));
    expect(pages[0]).toContain('<main id="graphiql">');
    for (const page of pages) {
      expect(page).not.toContain('a-token-to-look-for');
      expect(page).toBe(pages[0]);
    }
  });

  /** By `node:http`, since `fetch` sends a Host of its own. */
  async function pageOf(of: TestService, headers: Record<string, string>): Promise<string> {
    const sent = get(`${of.origin}/graphql`, { headers });
    const [response] = (await eventOf(sent, 'response')) as [IncomingMessage];
    return text(response);
  }
});

describe('READ_ACCESS=token', () => {
  let reading: TestService;
  let reader: { authorization: string };
  beforeAll(async () => {
    reading = await startTestService(database.url, { READ_ACCESS: 'token' });
    reader = await bearer(database.db, 'reader', 'of the schema');
  });
  afterAll(() => reading.stop());

  it('serves /schema.graphql only to clients that can introspect', async () => {
    const sdl = (headers: Record<string, string>) => fetch(`${reading.origin}/schema.graphql`, { headers });
    for (const headers of [{}, { authorization: 'Bearer unknown' }, { authorization: 'Basic eA==' }]) {
      const refused = await sdl(headers as Record<string, string>);
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
    const given = await sdl(reader);
    expect(given.status).toBe(200);
    expect(await given.text()).toContain('type Query');
    expect((await fetch(`${service.origin}/schema.graphql`)).status).toBe(200);
  });

  it('shows neither schema nor token in the page', async () => {
    const page = await fetch(`${reading.origin}/graphql`, { headers: { accept: 'text/html' } });
    const html = await page.text();
    expect(html).toContain('data-read-access="token"');
    expect(html).not.toMatch(/StatementFilter|a-token-to-look-for/);
    expect((await fetch(`${reading.origin}/schema.graphql`)).status).toBe(401);
  });
});

describe('an invalid token', () => {
  const DOCUMENTS = [
    '{ record { position } }',
    '{ record { noSuchField } }',
    '{ __schema { queryType { name } } }',
    '{ unclosed',
    'subscription { statementAdded { cursor } }',
    '',
  ];
  let trusting: TestService;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'readout-trusted-'));
    const manifest = join(folder, 'manifest.json');
    await writeFile(manifest, JSON.stringify({ one: '{ record { position } }' }));
    trusting = await startTestService(database.url, { TRUSTED_DOCUMENTS: manifest, EXPLORE: 'off' });
  });
  afterAll(async () => {
    await trusting.stop();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['anything and the documents are trusted ones', () => trusting],
    ['anything', () => service],
  ])('learns nothing of a document: it is refused alike, where one may run %s', async (_, of) => {
    const told = new Set<string>();
    for (const query of DOCUMENTS) {
      for (const authorization of ['Bearer made-up', 'Basic eA==']) {
        for (const refused of await refusals(of(), query, { authorization })) told.add(refused);
      }
    }
    expect([...told].sort()).toEqual(
      [
        'This token is unknown, expired or revoked. Ask for a new one, or send none to read what is public. UNAUTHENTICATED',
        'The header Authorization must be “Bearer <token>”. UNAUTHENTICATED',
      ].sort(),
    );
  });

  it('is refused before an id is looked up', async () => {
    for (const documentId of ['one', 'none']) {
      const response = await fetch(`${trusting.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer made-up' },
        body: JSON.stringify({ documentId }),
      });
      expect(response.status, documentId).toBe(401);
    }
  });

  it('costs its address before it is looked up', async () => {
    const limited = await startTestService(database.url, { COST_PER_MINUTE: '1200' });
    const query = `{ record { position } } #${' '.repeat(4_000)}`;
    const codes = [];
    for (let i = 0; i < 2; i += 1) {
      const { errors } = await limited.ask(query, {}, { authorization: 'Bearer made-up' });
      codes.push(errors?.[0]?.extensions?.code);
    }
    await limited.stop();
    expect(codes).toEqual(['UNAUTHENTICATED', 'LIMIT_EXCEEDED']);
  });

  /** What is said over HTTP (POST, GET, and as Yoga alone answers), server-sent events and `/live`. */
  async function refusals(
    of: TestService,
    query: string,
    headers: Record<string, string>,
  ): Promise<string[]> {
    const post = (accept: string) =>
      fetch(`${of.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept, ...headers },
        body: JSON.stringify({ query }),
      });
    const get = (path: string) =>
      fetch(`${of.origin}${path}?query=${encodeURIComponent(query)}`, { headers });
    const answers = await Promise.all([
      post('application/json'),
      post('application/json;q=0.5, application/graphql-response+json'),
      get('/graphql'),
      // Without a document these two report that to every client.
      ...(query === '' ? [] : [post('text/event-stream'), get('/live')]),
    ]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    return bodies.flatMap((body) => {
      const json = /\{.*\}/s.exec(body)?.[0] ?? 'null';
      const { errors = [] } = (JSON.parse(json) ?? {}) as { errors?: ShownError[] };
      return errors.map(({ message, extensions }) => `${message} ${String(extensions?.code)}`);
    });
  }
});

describe('headers', () => {
  it.each(['/graphql', '/health', '/ready', '/schema.graphql', '/nothing-here', '/live'])(
    'that keep a browser from guessing go with %s',
    async (path) => {
      const { headers } = await fetch(service.origin + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    },
  );

  it('of GraphiQL allow scripts of this origin only, and no frame around it', async () => {
    const { headers } = await fetch(`${service.origin}/graphql`, { headers: { accept: 'text/html' } });
    expect(headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('same-origin');
  });
});

describe('a path', () => {
  // A proxy that refuses /export.csv takes these for other paths.
  it.each(['//proxy/export.csv', '/\\proxy/export.csv', '///export.csv', '//export.csv', '//proxy/graphql'])(
    'that begins with two slashes names no host: %s',
    async (path) => {
      expect((await answerTo(path)).statusCode).toBe(404);
    },
  );

  it('may follow a host, as in a request to a proxy', async () => {
    expect((await answerTo('http://readout.example/health')).statusCode).toBe(200);
  });

  /** Sends the path as it is; `fetch` would tidy it. */
  async function answerTo(path: string): Promise<IncomingMessage> {
    const sent = get({ host: '127.0.0.1', port: service.http.port, path, headers: { accept: '*/*' } });
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return answer;
  }
});

describe('EXPLORE=off', () => {
  const INTROSPECTION = [
    getIntrospectionQuery(),
    '{ __schema { queryType { name } } }',
    '{ __type(name: "Actor") { name } }',
  ];
  const MISSPELT = [
    '{ statments { nodes { id } } }',
    '{ statements { nodes { txt } } }',
    '{ statements(fisrt: 1) { nodes { id } } }',
    '{ statements(orderBy: SAID_ON_DES) { nodes { id } } }',
    '{ statements(filter: { speaker: [] }) { nodes { id } } }',
    'query ($f: StatementFiltr) { statements(filter: $f) { nodes { id } } }',
    '{ node(id: "x") { ... on Statment { id } } }',
  ];

  it.each(INTROSPECTION)('refuses introspection over every transport', async (query) => {
    const over = await everywhere(closed, { query });
    for (const errors of over) expect(JSON.stringify(errors)).toMatch(/introspection has been disabled/i);
  });

  it.each(MISSPELT)('suggests no name over any transport: %s', async (query) => {
    for (const errors of await everywhere(closed, { query })) {
      expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
      expect(errors.length).toBeGreaterThan(0);
    }
    expect(JSON.stringify((await service.ask(query)).errors)).toMatch(/did you mean/i);
  });

  it('suggests no value of a variable either', async () => {
    const query = 'query ($f: StatementFilter) { statements(filter: $f) { nodes { id } } }';
    for (const f of [{ acts: ['DENYY'] }, { speakrs: [] }]) {
      for (const errors of await everywhere(closed, { query, variables: { f } })) {
        expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
        expect(errors.length).toBeGreaterThan(0);
      }
    }
  });

  it('has no GraphiQL and no SDL', async () => {
    const page = await fetch(`${closed.origin}/graphql`, { headers: { accept: 'text/html' } });
    expect(await page.text()).not.toContain('<html');
    expect((await fetch(`${closed.origin}/schema.graphql`)).status).toBe(404);
    expect((await fetch(`${closed.origin}/graphql/assets/x.js`)).status).toBe(404);
  });

  it('still answers and tells types by name', async () => {
    expect(await closed.ask('{ record { __typename } }')).toEqual({
      data: { record: { __typename: 'Record' } },
    });
  });

  async function everywhere(
    of: TestService,
    operation: { query: string; variables?: Record<string, unknown> },
  ): Promise<ShownError[][]> {
    const overHttp = await of.ask(operation.query, operation.variables);
    const socket = new TestSocket(of.origin);
    const received = socket.follow(operation);
    const end = await received.ended();
    await socket.close();
    const stream = new TestStream(of.origin, operation, { plain: false });
    await stream.received.ended();
    return [
      [...(overHttp.errors ?? [])],
      end.type === 'errors' ? [...end.errors] : received.failures.flat(),
      stream.received.failures.flat(),
    ];
  }
});

describe('an unexpected error', () => {
  const secret = 'SELECT secret FROM /srv/readout/token';

  it('is masked with a reference that its report has too, without SQL, path or stack', () => {
    const reports: [unknown, string][] = [];
    const shown = maskErrors((error, reference) => reports.push([error, reference]))(new Error(secret));
    expect(shown.message).not.toContain('secret');
    expect(JSON.stringify(shown)).not.toMatch(/SELECT|\/srv|at /);
    expect(reports[0]?.[1]).toBe(shown.extensions.reference);
    expect(shown.message).toContain(reports[0]?.[1]);
  });

  it('stands in the log with where it happened and without what a client had sent', () => {
    const failure = new pg.DatabaseError('invalid input syntax for type date: "my secret"', 10, 'error');
    failure.code = '22007';
    failure.detail = 'Failing row contains (my secret).';
    const error = new GraphQLError('it failed', {
      originalError: new Error('while writing', { cause: failure }),
    });
    const told = describeError(error);
    expect(told).toContain('while writing');
    expect(told).toContain('code=22007');
    expect(told).toContain('security.test.ts');
    expect(told).not.toContain('my secret');
  });

  it('leaves no token and no variable of a mutation in what the service reports', async () => {
    const query = 'mutation ($input: SaveTopicInput!) { saveTopic(input: $input) { position } }';
    await database.db.pool.query('ALTER TABLE topic RENAME TO topic_away');
    const answer = await service.ask(
      query,
      { input: { slug: 'hidden-value', name: 'Hidden value' } },
      recorder,
    );
    await database.db.pool.query('ALTER TABLE topic_away RENAME TO topic');
    const [error] = answer.errors as ShownError[];
    expect(error?.extensions).toMatchObject({
      code: 'INTERNAL',
      reference: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    const log = service.masked.map((reported) => describeError(reported)).join('\n');
    expect(log.length).toBeGreaterThan(50);
    for (const hidden of ['hidden-value', 'Hidden value', recorder.authorization.slice(7)]) {
      expect(log).not.toContain(hidden);
      expect(JSON.stringify(answer)).not.toContain(hidden);
    }
  });

  it('leaves an expected one as it is, with its code', () => {
    const shown = maskErrors(() => undefined)(new ReadoutError('CONFLICT', 'Taken.', ['input']));
    expect(shown).toMatchObject({
      message: 'Taken.',
      extensions: { code: 'CONFLICT', inputPath: ['input'] },
    });
  });
});

describe('a token', () => {
  it('is looked up by its digest, so that the time it takes tells nothing of how much of a guess is right', () => {
    const token = 'readout_abcdefgh';
    const close = 'readout_abcdefgi';
    // The database and the cache compare digests: of two tokens that differ in their last letter they share no beginning.
    expect(digestToken(token).slice(0, 4)).not.toBe(digestToken(close).slice(0, 4));
    const auth = readFileSync(new URL('../../src/http/client/auth.ts', import.meta.url), 'utf8');
    expect(auth).toMatch(/where: \{ digest \}/);
  });

  it('is not repeated by a refusal, over any transport', async () => {
    const headers = { authorization: 'Bearer readout_wrong-and-secret' };
    const refused = await fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    expect(refused.status).toBe(401);
    expect(await refused.text()).not.toContain('wrong-and-secret');
    const stream = new TestStream(service.origin, { query: '{ __typename }' }, { plain: false, headers });
    await stream.received.ended();
    expect(stream.text).toContain('UNAUTHENTICATED');
    expect(stream.text).not.toContain('wrong-and-secret');
    const socket = new TestSocket(service.origin, headers);
    await expect(socket.ready()).rejects.toThrow(/4403/);
  });
});
