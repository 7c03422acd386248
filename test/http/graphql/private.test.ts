import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeToken } from '../../../src/domain/access/token.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { AUDIENCE, ISSUER, type Issuer, startIssuer } from '../../support/jwks.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { makeWorld, record, statementInput } from '../../support/world.ts';

type Headers = Record<string, string>;

const LIST = '{ statements(first: 5) { totalCount nodes { slug text } } }';
const GET = `/graphql?query=${encodeURIComponent(LIST)}`;

let database: TestDatabase;
let issuer: Issuer;
let service: TestService;
let reader: Headers;
let recorder: Headers;

beforeAll(async () => {
  database = await createTestDatabase({ seeded: false });
  await makeWorld(database.db.prisma);
  await record(database.db);
  issuer = await startIssuer();
  const jwt = { JWKS_URL: issuer.jwksUrl, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
  service = await startTestService(database.url, { ...jwt, READ_ACCESS: 'token' });
  reader = await bearer(database.db, 'reader');
  recorder = await bearer(database.db, 'recorder');
});
afterAll(async () => {
  expect(service.masked).toEqual([]);
  await service.stop();
  await issuer.stop();
  await database.drop();
});

/** How many connections are taken from the pool while something is done. */
async function connectionsOf(work: () => Promise<unknown>): Promise<number> {
  let times = 0;
  const take = (): void => {
    times += 1;
  };
  service.db.pool.on('acquire', take);
  await work();
  service.db.pool.off('acquire', take);
  return times;
}

const codeOf = async (headers: Headers): Promise<unknown> =>
  (await service.ask(LIST, {}, headers)).errors?.[0]?.extensions?.code;

describe('cached answers of a record that needs a token', () => {
  it.each<[who: string, headers: () => Headers]>([
    ['a reader', () => reader],
    ['a recorder', () => recorder],
    ['a JSON Web Token', () => ({ authorization: `Bearer ${issuer.sign()}` })],
  ])('are given to %s without a look at the database', async (_, headersOf) => {
    const headers = headersOf();
    const first = await service.ask(LIST, {}, reader);
    expect(first.errors).toBe(undefined);
    await service.ask('{ record { position } }', {}, headers); // the token is looked up
    expect(await connectionsOf(async () => expect(await service.ask(LIST, {}, headers)).toEqual(first))).toBe(
      0,
    );
  });

  it('are not given to a client without a token, or with a wrong one', async () => {
    await service.ask(LIST, {}, reader);
    expect(await codeOf({})).toBe('UNAUTHENTICATED');
    expect(await codeOf({ authorization: 'Bearer unknown' })).toBe('UNAUTHENTICATED');
    expect(await codeOf({ authorization: 'Basic eA==' })).toBe('UNAUTHENTICATED');
  });

  it('are not given to a token any more once it is revoked', async () => {
    const revoked = await bearer(database.db, 'reader', 'revoked');
    expect(await codeOf(revoked)).toBe(undefined);
    await revokeToken(database.db.prisma, 'revoked');
    await until('a refusal', async () => (await codeOf(revoked)) === 'UNAUTHENTICATED');
  });

  it('to a GET have a tag, are for no shared cache, and need the token again', async () => {
    const first = await fetch(service.origin + GET, { headers: reader });
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const known = { 'if-none-match': String(first.headers.get('etag')) };
    const statusOf = async (headers: Headers) =>
      (await fetch(service.origin + GET, { headers: { ...known, ...headers } })).status;
    expect(await statusOf(recorder)).toBe(304);
    expect(await statusOf({})).toBe(401);
  });

  it('are charged to the token like new ones', async () => {
    const limited = await startTestService(database.url, { READ_ACCESS: 'token', COST_PER_MINUTE: '20000' });
    const statusOf = async (): Promise<number> => {
      const response = await fetch(limited.origin + GET, { headers: reader });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await statusOf()).toBe(200);
    await until('a refusal', async () => (await statusOf()) === 429);
    await limited.stop();
  });

  it('contain what was recorded since', async () => {
    await service.ask(LIST, {}, reader);
    const { position } = service.tailer.head;
    await record(service.db, { slug: 'said-since' });
    const { data } = await service.ask<{ statements: { nodes: { slug: string }[] } }>(
      LIST,
      {},
      {
        ...reader,
        'x-readout-min-position': String(position + 1n),
      },
    );
    expect(data?.statements.nodes.map(({ slug }) => slug)).toContain('said-since');
  });
});

describe('equal mutations of two recorders at once', () => {
  it('are both executed, each in the name of its recorder', async () => {
    const other = await bearer(database.db, 'recorder', 'other');
    const query =
      'mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { statement { id } } }';
    const { slug: _, key: __, ...input } = statementInput({ text: 'Recorded twice.' });
    const answers = await Promise.all(
      [recorder, other, recorder].map((headers) => service.ask<unknown>(query, { input }, headers)),
    );
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(3);
    const { rows } = await database.db.pool.query<{ by: string }>(
      `SELECT by FROM change WHERE kind = 'STATEMENT_ADDED' ORDER BY position DESC LIMIT 3`,
    );
    expect(rows.map(({ by }) => by).sort()).toEqual(['other', 'recorder', 'recorder']);
  });
});
