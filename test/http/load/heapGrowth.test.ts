import { expect, it } from 'vitest';
import { HeapGrowth, LARGE_PROCESS_BYTES } from '../../../src/http/load/heapGrowth.ts';

it('the heap grows slowly while the process is large, and as V8 decides otherwise', () => {
  let bytes = 0;
  const flags: string[] = [];
  const growth = new HeapGrowth(
    () => bytes,
    (flag) => flags.push(flag),
  );
  for (bytes of [LARGE_PROCESS_BYTES - 1, LARGE_PROCESS_BYTES, LARGE_PROCESS_BYTES + 1]) growth.check();
  const [slow, usual] = ['--heap-growing-percent=10', '--heap-growing-percent=0'];
  expect(flags).toEqual([slow]);
  for (bytes of [LARGE_PROCESS_BYTES / 2, LARGE_PROCESS_BYTES]) growth.check();
  growth.stop();
  growth.stop();
  expect(flags).toEqual([slow, usual, slow, usual]);
});
