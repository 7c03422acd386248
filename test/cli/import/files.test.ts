import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFiles } from '../../../src/cli/import/files.ts';

const CORPUS = `<teiCorpus><xi:include xmlns:xi="x"
  href="ParlaMint-XX-listPerson.xml"/><xi:include href='2019/ParlaMint-XX_2019-01-01.xml'/></teiCorpus>`;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'readout-files-test-'));
});
afterAll(() => rm(dir, { recursive: true }));

it('a corpus comes before the sittings of its folder that it does not include, and the others are left to it', async () => {
  await mkdir(join(dir, '2019'));
  await writeFile(join(dir, 'ParlaMint-XX.xml'), CORPUS);
  for (const name of [
    'A.csv',
    'ParlaMint-XX.ana.xml',
    'ParlaMint-XX-listPerson.xml',
    'ParlaMint-XX_2018-01-01.xml',
    'ParlaMint-XX_2018-01-01.ana.xml',
    'ParlaMint-taxonomy.xml',
    '2019/ParlaMint-XX_2019-01-01.xml',
    '2019/ParlaMint-XX_2019-01-02.xml',
  ])
    await writeFile(join(dir, name), 'text');
  const [corpus] = await findFiles([join(dir, 'ParlaMint-XX.xml')], undefined);
  expect(corpus).toMatchObject({
    bytes: CORPUS.length,
    included: ['ParlaMint-XX-listPerson.xml', '2019/ParlaMint-XX_2019-01-01.xml'].map((name) => ({
      ...{ path: join(dir, name), bytes: 'text'.length },
    })),
  });
  expect((await findFiles([dir], undefined)).map(({ path }) => relative(dir, path))).toEqual([
    'ParlaMint-XX.xml',
    '2019/ParlaMint-XX_2019-01-02.xml',
    'A.csv',
    'ParlaMint-XX_2018-01-01.xml',
  ]);
});
