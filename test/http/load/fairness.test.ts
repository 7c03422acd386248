import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shareOf } from '../../../src/base/fairQueue.ts';
import { CONNECTIONS_PER_CLIENT_SHARE } from '../../../src/db/pool/pool.ts';
import { askFrom } from '../../support/askFrom.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { untilWaitingForLock } from '../../support/locks.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';

/** Connections for operations: those of POOL_MAX without the two for subscribers. */
const CONNECTIONS = 8;
/** The share of one client that is not alone. */
const SHARE = shareOf(CONNECTIONS, CONNECTIONS_PER_CLIENT_SHARE);
const READ = '{ statements(first: 1) { nodes { text } } }';
const SAVE = 'mutation { saveTopic(input: { slug: "fair", name: "Fair" }) { position } }';

let test: TestDatabase;
let service: TestService;
let locked: PoolClient;
let recorder: { authorization: string };
let reader: { authorization: string };
let others: NodeJS.Timeout;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: true });
  recorder = await bearer(test.db, 'recorder', 'fair recorder');
  reader = await bearer(test.db, 'reader', 'fair reader');
  service = await startTestService(test.url, { POOL_MAX: '10', QUEUE_WAIT_MS: '30000' });
  locked = await test.db.pool.connect();
  // Other addresses ask all the time. A client that is alone for two seconds gets more than its share.
  const seeOthers = (): void => {
    for (const address of ['127.0.0.3', '127.0.0.4']) service.crowd.see(address);
  };
  seeOthers(); // also before the first request of a test
  others = setInterval(seeOthers, 100);
});
afterAll(async () => {
  clearInterval(others);
  locked.release();
  await service.stop();
  await test.drop();
});

/** The cost in the answer keeps it from the cache. */
const ask = (address: string, query: string, headers: Record<string, string> = {}) =>
  askFrom(address, service.origin, query, { 'x-readout-cost': '1', ...headers });
const many = (count: number, address: string, query: string, headers?: Record<string, string>) =>
  Array.from({ length: count }, () => ask(address, query, headers));

/** Waits until `count` statements of the service wait for a lock of the test. */
const untilWaiting = (count: number): Promise<void> => untilWaitingForLock(test.db.pool, count);

it('one client holds at most its share of the connections, and other readers, tokens and a recorder get theirs', async () => {
  await locked.query('BEGIN; LOCK TABLE statement, topic IN ACCESS EXCLUSIVE MODE');
  const asked = many(20, '127.0.0.1', READ);
  await untilWaiting(SHARE);
  asked.push(ask('127.0.0.2', READ));
  await untilWaiting(SHARE + 1);
  asked.push(ask('127.0.0.1', READ, reader)); // a token is a separate client, even at the same address
  await untilWaiting(SHARE + 2);
  asked.push(ask('127.0.0.1', SAVE, recorder));
  await untilWaiting(SHARE + 3);
  await until('status 200 of /ready', async () => (await fetch(`${service.origin}/ready`)).status === 200);
  await locked.query('ROLLBACK');
  const answers = await Promise.all(asked);
  expect(answers.filter(({ status, body }) => status !== 200 || body.errors)).toEqual([]);
});

it('transactions count as their client’s, like statements', async () => {
  await locked.query('BEGIN; LOCK TABLE statement, topic IN ACCESS EXCLUSIVE MODE');
  const asked = many(20, '127.0.0.1', SAVE, recorder);
  await untilWaiting(SHARE);
  for (let i = 2; i < 2 + CONNECTIONS - SHARE; i += 1) asked.push(ask(`127.0.0.${i}`, READ));
  await untilWaiting(CONNECTIONS);
  await locked.query('ROLLBACK');
  const answers = await Promise.all(asked);
  expect(answers.filter(({ status, body }) => status !== 200 || body.errors)).toEqual([]);
});
