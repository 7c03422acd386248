import { expect, it } from 'vitest';
import { HeapGrowth, LARGE_PROCESS_BYTES } from '../../../src/http/load/heapGrowth.ts';

it('the heap grows slowly while the process is large, and as V8 decides otherwise', () => {
  let bytes = LARGE_PROCESS_BYTES - 1;
  const growth = new HeapGrowth(() => bytes);
  growth.check();
  expect(growth.isSlow).toBe(false);
  bytes = LARGE_PROCESS_BYTES;
  growth.check();
  expect(growth.isSlow).toBe(true);
  bytes = LARGE_PROCESS_BYTES / 2;
  growth.check();
  expect(growth.isSlow).toBe(false);
  bytes = LARGE_PROCESS_BYTES;
  growth.check();
  growth.stop();
  expect(growth.isSlow).toBe(false);
});
