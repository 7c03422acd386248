import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chance } from '../../bench/fuzz/chance.ts';
import { DocumentMaker } from '../../bench/fuzz/document.ts';
import { schema } from '../../src/schema/schema.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { bearer, startTestService, type TestService } from '../support/service.ts';

const DOCUMENTS = 100;
const LIST = 'query List($first: Int) { statements(first: $first) { totalCount nodes { slug } } }';

let database: TestDatabase;
let service: TestService;
let reader: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
  reader = await bearer(database.db, 'reader');
  // Without a cache, so that what is asked again is run again.
  service = await startTestService(database.url, { CACHE_BYTES_MAX: '0', COST_PER_MINUTE: '100000000' });
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

interface Sent {
  readonly body: unknown;
  readonly headers?: Record<string, string>;
  readonly to?: TestService;
}

/** Whatever of an answer does not depend on chance or on the time. */
async function send({ body, headers = {}, to = service }: Sent) {
  const response = await fetch(`${to.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = (await response.text()).replace(/reference [0-9a-f]{8}|"reference":"[0-9a-f]{8}"/g, '');
  const kept = [...response.headers].filter(
    ([name]) => !['date', 'ratelimit', 'content-length'].includes(name),
  );
  return { status: response.status, headers: Object.fromEntries(kept), text };
}

describe('a query that was answered before', () => {
  it('has the same answer again, whatever it asks for', async () => {
    const maker = new DocumentMaker(schema, new Chance(20261125));
    let answered = 0;
    for (let i = 0; i < DOCUMENTS; i += 1) {
      const body = { query: maker.operation('query') };
      const first = await send({ body });
      const again = await send({ body });
      expect(again.status, body.query).toBe(first.status);
      if (first.text.includes('"errors"')) continue; // which of several that fail is told, chance decides
      answered += 1;
      expect(again, body.query).toEqual(first);
    }
    expect(answered).toBeGreaterThan(DOCUMENTS / 4);
  });

  it.each<[what: string, Sent]>([
    ['with variables', { body: { query: LIST, variables: { first: 3 } } }],
    ['with a variable of another type', { body: { query: LIST, variables: { first: 'three' } } }],
    ['with a page that is too long', { body: { query: LIST, variables: { first: 1_000 } } }],
    ['with variables that are no object', { body: { query: LIST, variables: [1] } }],
    ['with an operation name that is no text', { body: { query: LIST, operationName: 3 } }],
    [
      'with the name of an operation that it does not have',
      { body: { query: LIST, operationName: 'Other' } },
    ],
    ['with a parameter that nobody knows', { body: { query: LIST, verbose: true } }],
    ['with the document that an id stands for', { body: { query: LIST, documentId: 'list' } }],
    [
      'of a reader',
      {
        body: { query: LIST },
        headers: {
          get authorization() {
            return reader.authorization as string;
          },
        },
      },
    ],
    [
      'with a token that is no good',
      { body: { query: LIST }, headers: { authorization: 'Bearer nonsense' } },
    ],
    ['with an authorization that is none', { body: { query: LIST }, headers: { authorization: 'nonsense' } }],
    ['that asks for the cost', { body: { query: LIST }, headers: { 'x-readout-cost': '1' } }],
    [
      'that asks for a position which is no number',
      { body: { query: LIST }, headers: { 'x-readout-min-position': 'x' } },
    ],
    [
      'that asks for another form',
      { body: { query: LIST }, headers: { accept: 'application/graphql-response+json' } },
    ],
    [
      'that fails in a field',
      { body: { query: '{ statement(slug: "x") { slug } statements(after: "x") { totalCount } }' } },
    ],
  ])('has the same answer again %s', async (_, sent) => {
    await send({ body: { query: LIST } });
    const first = await send(sent);
    expect(await send(sent)).toEqual(first);
    expect(await send(sent)).toEqual(first);
  });

  it('has as many points taken for it', async () => {
    const limited = await startTestService(database.url, { CACHE_BYTES_MAX: '0', COST_PER_MINUTE: '1000' });
    const left: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const response = await fetch(`${limited.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: LIST, variables: { first: 3 } }),
      });
      left.push(Number(/r=(\d+)/.exec(String(response.headers.get('ratelimit')))?.[1]));
    }
    const [cost = 0] = left.map((points) => 1_000 - points);
    expect(cost).toBeGreaterThan(50);
    for (const [i, points] of left.entries())
      expect(Math.abs(1_000 - cost * (i + 1) - points)).toBeLessThan(20);
    await limited.stop();
  });

  it('is still refused to who may not ask', async () => {
    const closed = await startTestService(database.url, { CACHE_BYTES_MAX: '0', READ_ACCESS: 'token' });
    const asked = { body: { query: LIST }, to: closed };
    expect((await send({ ...asked, headers: reader })).status).toBe(200);
    expect((await send({ ...asked, headers: reader })).status).toBe(200);
    expect((await send(asked)).status).toBe(401);
    await closed.stop();
  });
});
