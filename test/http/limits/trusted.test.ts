import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReadoutError } from '../../../src/base/errors.ts';
import { readManifest } from '../../../src/http/limits/trusted.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { TestSocket, TestStream } from '../../support/follow.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';

const KNOWN = 'query Count { record { statements } }';
const FOLLOW = 'subscription Follow { statementAdded { cursor } }';
const OTHER = '{ record { actors } }';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(text) } });

const directory = mkdtempSync(join(tmpdir(), 'readout-manifest-'));
afterAll(() => rmSync(directory, { recursive: true }));

function manifest(name: string, content: unknown): string {
  const file = join(directory, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const relay = manifest('relay.json', { [sha256(KNOWN)]: KNOWN, 'a-name-of-its-own': FOLLOW });
const apollo = manifest('apollo.json', {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [{ id: 'count-1', name: 'Count', type: 'query', body: KNOWN }],
});

describe('a manifest', () => {
  it('is read as Relay, urql and graphql-codegen write it', () => {
    const documents = readManifest(relay);
    expect(documents.count).toBe(2);
    expect(documents.find(sha256(KNOWN))).toBe(KNOWN);
    expect(documents.find(`sha256:${sha256(KNOWN)}`)).toBe(KNOWN);
    expect(documents.find('a-name-of-its-own')).toBe(FOLLOW);
    expect(documents.find('unknown')).toBeNull();
  });

  it('is read as Apollo writes it, by its ids and by hash', () => {
    const documents = readManifest(apollo);
    expect(documents.find('count-1')).toBe(KNOWN);
    expect(documents.find(sha256(KNOWN))).toBe(KNOWN);
  });

  it.each([
    ['is not there', join(directory, 'none.json')],
    ['is no JSON', manifest('broken.json', '{')],
    ['is a list', manifest('list.json', [KNOWN])],
    ['is empty', manifest('empty.json', {})],
    ['has no documents', manifest('numbers.json', { a: 1 })],
  ])('that %s stops the start with its name', (_, file) => {
    try {
      readManifest(file);
    } catch (error) {
      expect(error).toBeInstanceOf(ReadoutError);
      expect((error as ReadoutError).message).toContain(`TRUSTED_DOCUMENTS=${file}`);
      return;
    }
    throw new Error('it was read');
  });
});

describe('with a manifest, a client without a token', () => {
  let database: TestDatabase;
  let service: TestService;
  let reader: { authorization: string };
  beforeAll(async () => {
    database = await createTestDatabase({ seeded: true });
    service = await startTestService(database.url, { TRUSTED_DOCUMENTS: relay });
    reader = await bearer(database.db, 'reader');
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  const post = async (body: object, headers: Record<string, string> = {}) =>
    (
      await fetch(`${service.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    ).json() as Promise<{ data?: object; errors?: { extensions: { code: string } }[] }>;
  const subscribe = async (payload: object, params: Record<string, unknown> = {}) => {
    const socket = new TestSocket(service.origin, params);
    const received = socket.follow(payload as { query: string });
    const end = await ((payload as { query: string }).query === FOLLOW ? opened(socket) : received.ended());
    await socket.close();
    return { end, messages: socket.messages };
  };
  /** A subscription that is open says nothing, so another operation is asked for behind it. */
  const opened = async (socket: TestSocket): Promise<unknown> => {
    await socket.follow({ query: KNOWN }, 'behind').ended();
    return socket.messages.find(({ type }) => type === 'error') ?? 'open';
  };
  const data = { record: { statements: expect.any(Number) } };

  it('runs what it names: by hash in either way, by id, and as text', async () => {
    for (const body of [
      { extensions: persisted(KNOWN) },
      { documentId: sha256(KNOWN) },
      { documentId: `sha256:${sha256(KNOWN)}` },
      { query: KNOWN },
      { query: KNOWN, extensions: persisted(KNOWN) },
    ]) {
      expect(await post(body), JSON.stringify(body)).toEqual({ data });
    }
  });

  it('runs nothing else: not by text, not by an unknown hash, not under a name that fits', async () => {
    expect(await post({ query: OTHER })).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(await post({ query: `${KNOWN} ` })).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    expect(await post({ query: OTHER, extensions: persisted(KNOWN) })).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    expect(await post({ extensions: persisted(OTHER) })).toMatchObject({
      errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'NOT_FOUND' } }],
    });
    expect(await post({ documentId: '__proto__' })).toMatchObject({
      errors: [{ extensions: { code: 'NOT_FOUND' } }],
    });
  });

  it('is held to it over WebSocket and server-sent events as well', async () => {
    expect((await subscribe({ query: OTHER })).end).toMatchObject({
      type: 'errors',
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    expect((await subscribe({ query: 'subscription { recordChanged { cursor } }' })).end).toMatchObject({
      type: 'errors',
    });
    expect((await subscribe({ query: FOLLOW })).end).toBe('open');
    const known = await subscribe({ query: '', extensions: persisted(KNOWN) });
    expect(known.messages.find(({ type }) => type === 'next')).toMatchObject({ payload: { data } });
    const refused = new TestStream(service.origin, { query: OTHER }, { plain: false });
    await refused.received.ended();
    expect(refused.text).toContain('FORBIDDEN');
    const live = await fetch(`${service.origin}/live?documentId=a-name-of-its-own`);
    expect(live.status).toBe(200);
    await live.body?.cancel();
    expect((await fetch(`${service.origin}/live?documentId=unknown`)).status).toBe(400);
  });

  it('may run anything with a token, and nothing more with an invalid one', async () => {
    expect(await post({ query: OTHER }, reader)).toEqual({
      data: { record: { actors: expect.any(Number) } },
    });
    expect((await subscribe({ query: OTHER }, reader)).end).toEqual({ type: 'complete' });
    expect(await post({ query: OTHER }, { authorization: 'Bearer nonsense' })).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(await post({ query: OTHER }, { authorization: '' })).toMatchObject({ errors: [{}] });
  });

  it('gets by GET and hash what a cache may keep, and check again', async () => {
    const query = new URLSearchParams({ extensions: JSON.stringify(persisted(KNOWN)) });
    const response = await fetch(`${service.origin}/graphql?${query}`);
    expect(await response.json()).toEqual({ data });
    expect(response.headers.get('cache-control')).toBe('public, no-cache');
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(`${service.origin}/graphql?${query}`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    const withToken = await fetch(`${service.origin}/graphql?${query}`, { headers: reader });
    expect(withToken.headers.get('cache-control') ?? 'private').not.toMatch(/public/);
  });
});
