import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/verify.js', import.meta.url));
const UNKNOWN_TEXT = 'Words that no source has.\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readout-verify-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function verify(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

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

  it('exits with 2 where it cannot check', async () => {
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
