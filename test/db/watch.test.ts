import { afterAll, beforeAll, expect, it } from 'vitest';
import { openControlPool } from '../../src/db/client.ts';
import { DatabaseWatch } from '../../src/db/watch.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { layWire } from '../support/wire.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
});
afterAll(() => test.drop());

function startWatch(url: string) {
  const pool = openControlPool(url);
  const notices: string[] = [];
  let outages = 0;
  const watch = new DatabaseWatch({
    pool,
    notice: (message) => void notices.push(message),
    onOutage: () => {
      outages += 1;
    },
  });
  watch.start();
  const stop = async (): Promise<void> => {
    await watch.stop();
    await pool.end();
  };
  return { watch, pool, notices, outages: () => outages, stop };
}

it('PostgreSQL is not unreachable because this process is too busy to read its answers', async () => {
  const { watch, pool, notices, stop } = startWatch(test.url);
  await until('a connection', () => pool.totalCount > 0);
  // The steps of a new connection take a turn of the event loop each, and the turns take half a second: more than three in all, and
  // less than the time limit of a connection.
  while (pool.idleCount === 0 && !watch.isUnreachable) {
    const endMs = performance.now() + 500;
    while (performance.now() < endMs); // blocks the event loop on purpose
    await new Promise(setImmediate);
  }
  await stop();
  expect(notices).toEqual([]);
});

it('PostgreSQL is unreachable while it is silent on its connections, and no longer', async () => {
  const wire = await layWire(test.url);
  const { watch, notices, outages, stop } = startWatch(wire.url);
  await until('a connection to PostgreSQL', () => wire.count > 0);
  wire.silence();
  await until('the outage', () => watch.isUnreachable);
  wire.mend();
  await until('the end of the outage', () => !watch.isUnreachable);
  expect(notices).toEqual([
    'PostgreSQL does not answer. Operations are refused until it does.',
    'PostgreSQL answers again.',
  ]);
  expect(outages()).toBe(1);
  await stop();
  await wire.stop();
});
