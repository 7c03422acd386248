import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { prepareNames } from '../../../src/domain/save/names.ts';

it('a long list of names leaves turns of the event loop to others', async () => {
  const names = Array.from({ length: 20_000 }, (_, id) => ({
    noun: 'actor' as const,
    id,
    name: `Олександр Шевченко ${id}`,
  }));
  let isDone = false;
  const prepared = prepareNames(names).finally(() => {
    isDone = true;
  });
  let turns = 0;
  for (; !isDone; turns += 1) await setImmediate();
  expect(turns).toBeGreaterThan(5);
  expect((await prepared).flatMap((list) => JSON.parse(list))).toHaveLength(20_000);
});
