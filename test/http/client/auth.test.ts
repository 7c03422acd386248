import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeToken, revokeToken, storeToken } from '../../../src/domain/access/token.ts';
import { TokenAuth } from '../../../src/http/client/auth.ts';
import { JwtIssuer } from '../../../src/http/client/jwt.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ADDED, type End, TestSocket, TestStream } from '../../support/follow.ts';
import { AUDIENCE, ISSUER, type Issuer, startIssuer } from '../../support/jwks.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';
import { makeWorld, record, statementInput } from '../../support/world.ts';

let test: TestDatabase;
let open: TestService;
let closed: TestService;
let issuer: Issuer;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  await record(test.db);
  issuer = await startIssuer();
  const jwt = { JWKS_URL: issuer.jwksUrl, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
  open = await startTestService(test.url, jwt);
  closed = await startTestService(test.url, { ...jwt, READ_ACCESS: 'token' });
});
afterAll(async () => {
  await open.stop();
  await closed.stop();
  await issuer.stop();
  await test.drop();
});

const QUERY = '{ record { position } }';
const MUTATION = `mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { created } }`;
type Headers = Record<string, string>;
const POLL = { interval: 200 };
const report = (): void => undefined;

let serial = 0;
const newInput = () => {
  serial += 1;
  return { input: statementInput({ text: `Authorised ${serial}.` }) };
};

/** What came of an operation: `ok`, or the code of its error, or of the refused connection. */
type Outcome = string;

async function overHttp(service: TestService, kind: string, headers: Headers): Promise<Outcome> {
  const { errors } = await service.ask(kind === 'query' ? QUERY : MUTATION, newInput(), headers);
  return errors ? String(errors[0]?.extensions?.code) : 'ok';
}

function outcomeOf(end: End): Outcome {
  if (end.type === 'errors') return String(end.errors[0]?.extensions?.code);
  return end.type === 'closed' ? `${end.code} ${end.reason}` : 'ok';
}

async function overSocket(service: TestService, kind: string, headers: Headers): Promise<Outcome> {
  const socket = new TestSocket(service.origin, headers);
  const operation = {
    query: kind === 'query' ? QUERY : kind === 'mutation' ? MUTATION : ADDED,
    variables: kind === 'subscription' ? { after: '0' } : newInput(),
  };
  const received = socket.follow(operation);
  try {
    if (kind === 'subscription') {
      return await Promise.race([received.count(1).then(() => 'ok'), received.ended().then(outcomeOf)]).catch(
        async () => outcomeOf(await received.ended()),
      );
    }
    const end = await received.ended();
    const [failure] = received.failures;
    return failure ? String(failure[0]?.extensions?.code) : outcomeOf(end);
  } finally {
    await socket.close();
  }
}

async function overEvents(service: TestService, kind: string, headers: Headers): Promise<Outcome> {
  const operation = {
    query: kind === 'query' ? QUERY : kind === 'mutation' ? MUTATION : ADDED,
    variables: kind === 'subscription' ? { after: '0' } : newInput(),
  };
  const stream = new TestStream(service.origin, operation, { plain: false, headers });
  try {
    if (kind === 'subscription') {
      await stream.received.count(1).catch(() => undefined); // the failure is looked at below
    } else await stream.received.ended();
    const [failure] = stream.received.failures;
    return failure ? String(failure[0]?.extensions?.code) : 'ok';
  } finally {
    stream.stop();
  }
}

describe('who may do what', () => {
  const tokens: Record<string, Headers> = { anonymous: {} };
  beforeAll(async () => {
    for (const role of ['reader', 'recorder'] as const) tokens[role] = await bearer(test.db, role);
  });

  const matrix = ['anonymous', 'reader', 'recorder'].flatMap((role) =>
    ['query', 'mutation', 'subscription'].flatMap((kind) =>
      ['public', 'token'].map((access) => {
        const outcome =
          role === 'anonymous' && (access === 'token' || kind === 'mutation')
            ? 'UNAUTHENTICATED'
            : role === 'reader' && kind === 'mutation'
              ? 'FORBIDDEN'
              : 'ok';
        return [role, kind, access, outcome] as const;
      }),
    ),
  );

  it.each(matrix)('%s, %s, access %s: %s', async (role, kind, access, outcome) => {
    const service = access === 'token' ? closed : open;
    const headers = tokens[role] as Headers;
    const refusedSocket = role === 'anonymous' && access === 'token';
    if (kind !== 'subscription') expect(await overHttp(service, kind, headers)).toBe(outcome);
    expect(await overSocket(service, kind, headers)).toContain(refusedSocket ? '4403' : outcome);
    expect(await overEvents(service, kind, headers)).toBe(outcome);
  });
});

