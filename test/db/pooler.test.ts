import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { isPooled } from '../../src/db/pooler.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
});
afterAll(() => test.drop());

/** Message BackendKeyData: its type and length, before the process id. */
const KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12]);

/** Stands before PostgreSQL and gives connections process ids of its own, as PgBouncer does. */
async function startPooler(url: URL): Promise<{ url: string; stop(): void }> {
  const server = createServer((client) => {
    const upstream = connect(Number(url.port), url.hostname);
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      const at = chunk.indexOf(KEY_DATA);
      if (at >= 0) chunk.writeInt32BE(1, at + KEY_DATA.length);
      client.write(chunk);
    });
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    for (const end of [client, upstream]) end.on('error', () => undefined); // `close` follows
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pooled = new URL(url);
  pooled.hostname = '127.0.0.1';
  pooled.port = String((server.address() as AddressInfo).port);
  return { url: String(pooled), stop: () => server.close() };
}

it('the start tells that queries can’t be cancelled through a pooler, and only then', async () => {
  const pooler = await startPooler(new URL(test.url));
  for (const [url, told] of [
    [pooler.url, 1],
    [test.url, 0],
  ] as const) {
    const db = openDatabase({ url, poolMax: 1, statementTimeoutMs: 1_000 });
    expect(await isPooled(db)).toBe(told === 1);
    await db.close();
    const service = await startTestService(url);
    expect(service.notices.filter((notice) => notice.includes('pooler'))).toHaveLength(told);
    await service.stop();
  }
  pooler.stop();
});
