import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TestSocket } from '../support/follow.ts';
import { startTestService, type TestService } from '../support/service.ts';

let test: TestDatabase;
let service: TestService;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  service = await startTestService(test.url);
});
afterAll(async () => {
  await service.stop();
  await test.drop();
});

describe('an answer', () => {
  it('has the request id that its client has sent, cached or not, and a new one otherwise', async () => {
    const ask = async (headers: Record<string, string>): Promise<string | null> => {
      const url = `${service.origin}/graphql?query={record{position}}`;
      return (await fetch(url, { headers })).headers.get('x-request-id');
    };
    expect(await ask({ 'x-request-id': 'order-7' })).toBe('order-7');
    expect(await ask({ 'x-request-id': 'order-8' })).toBe('order-8');
    const made = [await ask({}), await ask({ 'x-request-id': 'not one' })];
    expect(new Set(made).size).toBe(2);
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{10}-\w+$/);
  });

  it.each(['/health', '/live', '/nothing'])('of %s has one, too', async (path) => {
    const answer = await fetch(`${service.origin}${path}`, { headers: { 'x-request-id': 'order-9' } });
    expect(answer.headers.get('x-request-id')).toBe('order-9');
  });

  it('shows it to pages of other origins', async () => {
    const answer = await fetch(`${service.origin}/graphql?query={record{position}}`, {
      headers: { origin: 'https://example.org' },
    });
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
  });
});

describe('an error over WebSocket', () => {
  it('has the request id of the extensions, or a new one', async () => {
    const socket = new TestSocket(service.origin);
    const errorsOf = async (operation: object) => {
      const end = await socket.follow(operation as never).ended();
      return end.type === 'errors' ? end.errors.map(({ extensions }) => extensions?.requestId) : end;
    };
    const query = '{ nothing }';
    expect(await errorsOf({ query, extensions: { requestId: 'order-7' } })).toEqual(['order-7']);
    expect(await errorsOf({ query })).toEqual([expect.stringMatching(/^[0-9a-f]{10}-\w+$/)]);
    await socket.close();
  });
});
