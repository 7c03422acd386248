import { expect, it } from 'vitest';
import { runFuzz } from '../../bench/fuzz/run.ts';
import { createTestDatabase } from '../support/database.ts';

const DURATION_MS = 12_000;
/** The same operations in every run; `npm run fuzz` takes others each time. */
const SEED = 20_250_701;

it('the service stands what is sent at it, right and wrong, and a client beside it hardly notices', async () => {
  const database = await createTestDatabase({ seeded: true });
  const report = await runFuzz({ seed: SEED, durationMs: DURATION_MS, databaseUrl: database.url });
  await database.drop();
  expect(report.faults).toEqual([]);
  expect(report.requests + report.sockets).toBeGreaterThan(20);
  expect(report.beside.requests).toBeGreaterThan(5);
});
