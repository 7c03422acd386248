import { expect, it } from 'vitest';
import { startMetricsServer } from '../../../src/http/server/metrics.ts';

it('a scrape that fails is answered with 503, and its reason is reported', async () => {
  const reported: unknown[] = [];
  const reason = new Error('made up');
  const server = await startMetricsServer({
    ...{ address: '127.0.0.1', port: 0, token: undefined },
    scrape: () => Promise.reject(reason),
    report: (error) => void reported.push(error),
  });
  const { status } = await fetch(`${server.origin}/metrics`);
  await server.stop();
  expect({ status, reported }).toEqual({ status: 503, reported: [reason] });
});
