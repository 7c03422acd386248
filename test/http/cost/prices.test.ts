import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bodyPoints,
  documentPoints,
  invalidityPoints,
  REQUEST_POINTS,
  workPoints,
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

/** Points of an operation without SQL whose answer is an object in an object. */
const paidWithoutSql = (answer: { data: object }): number =>
  workPoints({ sqlMs: 0, statements: 0 }, { bytes: JSON.stringify(answer).length, objects: 2 });

describe('a document', () => {
  it('is paid when it is parsed, and not again with the cached answer', async () => {
    const query = '{ __typename a: __typename }';
    const operation = paidWithoutSql({ data: { __typename: 'Query', a: 'Query' } });
    expect(await paidFor(query)).toBe(operation + documentPoints(query.length));
    expect(await paidFor(query)).toBe(operation);
    expect(await paidFor(query)).toBe(operation);
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
    expect(await paidFor(query, second)).toBe(paidWithoutSql({ data: { b: 'Query' } }));
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
  // 30 for the message, 120 for what it begins, 1 for each 20 bytes of the message, its document, and the operation.
  const rest = documentPoints('{ d: __typename }'.length) + paidWithoutSql({ data: { d: 'Query' } });
  expect(paid() - rest).toBeGreaterThanOrEqual(30 + 120 + 1);
  expect(paid() - rest).toBeLessThan(30 + 120 + 1 + 20);
  await socket.close();
});
