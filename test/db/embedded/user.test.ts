import { execFile } from 'node:child_process';
import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { findBinaries, runnableBinaries } from '../../../src/db/embedded/binaries.ts';
import { type SystemUser, serverUser } from '../../../src/db/embedded/user.ts';

const run = promisify(execFile);
const directories: string[] = [];

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

/** A directory that only its owner, the user of this process, may enter. */
async function makePrivateDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'readout-user-'));
  directories.push(directory);
  return directory;
}

describe.runIf(process.getuid?.() === 0)('a service that is root', () => {
  it('runs PostgreSQL as nobody on a new data directory, and as the owner of an existing cluster', async () => {
    const directory = await makePrivateDirectory();
    const cluster = join(directory, 'postgres');
    const { stdout } = await run('id', ['-u', 'nobody']);
    expect(await serverUser(cluster)).toMatchObject({ uid: Number(stdout) });
    await mkdir(cluster);
    await chown(cluster, 12_345, 12_346);
    expect(await serverUser(cluster)).toEqual({ uid: 12_345, gid: 12_346 });
  });

  it('copies the programs once where their user can’t enter a directory above them', async () => {
    const user = (await serverUser('/nonexistent')) as SystemUser;
    const { initdb, postgres } = await findBinaries();
    const packageDirectory = dirname(dirname(dirname(postgres)));
    const directory = await makePrivateDirectory();
    await run('cp', ['-RP', packageDirectory, join(directory, 'package')]);
    const inPrivate = (path: string): string => path.replace(packageDirectory, join(directory, 'package'));
    const installed = { initdb: inPrivate(initdb), postgres: inPrivate(postgres) };
    const copies = join(await makePublicDirectory(), 'copies');

    const [first, second] = await Promise.all([
      runnableBinaries(installed, user, copies),
      runnableBinaries(installed, user, copies),
    ]);
    expect(second).toEqual(first);
    expect(await readdir(copies)).toHaveLength(1);
    for (const program of [first.initdb, first.postgres]) {
      expect((await run(program, ['--version'], user)).stdout).toContain('PostgreSQL');
    }
    expect(await runnableBinaries(first, user, '/nonexistent')).toBe(first);
  });

  it('says what to do where the programs can’t be copied', async () => {
    const user = (await serverUser('/nonexistent')) as SystemUser;
    const missing = { initdb: '/nonexistent/bin/initdb', postgres: '/nonexistent/bin/postgres' };
    await expect(runnableBinaries(missing, user)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('run it as another user than root, or set DATABASE_URL'),
    });
  });
});

async function makePublicDirectory(): Promise<string> {
  const directory = await makePrivateDirectory();
  await run('chmod', ['755', directory]);
  return directory;
}
