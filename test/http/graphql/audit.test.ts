import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startTestService, type TestService } from '../../support/service.ts';

let database: TestDatabase;
let service: TestService;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
  service = await startTestService(database.url);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

/** The suite of graphql-http: what a server of GraphQL over HTTP must, should and may do. */
describe('GraphQL over HTTP: a server', () => {
  it.each(serverAudits({ url: () => `${service.origin}/graphql` }))('$name ($id)', async ({ fn }) => {
    const result = await fn();
    expect(result.status, 'reason' in result ? result.reason : undefined).toBe('ok');
  });
});
