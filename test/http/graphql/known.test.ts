import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Chance } from '../../../bench/fuzz/chance.ts';
import { DocumentMaker } from '../../../bench/fuzz/document.ts';
import { documentPoints } from '../../../src/http/cost/prices.ts';
import { KnownQueries } from '../../../src/http/graphql/known.ts';
import { schema } from '../../../src/schema/schema.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';

const DOCUMENTS = 100;
const LIST = 'query List($first: Int) { statements(first: $first) { totalCount nodes { slug } } }';

let database: TestDatabase;
let service: TestService;
let reader: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
  reader = await bearer(database.db, 'reader');
  // Without a cache, so that what is asked again is run again.
  service = await startTestService(database.url, {
    CACHE_BYTES_MAX: '0',
    COST_PER_MINUTE: '10000000000',
    COST_MAX: '100000000',
  });
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const WRONG_TOKEN = { authorization: 'Bearer nonsense' };
const NO_TOKEN = { authorization: 'nonsense' };
const OTHER_FORM = 'application/graphql-response+json';

interface Sent {
  readonly body: unknown;
  /** Whether the body is a query that is sent in the address. */
  readonly get?: boolean;
  readonly headers?: Record<string, string>;
  readonly to?: TestService;
}

/** Whatever of an answer does not depend on chance or on the time. */
async function send({ body, get = false, headers = {}, to = service }: Sent) {
  const posted = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  const query = get ? `?query=${encodeURIComponent(String(body))}` : '';
  const response = await fetch(`${to.origin}/graphql${query}`, get ? { headers } : posted);
  const text = (await response.text()).replace(
    /reference [0-9a-f]{8}|"reference":"[0-9a-f]{8}"|"cost":\d+/g,
    '',
  );
  const kept = [...response.headers].filter(
    ([name]) => !['date', 'ratelimit', 'content-length', 'etag', 'x-request-id'].includes(name),
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
      if (first.text.includes('"errors"')) continue; // which of several failures is reported depends on chance
      answered += 1;
      expect(again, body.query).toEqual(first);
    }
    expect(answered).toBeGreaterThan(DOCUMENTS / 5);
  });

  const refused = 'by the endpoint';
  const taken = 'round it';
  it.each<[way: string, what: string, make: (query: string) => Sent]>([
    [taken, 'with variables', (query) => ({ body: { query, variables: { first: 3 } } })],
    [taken, 'with variables that are null', (query) => ({ body: { query, variables: null } })],
    [taken, 'with the name of its operation', (query) => ({ body: { query, operationName: 'List' } })],
    [
      taken,
      'with a variable of another type',
      (query) => ({ body: { query, variables: { first: 'three' } } }),
    ],
    [taken, 'with a page that is too long', (query) => ({ body: { query, variables: { first: 1_000 } } })],
    [taken, 'by GET', (query) => ({ body: query, get: true })],
    [taken, 'of a reader', (query) => ({ body: { query }, headers: reader })],
    [taken, 'with an invalid token', (query) => ({ body: { query }, headers: WRONG_TOKEN })],
    [taken, 'with an authorization that is none', (query) => ({ body: { query }, headers: NO_TOKEN })],
    [taken, 'that asks for the cost', (query) => ({ body: { query }, headers: { 'x-readout-cost': '1' } })],
    [
      taken,
      'that asks for no position',
      (query) => ({ body: { query }, headers: { 'x-readout-min-position': 'x' } }),
    ],
    [taken, 'that asks for another form', (query) => ({ body: { query }, headers: { accept: OTHER_FORM } })],
    [refused, 'with variables that are no object', (query) => ({ body: { query, variables: [1] } })],
    [refused, 'with an operation name that is no text', (query) => ({ body: { query, operationName: 3 } })],
    [refused, 'with the name of no operation', (query) => ({ body: { query, operationName: 'Other' } })],
    [refused, 'with an unknown parameter', (query) => ({ body: { query, verbose: true } })],
    [refused, 'with the id of a document', (query) => ({ body: { query, documentId: 'list' } })],
  ])('is answered %s as one that comes for the first time, %s', async (way, what, make) => {
    await send({ body: { query: LIST } });
    const first = await send(make(`${LIST}\n# ${what}`));
    const run = vi.spyOn(KnownQueries.prototype, 'run');
    expect(await send(make(LIST))).toEqual(first);
    expect(run).toHaveBeenCalledTimes(way === taken ? 1 : 0);
    run.mockRestore();
  });

  it('has as many points taken for it, but for reading its document', async () => {
    const limited = await startTestService(database.url, { CACHE_BYTES_MAX: '0', COST_PER_MINUTE: '100000' });
    const query = '{ record { position cursor } }'; // no SQL, whose time varies
    const costs: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const answer = await limited.ask(query, {}, { 'x-readout-cost': '1' });
      costs.push((answer as unknown as { extensions: { cost: number } }).extensions.cost);
    }
    const [first = 0, second = 0] = costs;
    expect(costs).toEqual([first, second, second, second]);
    expect(first - second).toBe(documentPoints(query.length));
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
