import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bodyPoints,
  documentPoints,
  invalidityPoints,
  REQUEST_POINTS,
} from '../../../src/http/cost/prices.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { TestSocket } from '../../support/follow.ts';
import { bearer, countPaid, startTestService, type TestService } from '../../support/service.ts';

let database: TestDatabase;
let service: TestService;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: false });
  service = await startTestService(database.url);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

/** Points that were taken for a request. */
async function paidFor(query: string, headers: Record<string, string> = {}): Promise<number> {
  const paid = countPaid(service);
  const body = JSON.stringify({ query });
  const response = await fetch(`${service.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  await response.arrayBuffer();
  return paid() - REQUEST_POINTS - bodyPoints(body.length);
}

describe('a document', () => {
  it('is paid when it is parsed, and not again with the cached answer', async () => {
    const query = '{ __typename a: __typename }';
    const fields = 2;
    expect(await paidFor(query)).toBe(fields + documentPoints(query.length));
    expect(await paidFor(query)).toBe(fields);
    expect(await paidFor(query)).toBe(fields);
  });

  it('is paid for each error that validation finds', async () => {
    const [one, many] = [1, 20].map(
      (errors) => `{ ${Array.from({ length: errors }, (_, i) => `nothing${i}`).join(' ')} }`,
    ) as [string, string];
    expect(await paidFor(one)).toBe(documentPoints(one.length) + invalidityPoints(1));
    expect(await paidFor(many)).toBe(documentPoints(many.length) + invalidityPoints(20));
  });

  it('is not paid for by the one who finds the answer to it in the cache, nor is the token of another', async () => {
    const query = '{ b: __typename }';
    const first = await bearer(database.db, 'reader', 'who asks first');
    expect(await paidFor(query, first)).toBeGreaterThan(documentPoints(query.length));
    const second = await bearer(database.db, 'reader', 'who asks second');
    await paidFor('{ c: __typename }', second); // the token is known from here on
    expect(await paidFor(query, second)).toBe(1);
  });
});

it('A body that is no operation is refused before a document is looked for', async () => {
  for (const body of ['[[', '[]', '{}', '"query"']) {
    const paid = countPaid(service);
    const response = await fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('query'), extensions: { code: 'INVALID_INPUT' } }],
    });
    expect(paid()).toBe(REQUEST_POINTS + bodyPoints(body.length));
  }
});

it('An operation over a WebSocket costs more than a message', async () => {
  const socket = new TestSocket(service.origin, {});
  await socket.ready();
  const paid = countPaid(service);
  await socket.follow({ query: '{ d: __typename }' }).ended();
  // 30 for the message, 120 for the operation, 1 for each 20 bytes of the message, and its document.
  const document = documentPoints('{ d: __typename }'.length);
  expect(paid() - document).toBeGreaterThanOrEqual(30 + 120 + 1 + 1);
  expect(paid() - document).toBeLessThan(30 + 120 + 1 + 20);
  await socket.close();
});
