import { expect, it } from 'vitest';
import { readSeed, SEED_ALIASES_MAX } from '../../../src/import/read/seed.ts';
import { readItems } from '../../support/items.ts';

it('a seed file that is not UTF-8 is refused', async () => {
  const items = await readItems(readSeed, [Buffer.from('actors:\n  - name: M\xfcller', 'latin1')], 'a.yaml');
  expect(items).toMatchObject([
    { kind: 'unread', place: { line: 1 }, reason: expect.stringContaining('is not UTF-8') },
  ]);
});

it('a seed file in which a few lines of aliases stand for millions of values is refused', async () => {
  const lists = Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
  );
  const items = await readItems(
    readSeed,
    [`a0: &a0 [x]\n${lists.join('\n')}\nactors: [{ slug: *a9 }]`],
    'a.yaml',
  );
  expect(items).toMatchObject([
    { kind: 'unread', reason: expect.stringContaining(`more than ${SEED_ALIASES_MAX} times`) },
  ]);
});

it('a seed file can repeat an anchor', async () => {
  const roles = Array(100).fill('*role').join(', ');
  const items = await readItems(
    readSeed,
    [`actors: [{ slug: a, role: &role Minister, roles: [${roles}] }]`],
    'a.yaml',
  );
  expect(items).toMatchObject([{ kind: 'actor', value: { roles: Array(100).fill('Minister') } }]);
});
