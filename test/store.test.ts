import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../src/config/config.ts';
import { prepareStore } from '../src/store.ts';
import { createUnusedDatabase, onServer } from './support/database.ts';

let database: { url: string; drop(): Promise<void> };
beforeAll(async () => {
  database = await createUnusedDatabase({ seeded: true });
  await onServer((client) =>
    client.query(`ALTER DATABASE "${new URL(database.url).pathname.slice(1)}" CONNECTION LIMIT 20`),
  );
});
afterAll(() => database.drop());

const prepare = (workers: number) =>
  prepareStore({
    config: parseConfig({ DATABASE_URL: database.url, WORKERS: String(workers) }),
    notice: () => undefined,
  });

it('a service of as many processes as PostgreSQL has connections for is prepared, and one of more is refused', async () => {
  await (await prepare(6)).stop();
  await expect(prepare(7)).rejects.toMatchObject({
    code: 'START_FAILED',
    message:
      'WORKERS=7 needs at least 21 connections to PostgreSQL, which allows 20. Lower WORKERS, or raise max_connections of PostgreSQL ' +
      '(“npm run doctor” says how many are needed).',
  });
});
