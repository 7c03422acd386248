import { afterAll, beforeAll, expect, it } from 'vitest';
import { Listener } from '../../src/log/listener.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: false });
});
afterAll(() => database.drop());

it('limits the time of its SQL, so that PostgreSQL ends a read that takes too long', async () => {
  const nothing = (): void => undefined;
  const listener = new Listener({ url: database.url, onBell: nothing, onFailure: nothing, notice: nothing });
  await listener.connect();
  const shown = await listener.client?.query('SHOW statement_timeout');
  expect(shown?.rows).toEqual([{ statement_timeout: '10s' }]);
  await listener.stop();
});
