import { describe, expect, it } from 'vitest';
import { revokeToken } from '../../../src/domain/access/token.ts';
import type { TestDatabase } from '../../support/database.ts';
import { ADDED, TestSocket, TestStream } from '../../support/follow.ts';
import { bearer, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';
import { record } from '../../support/world.ts';

let test: TestDatabase;
let service: TestService;

useService('world', (used) => {
  ({ test, service } = used);
});

describe('an open subscription', () => {
  it.each([
    ['was revoked', (name: string) => revokeToken(test.db.prisma, name)],
    [
      'has expired',
      (name: string) =>
        test.db.pool
          .query(`UPDATE token SET expires_at = now() WHERE name = $1`, [name])
          .then(() => undefined),
    ],
  ])('ends when its token %s, and those of others go on', async (what, end) => {
    const gone = await bearer(test.db, 'reader', `gone-${what}`);
    const kept = await bearer(test.db, 'reader', `kept-${what}`);
    const sockets = [gone, kept, {}].map((params) => new TestSocket(service.origin, params));
    const [goneSocket, keptSocket, anonymous] = sockets.map((socket) => socket.follow({ query: ADDED }));
    const stream = new TestStream(service.origin, { query: ADDED }, { headers: gone });
    await until('4 readers', () => service.hub.counts.readers >= 4);
    await end(`gone-${what}`);
    expect(await goneSocket?.ended()).toMatchObject({ type: 'closed', code: 4403 });
    await stream.received.ended();
    expect(stream.received.failures).toMatchObject([[{ extensions: { code: 'UNAUTHENTICATED' } }]]);
    await record(test.db, { text: `After one ${what}.` });
    await Promise.all([keptSocket?.count(1), anonymous?.count(1)]);
    await Promise.all(sockets.map((socket) => socket.close()));
    await until('the end of all readers', () => service.hub.counts.readers === 0);
  });
});
