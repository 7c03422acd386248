import { expect, it } from 'vitest';
import { Loader } from '../../../src/read/memory/loader.ts';

it('a loader reads the keys of a tick together, in lists of a limited length', async () => {
  const read: number[] = [];
  const loader = new Loader<number, number>(async (keys) => {
    read.push(keys.length);
    return keys;
  }, 4);
  const keys = Array.from({ length: 10 }, (_, i) => i);
  expect(await Promise.all(keys.map((key) => loader.load(key)))).toEqual(keys);
  expect(read).toEqual([4, 4, 2]);
});
