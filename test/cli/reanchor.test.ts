import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sha256 } from '../../src/domain/anchor.ts';
import { type CommandResult, runCommand } from '../support/command.ts';
import type { TestDatabase } from '../support/database.ts';
import { saveSource } from '../support/saves.ts';
import { bearer, type TestService } from '../support/service.ts';
import { useService } from '../support/useService.ts';
import { record } from '../support/world.ts';

const FORMER = 'Anna said that a truce is near. Clara left.';

let test: TestDatabase;
let service: TestService;
let folder: string;
let token: string;

useService('world', (used) => {
  ({ test, service } = used);
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readout-texts-'));
  token = (await bearer(test.db, 'recorder')).authorization.replace('Bearer ', '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (command: 'reanchor' | 'verify', ...args: string[]): Promise<CommandResult> =>
  runCommand(command, args, { env: { READOUT_URL: service.origin, READOUT_TOKEN: token } });
const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
const anchorOf = (words: string) => {
  const start = FORMER.indexOf(words);
  return { start, end: start + words.length, digest: sha256(words) };
};

it('a folder of new texts re-anchors its sources, and a check of the folder then passes', async () => {
  for (const slug of ['report', 'remarks']) {
    await test.db.prisma.$transaction((tx) =>
      saveSource(tx, { slug, title: slug, digest: sha256(FORMER), length: FORMER.length }, 'test'),
    );
    const anchors = [anchorOf('a truce is near'), anchorOf('Clara left')];
    await record(test.db, { slug: `of-${slug}`, source: slug, anchors });
    await write(`${slug}.txt`, FORMER);
  }
  const verify = () => run('verify', folder, '--endpoint', `${service.origin}/graphql`);
  expect(await verify()).toMatchObject({
    code: 0,
    output: expect.stringContaining('2 files: 2 ok, 0 not ok.'),
  });

  await write('report.txt', `Corrected: ${FORMER}`);
  await write('remarks.txt', FORMER.replace('Clara left.', 'All left.'));
  expect(await verify()).toMatchObject({
    code: 1,
    output: expect.stringContaining('2 files: 0 ok, 2 not ok.'),
  });

  const { code, output } = await run('reanchor', folder);
  expect(output).toContain('report: 0 same, 2 moved, 0 ambiguous, 0 orphaned.');
  expect(output).toMatch(/^moved {6}of-report {2}15–30 → 26–41$/m);
  expect(output).toContain('remarks: 1 same, 0 moved, 0 ambiguous, 1 orphaned.');
  expect(output).toMatch(/^orphaned {3}of-remarks {2}32–42$/m);
  expect(code, 'the exit code where an anchor was lost').toBe(1);

  const verified = await verify();
  expect(verified).toMatchObject({ code: 0, output: expect.stringContaining('2 files: 2 ok, 0 not ok.') });
  expect(verified.output).toContain('1 more anchors are AMBIGUOUS or ORPHANED');

  await write('misspelt.txt', 'No source has this text.');
  expect(await verify()).toMatchObject({
    code: 1,
    output: expect.stringContaining('no source has this name'),
  });
  expect(await run('reanchor', join(folder, 'misspelt.txt'))).toMatchObject({
    code: 1,
    output: expect.stringContaining('refused    misspelt: The record has no source'),
  });
});

it('the command says what it can’t do', async () => {
  expect(await run('reanchor')).toMatchObject({ code: 2, output: expect.stringContaining('Usage:') });
  expect(await run('reanchor', join(folder, 'none.txt'))).toMatchObject({ code: 2 });
});
