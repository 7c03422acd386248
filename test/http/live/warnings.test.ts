import { createClient as createStreamClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { TestDatabase } from '../../support/database.ts';
import { ADDED, type Received, TestSocket, TestStream } from '../../support/follow.ts';
import type { TestService } from '../../support/service.ts';
import { happens } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';
import { record } from '../../support/world.ts';

let test: TestDatabase;
let service: TestService;
const ends: (() => unknown)[] = [];

useService('world', (used) => {
  ({ test, service } = used);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const TRANSPORTS: Readonly<Record<string, (variables: Record<string, unknown>) => Received>> = {
  'over a WebSocket': (variables) => {
    const socket = new TestSocket(service.origin);
    ends.push(() => socket.close());
    return socket.follow({ query: ADDED, variables });
  },
  'as server-sent events': (variables) => {
    const stream = new TestStream(service.origin, { query: ADDED, variables });
    ends.push(() => stream.stop());
    return stream.received;
  },
};

describe.each(Object.entries(TRANSPORTS))(
  'a subscription %s whose filter names an unknown slug',
  (_, follow) => {
    it('is told so at once, before any change', async () => {
      const received = follow({ filter: { speakers: ['annna'] } });
      expect(await received.firstTold()).toMatchObject({
        warnings: [{ code: 'UNKNOWN_SLUG', path: ['filter', 'speakers', 0], suggestions: ['anna'] }],
      });
      expect(received.changes).toEqual([]);
      expect(received.failures).toEqual([]);
    });

    it('is told so with its first change, once', async () => {
      await record(test.db, { text: 'First.' });
      const received = follow({ after: '0', filter: { speakers: ['anna', 'annna'] } });
      await received.count(1);
      const { position } = await record(test.db, { text: 'Second.' }); // sent by itself, not with the first
      await received.reached(position);
      expect(received.warnings).toEqual([
        {
          code: 'UNKNOWN_SLUG',
          path: ['filter', 'speakers', 1],
          value: 'annna',
          suggestions: ['anna'],
          message: 'When this subscription began, the record had no actor “annna”. Did you mean anna?',
        },
      ]);
      expect(received.hasUnbrokenChain(), 'each change names the one before it').toBe(true);
    });

    it('is told nothing where the record has all slugs, also beside one that is told', async () => {
      await record(test.db, { text: 'Another.' });
      const told = follow({
        after: '0',
        filter: { any: [{ speakers: ['anna'] }, { topics: ['no-topic'] }] },
      });
      const other = follow({ after: '0', filter: { speakers: ['anna'] } });
      await told.count(1);
      await other.count(1);
      expect(told.warnings).toHaveLength(1);
      expect(other.warnings).toEqual([]);
    });
  },
);

describe('a usual client whose filter names an unknown slug', () => {
  const variables = { after: '0', filter: { any: [{ speakers: ['anna'] }, { topics: ['no-topic'] }] } };

  it('follows with graphql-ws, which hands over the warnings with a ping', async () => {
    await record(test.db, { text: 'For graphql-ws.' });
    const pings: unknown[] = [];
    const client = createSocketClient({
      url: `${service.origin.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      on: { ping: (_, payload) => void pings.push(payload) },
    });
    ends.push(() => client.dispose());
    const first = client.iterate({ query: ADDED, variables }).next();
    const { value } = await happens('a change over graphql-ws', first);
    expect(value?.data).toMatchObject({ statementAdded: { position: expect.any(String) } });
    expect(pings).toMatchObject([
      { id: expect.any(String), extensions: { warnings: [{ value: 'no-topic' }] } },
    ]);
  });

  it('follows with graphql-sse, for which the warnings are a comment', async () => {
    await record(test.db, { text: 'For graphql-sse.' });
    const client = createStreamClient({ url: `${service.origin}/graphql`, retryAttempts: 0 });
    ends.push(() => client.dispose());
    const first = client.iterate({ query: ADDED, variables }).next();
    const { value } = await happens('a change over graphql-sse', first);
    expect(value?.data).toMatchObject({ statementAdded: { position: expect.any(String) } });
    const stream = new TestStream(service.origin, { query: ADDED, variables }, { plain: false });
    ends.push(() => stream.stop());
    await stream.received.count(1);
    expect(stream.text).toMatch(/^: \{"warnings":\[\{"code":"UNKNOWN_SLUG"/m);
  });
});
