import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import type { TestService } from '../../support/service.ts';
import { useService } from '../../support/useService.ts';

let service: TestService;
useService('seed', (used) => {
  service = used.service;
});

/** The suite of graphql-http: what a server of GraphQL over HTTP must, should and may do. */
describe('GraphQL over HTTP: a server', () => {
  it.each(serverAudits({ url: () => `${service.origin}/graphql` }))('$name ($id)', async ({ fn }) => {
    const result = await fn();
    expect(result.status, 'reason' in result ? result.reason : undefined).toBe('ok');
  });
});
