import { expect, it } from 'vitest';
import { readSeed } from '../../../src/import/read/seed.ts';
import { readItems } from '../../support/items.ts';

it('a seed file that is not UTF-8 is refused', async () => {
  const items = await readItems(readSeed, [Buffer.from('actors:\n  - name: M\xfcller', 'latin1')], 'a.yaml');
  expect(items).toMatchObject([
    { kind: 'unread', place: { line: 1 }, reason: expect.stringContaining('is not UTF-8') },
  ]);
});