describe('tokens of the record', () => {
  it('are stored as digests only', async () => {
    const { authorization } = await bearer(test.db, 'reader', 'digested');
    const token = authorization.slice('Bearer '.length);
    const { rows } = await test.db.pool.query<Record<string, unknown>>('SELECT * FROM token');
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('are refused when unknown, malformed, expired or revoked, though reading is public', async () => {
    const expired = await bearer(test.db, 'recorder', 'expired', new Date(Date.now() + 60_000));
    await test.db.pool.query(`UPDATE token SET expires_at = now() - interval '1 s' WHERE name = 'expired'`);
    const revoked = await bearer(test.db, 'recorder', 'revoked');
    await revokeToken(test.db.prisma, 'revoked');
    for (const headers of [
      expired,
      revoked,
      { authorization: 'Bearer unknown' },
      { authorization: 'Basic eA==' },
    ]) {
      expect(await overHttp(open, 'query', headers)).toBe('UNAUTHENTICATED');
      expect(await overEvents(open, 'subscription', headers)).toBe('UNAUTHENTICATED');
      expect(await overSocket(open, 'subscription', headers)).toContain('4403');
    }
  });
});

it.each(['a\nb', 'a\u0000', '\u009bm'])(
  'the name of a token has no control character, which would break a line of the log: %j',
  async (name) => {
    const stored = storeToken(test.db.prisma, makeToken(), { name, role: 'reader' });
    await expect(stored).rejects.toThrow(/control characters/);
  },
);

describe('JSON Web Tokens', () => {
  const authorized = (...signed: Parameters<Issuer['sign']>) => ({
    authorization: `Bearer ${issuer.sign(...signed)}`,
  });

  it('are taken over HTTP, WebSocket and server-sent events, with the role of their claim', async () => {
    for (const kind of ['query', 'mutation', 'subscription']) {
      if (kind !== 'subscription') expect(await overHttp(closed, kind, authorized())).toBe('ok');
      expect(await overSocket(closed, kind, authorized())).toBe('ok');
      expect(await overEvents(closed, kind, authorized())).toBe('ok');
    }
    expect(await overHttp(closed, 'mutation', authorized({ role: 'reader' }))).toBe('FORBIDDEN');
    expect(await overHttp(closed, 'mutation', authorized({ role: ['reader', 'recorder'] }))).toBe('ok');
  });

  it('name who made a change', async () => {
    await overHttp(open, 'mutation', authorized({ sub: 'named-in-token' }));
    const { rows } = await test.db.pool.query('SELECT by FROM change ORDER BY position DESC LIMIT 1');
    expect(rows).toEqual([{ by: 'issuer.example:named-in-token' }]);
  });

  it.each<[string, Parameters<Issuer['sign']>]>([
    ['of another issuer', [{ iss: 'https://other.example/' }]],
    ['for another audience', [{ aud: 'somebody-else' }]],
    ['that have expired', [{ exp: 1_700_000_000 }]],
    ['that never expire', [{ exp: undefined }]],
    ['without a subject', [{ sub: undefined }]],
    ['whose subject is empty', [{ sub: '' }]],
    ['whose subject has a NUL', [{ sub: 'jo\0' }]],
    ['whose subject is longer than a name may be', [{ sub: 'j'.repeat(201) }]],
    ['whose subject is no text', [{ sub: 7 }]],
    ['without a role', [{ role: undefined }]],
    ['with a role that is none here', [{ role: ['owner'] }]],
    ['without a signature', [{}, { alg: 'none' }]],
    ['signed with another key', [{}, {}, generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey]],
    ['signed with a key that the issuer does not know', [{}, { kid: 'key-2' }]],
    ['whose algorithm would make a secret of the public key', [{}, { alg: 'HS256' }]],
  ])('%s are refused', async (_, signed) => {
    const headers = authorized(...signed);
    expect(await overHttp(open, 'query', headers)).toBe('UNAUTHENTICATED');
    expect(await overEvents(open, 'subscription', headers)).toBe('UNAUTHENTICATED');
    expect(await overSocket(open, 'subscription', headers)).toContain('4403');
  });

  it('share no name, and so no budget and no recorder in the log, with a token of the record', async () => {
    const own = await new TokenAuth(test.db).identify(
      (await bearer(test.db, 'reader', 'jo')).authorization.slice(7),
    );
    const jwt = { jwksUrl: issuer.jwksUrl, issuer: ISSUER, audience: AUDIENCE, roleClaim: 'role' };
    const theirs = await new JwtIssuer({ ...jwt, report }).identify(issuer.sign({ sub: 'jo' }));
    expect([own.name, theirs.name]).toEqual(['jo', 'issuer.example:jo']);
    await expect(
      storeToken(test.db.prisma, makeToken(), { name: theirs.name, role: 'reader' }),
    ).rejects.toThrow(/without colons/);
  });

  it('can’t be checked while the issuer is away, which is no fault of theirs', async () => {
    const away = await startIssuer();
    const jwt = { JWKS_URL: away.jwksUrl, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
    const service = await startTestService(test.url, jwt);
    const headers = { authorization: `Bearer ${away.sign()}` };
    await away.stop();
    expect(await overHttp(service, 'query', headers)).toBe('UNAVAILABLE');
    await service.stop();
  });
});

describe('the keys of an issuer', () => {
  let nowMs = 0;
  let own: Issuer;
  let checked: JwtIssuer;
  const reports: unknown[] = [];
  beforeEach(async () => {
    nowMs = 0;
    reports.length = 0;
    own = await startIssuer();
    const options = { jwksUrl: own.jwksUrl, issuer: ISSUER, audience: AUDIENCE, roleClaim: 'role' };
    checked = new JwtIssuer({ ...options, report: (error) => void reports.push(error), now: () => nowMs });
  });
  afterEach(() => own.stop());
  const isGood = { name: 'issuer.example:jo' };
  const code = (token: string): Promise<unknown> =>
    checked.identify(token).then(
      () => 'ok',
      (error: { code?: unknown }) => error.code,
    );

  it('are fetched once, however many tokens come at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => checked.identify(own.sign())));
    expect(own.asked).toBe(1);
  });

  it('that are known are still found, however many tokens name unknown keys', async () => {
    for (let i = 0; i < 30; i += 1) {
      expect(await code(own.sign({}, { kid: `made-up-${i}` }))).toBe('UNAUTHENTICATED');
    }
    expect(own.asked).toBe(1);
    expect(await checked.identify(own.sign())).toMatchObject(isGood);
  });

  it('that are new are found when the next request to the issuer is due', async () => {
    await checked.identify(own.sign());
    own.replaceKey('key-2');
    expect(await code(own.sign())).toBe('UNAUTHENTICATED');
    nowMs += 10_000;
    expect(await checked.identify(own.sign())).toMatchObject(isGood);
    expect(own.asked).toBe(2);
  });

  it('that are withdrawn are accepted for ten minutes at most', async () => {
    const token = own.sign();
    await checked.identify(token);
    own.replaceKey('key-2');
    nowMs += 600_000;
    expect(await checked.identify(token)).toMatchObject(isGood);
    nowMs += 1;
    expect(await code(token)).toBe('UNAUTHENTICATED');
  });

  it('stay in use while the issuer is away, for an hour, and are fetched when it is back', async () => {
    await checked.identify(own.sign());
    await own.goAway();
    nowMs += 3_600_000;
    expect(await checked.identify(own.sign())).toMatchObject(isGood);
    expect(await code(own.sign({}, { kid: 'made-up' }))).toBe('UNAVAILABLE');
    expect(reports).toHaveLength(1);
    nowMs += 1;
    expect(await code(own.sign())).toBe('UNAVAILABLE');
    await own.comeBack();
    nowMs += 10_000;
    expect(await checked.identify(own.sign())).toMatchObject(isGood);
    expect(own.asked).toBe(2);
  });
});

describe('a token that was looked up', () => {
  it('is believed for two seconds of a clock that does not run backwards', async () => {
    let nowMs = 5_000_000;
    const auth = new TokenAuth(test.db, { now: () => nowMs });
    const token = (await bearer(test.db, 'reader', 'believed')).authorization.slice(7);
    await auth.identify(token);
    await revokeToken(test.db.prisma, 'believed');
    nowMs += 1_999;
    expect(await auth.identify(token)).toMatchObject({ name: 'believed' });
    nowMs += 1;
    await expect(auth.identify(token)).rejects.toThrow(/revoked/);
  });

  it('has a holder without a look-up for as long, unless it is revoked or expires', async () => {
    let nowMs = 5_000_000;
    const auth = new TokenAuth(test.db, { now: () => nowMs });
    const { authorization } = await bearer(test.db, 'reader', 'held');
    expect(auth.holderOf(authorization), 'before a look-up').toBeNull();
    await auth.identify(authorization.slice(7));
    expect(auth.holderOf(authorization)).toMatchObject({ name: 'held', role: 'reader' });
    expect(auth.holderOf(authorization.slice(7)), 'not a header').toBeNull();
    nowMs += 2_000;
    expect(auth.holderOf(authorization), 'after two seconds').toBeNull();
    await revokeToken(test.db.prisma, 'held');
    await expect(auth.identify(authorization.slice(7))).rejects.toThrow(/revoked/);
    expect(auth.holderOf(authorization), 'found revoked').toBeNull();
    const token = makeToken();
    const expiresAt = new Date(Date.now() + 60_000);
    await storeToken(test.db.prisma, token, { name: 'brief', role: 'reader', expiresAt });
    await auth.identify(token);
    expect(auth.holderOf(`Bearer ${token}`)).toMatchObject({ name: 'brief' });
    vi.useFakeTimers({ toFake: ['Date'], now: expiresAt });
    try {
      expect(auth.holderOf(`Bearer ${token}`), 'expired').toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it('is looked up again although the time of day was set back', async () => {
    const auth = new TokenAuth(test.db);
    const token = (await bearer(test.db, 'reader', 'set-back')).authorization.slice(7);
    await auth.identify(token);
    await revokeToken(test.db.prisma, 'set-back');
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() - 3_600_000);
    try {
      await expect.poll(() => auth.identify(token).then(() => 'believed', String), POLL).toMatch(/revoked/);
    } finally {
      vi.useRealTimers();
    }
  });
});
