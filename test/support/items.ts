import { Readable } from 'node:stream';
import type { Item, ItemReader } from '../../src/import/item.ts';

/** All items of a file that comes in these pieces. */
export async function readItems(
  reader: ItemReader,
  pieces: readonly (string | Uint8Array)[],
  file = 'a.jsonl',
): Promise<Item[]> {
  const bytes = Readable.from(
    pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
  );
  const items: Item[] = [];
  for await (const item of reader(bytes, { file })) items.push(item);
  return items;
}
