import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../support/command.ts';
import { cursorAt } from '../support/cursor.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestService, type TestService } from '../support/service.ts';

const UNKNOWN_TEXT = 'Words that no source has.\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readout-verify-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const verify = (...args: string[]): Promise<CommandResult> => runCommand('verify', args);

async function write(content: string | Uint8Array): Promise<string> {
  const file = join(folder, 'text.txt');
  await writeFile(file, content);
  return file;
}

describe('npm run verify', () => {
  it('fails a text that is not the source, naming each anchor and none of its words', async () => {
    const { code, output } = await verify(await write(UNKNOWN_TEXT));
    expect(code).toBe(1);
    expect(output.match(/^not ok {2}/gm)?.length).toBeGreaterThan(20);
    expect(output).toMatch(
      /^\d+ anchors of \d+ statements: 0 ok, \d+ not ok; the text is not the one meant\.$/m,
    );
    expect(output).not.toContain('Words that');
  });

  it('exits with 2 if it cannot check', async () => {
    const file = await write(UNKNOWN_TEXT);
    expect(await verify()).toMatchObject({ code: 2, output: expect.stringContaining('Usage:') });
    expect(await verify(file, '--sauce', 'x')).toMatchObject({ code: 2 });
    expect(await verify(join(folder, 'none.txt'))).toMatchObject({
      code: 2,
      output: expect.stringContaining('ENOENT'),
    });
    expect(await verify(file, '--source', 'none')).toMatchObject({
      code: 2,
      output: expect.stringContaining('macron-putin-call-article'),
    });
    expect(await verify(file, '--endpoint', 'here')).toMatchObject({ code: 2 });
    expect(await verify(await write(new Uint8Array([0xff, 0xfe, 0])))).toMatchObject({
      code: 2,
      output: expect.stringContaining('UTF-8'),
    });
  });
});

describe('npm run verify -- --history', () => {
  let test: TestDatabase;
  let service: TestService;
  beforeAll(async () => {
    test = await createTestDatabase({ seeded: true });
    service = await startTestService(test.url);
  });
  afterAll(async () => {
    await service.stop();
    await test.drop();
  });

  it('finds that everything fits, in a database and over the API, and that a digest is in the chain', async () => {
    const early = await cursorAt(test.db, 20);
    const inDatabase = await verify('--history', test.url, '--digest', early);
    expect(inDatabase.output).toMatch(/^ok {6}[0-9a-f]{16} is in the chain$/m);
    expect(inDatabase).toMatchObject({
      code: 0,
      output: expect.stringContaining('64 changes checked, the chain and the tables; everything fits.'),
    });
    const overApi = await verify('--history', '--endpoint', `${service.origin}/graphql`, '--digest', early);
    expect(overApi).toMatchObject({
      code: 0,
      output: expect.stringContaining(
        '64 changes checked, the chain alone, without contents; everything fits.',
      ),
    });
  });

  it('exits with 1 if a saved digest is not in the chain', async () => {
    const { code, output } = await verify('--history', test.url, '--digest', 'f'.repeat(64));
    expect(code).toBe(1);
    expect(output).toMatch(/^not ok {2}f{64} is not in the chain$/m);
  });

  it('exits with 2 where it cannot check', async () => {
    expect(await verify('--history', test.url, '--digest', 'x')).toMatchObject({ code: 2 });
    expect(await verify('--history', test.url, 'another')).toMatchObject({ code: 2 });
    expect(await verify('--history', '--endpoint', 'http://127.0.0.1:1/graphql')).toMatchObject({ code: 2 });
  });

  it('names the change that does not fit, in a database and over the API', async () => {
    await test.db.pool.query(`ALTER TABLE change DISABLE TRIGGER change_append_only;
      UPDATE change SET by = 'somebody' WHERE position = 7;
      UPDATE source SET title = 'Another title'`);
    const inDatabase = await verify('--history', test.url);
    expect(inDatabase.code).toBe(1);
    expect(inDatabase.output).toMatch(
      /^not ok {2}change 7: its digest is [0-9a-f]{64}, and its fields \(.*by somebody\)/m,
    );
    expect(inDatabase.output).toMatch(
      /^not ok {2}change \d+: the source “macron-putin-call-article” differs from what/m,
    );
    const overApi = await verify('--history', '--endpoint', `${service.origin}/graphql`);
    expect(overApi).toMatchObject({ code: 1, output: expect.stringContaining('not ok  change 7: ') });
  });
});
