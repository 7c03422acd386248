import { expect, it } from 'vitest';
import type { Item } from '../../../src/import/item.ts';
import { batchesOf, lengthOf } from '../../../src/import/write/batch.ts';

it('a batch holds few long lines, and many short ones', async () => {
  const place = { file: 'a', line: 1 };
  async function* items(): AsyncGenerator<Item> {
    for (let i = 0; i < 6; i += 1) yield { kind: 'actor', value: {}, place, length: 600_000 };
    for (let i = 0; i < 3; i += 1) yield { kind: 'unread', path: [], reason: '', place, length: 400_000 };
    for (let i = 0; i < 300; i += 1) yield { kind: 'source', value: {}, place };
  }
  const lengths: number[] = [];
  for await (const batch of batchesOf(items())) lengths.push(lengthOf(batch));
  expect(lengths).toEqual([1, 1, 1, 1, 1, 2, 302]);
});
