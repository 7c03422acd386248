import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { sha256 } from '../../../src/domain/anchor.ts';
import { readJsonl } from '../../../src/import/read/jsonl.ts';
import { readItems } from '../../support/items.ts';

const RECIPE = fileURLToPath(new URL('../../../docs/recipes/brat.mjs', import.meta.url));
const TEXT = '🏭 The mayor told us: coal, she said, must go. Rain fell.\n';

it('the recipe for brat gives a statement for each content, with anchors by role', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'brat-'));
  const path = join(folder, 'coal.ann');
  await writeFile(join(folder, 'coal.txt'), TEXT);
  const ann = [
    'T1\tSpeaker 2 11\tThe mayor',
    'T2\tCue 12 16\ttold',
    'T3\tContent 21 25;37 44\tcoal must go',
    'T4\tContent 46 55\tRain fell',
    'R1\tSays Arg1:T1 Arg2:T3',
    'R2\tBy Arg1:T3 Arg2:T2',
    '',
  ];
  await writeFile(path, ann.join('\n'));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    RECIPE,
    'coal',
    '2020-01-02',
    path,
  ]);
  await rm(folder, { recursive: true });
  const items = await readItems(readJsonl, [stdout]);
  const statements = items.flatMap((item) => (item.kind === 'statement' ? [item.value] : []));
  expect(statements).toEqual([
    {
      ...{
        key: 'coal:T3',
        quote: 'coal must go',
        mode: 'MIXED',
        act: 'STATE',
        said: '2020-01-02',
        source: 'coal',
      },
      mentions: [{ as: 'The mayor' }],
      anchors: [
        { start: 21, end: 25, digest: sha256('coal'), role: 'CONTENT' },
        { start: 37, end: 44, digest: sha256('must go'), role: 'CONTENT' },
        { start: 2, end: 11, digest: sha256('The mayor'), role: 'SPEAKER' },
        { start: 12, end: 16, digest: sha256('told'), role: 'CUE' },
      ],
    },
  ]);
  expect(stderr).toContain('T4 has no speaker and was left out');
});
