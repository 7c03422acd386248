import { expect, it } from 'vitest';
import { runChaos, SHORT } from '../../bench/chaos/run.ts';

it('loses nothing and repeats nothing while processes, PostgreSQL and connections are killed', async () => {
  const result = await runChaos({ ...SHORT, say: () => undefined });
  expect(result).toMatchObject({ lost: 0, repeated: 0, foreign: 0, disordered: 0, broken: 0, lostWrites: 0 });
  expect(result.kills).toBeGreaterThan(0);
  expect(result.terminations).toBeGreaterThan(0);
  expect(result.written).toBeGreaterThan(20);
  expect(result.deliveries).toBeGreaterThan(1_000);
});
