import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../support/command.ts';
import type { TestDatabase } from '../support/database.ts';
import { exportedContent, exportedHistory } from '../support/exported.ts';
import type { TestService } from '../support/service.ts';
import { useService } from '../support/useService.ts';
import { record } from '../support/world.ts';

let test: TestDatabase;
let service: TestService;

useService('world', (used) => {
  ({ test, service } = used);
});

const run = (...args: string[]): Promise<CommandResult> =>
  runCommand('export', args, { env: { READOUT_URL: service.origin } });

it('the command writes the content to the standard output, and a history to a file', async () => {
  await record(test.db, { slug: 'by-command' });
  const { header, body } = await exportedContent(test.db);
  const content = await run();
  expect(content).toMatchObject({ code: 0, stdout: `${JSON.stringify(header)}\n${body}` });
  expect(content.stderr).toContain(`the record at ${header.cursor}`);
  const directory = await mkdtemp(join(tmpdir(), 'readout-export-'));
  try {
    const file = join(directory, 'history.jsonl');
    expect((await run('--history', '--output', file)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(await exportedHistory(test.db));
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('the command says why an export was refused', async () => {
  const refused = await run('--format', 'csv', '--filter', '{"speakers":["nobody"]}');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('The record has no actor “nobody”.');
  expect((await run('--history', '--format', 'csv')).code).toBe(2);
});
