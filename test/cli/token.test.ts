import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedServer } from '../../src/db/embedded/server.ts';
import { digestToken } from '../../src/domain/access/token.ts';
import { TokenAuth } from '../../src/http/client/auth.ts';
import { type CommandResult, runCommand } from '../support/command.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const token = (env: Record<string, string>, ...args: string[]): Promise<CommandResult> =>
  runCommand('token', args, { env });

let test: TestDatabase;
let env: { DATABASE_URL: string };

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  env = { DATABASE_URL: test.url };
});
afterAll(() => test.drop());

describe('token', () => {
  it('makes a token that works, shows it once, and keeps only its digest', async () => {
    const made = await token(
      env,
      'create',
      '--name',
      'Rita',
      '--role',
      'recorder',
      '--expires',
      '2099-01-31',
    );
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const [secret] = made.stdout.split('\n');
    const identity = await new TokenAuth(test.db).identify(secret as string);
    expect(identity).toMatchObject({
      name: 'Rita',
      role: 'recorder',
      expiresAt: new Date('2099-02-01T00:00:00Z'),
    });
    const listed = await token(env, 'list');
    expect(listed.stdout).toMatch(/Rita +recorder +\d{4}-\d\d-\d\d +2099-01-31 +valid/);
    expect(listed.stdout).not.toContain(secret);
    const { rows } = await test.db.pool.query('SELECT digest FROM token');
    expect(rows).toEqual([{ digest: digestToken(secret as string) }]);
  });

  it('makes a reader where no role is given', async () => {
    await token(env, 'create', '--name', 'Ralph');
    expect((await token(env, 'list')).stdout).toMatch(/Ralph +reader +\S+ +never +valid/);
  });

  it('revokes a token by its name', async () => {
    expect(await token(env, 'revoke', 'Ralph')).toMatchObject({ code: 0 });
    expect((await token(env, 'list')).stdout).toMatch(/Ralph .*revoked/);
    expect(await token(env, 'revoke', 'Ralph')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Ralph'),
    });
  });

  const REFUSED: [string, string[], number, string][] = [
    ['a name that is taken', ['create', '--name', 'Rita'], 1, 'Choose another name'],
    ['a day that has passed', ['create', '--name', 'Late', '--expires', '2020-01-01'], 1, 'expired already'],
    ['a day that is none', ['create', '--name', 'Late', '--expires', 'soon'], 2, '--expires'],
    ['an unknown role', ['create', '--name', 'Late', '--role', 'king'], 2, 'reader, recorder'],
    ['no name', ['create'], 2, '--name'],
    ['an unknown command', ['destroy'], 2, 'Usage'],
    ['an unknown option', ['list', '--all'], 2, 'Usage'],
    ['nothing', [], 2, 'Usage'],
  ];

  it(`refuses ${REFUSED.map(([what]) => what).join(', ')}, and says why`, async () => {
    const outcomes = await Promise.all(REFUSED.map(([, args]) => token(env, ...args)));
    for (const [i, [what, , code, text]] of REFUSED.entries()) {
      const expected = { code, stdout: '', stderr: expect.stringContaining(text) };
      expect(outcomes[i], what).toMatchObject(expected);
    }
  });

  it('says where it has looked for a database that is not there', async () => {
    const outcome = await token({ DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' }, 'list');
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('127.0.0.1:1') });
  });

  it('works on the embedded database, whether its service runs or not', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'readout-token-'));
    const embedded = { DATABASE_URL: '', DATA_DIR: join(directory, 'data') };
    try {
      expect(await token(embedded, 'create', '--name', 'before')).toMatchObject({ code: 0 });
      const server = await startEmbeddedServer({ dataDir: embedded.DATA_DIR, onNotice: () => undefined });
      expect(await token(embedded, 'create', '--name', 'beside')).toMatchObject({ code: 0 });
      await server.stop();
      const { stdout } = await token(embedded, 'list');
      expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['name', 'before', 'beside', '']);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
