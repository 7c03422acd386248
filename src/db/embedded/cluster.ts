import { execFile } from 'node:child_process';
import { chown, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ReadoutError } from '../../base/errors.ts';
import { type Account, findBarrier } from './account.ts';
import type { Binaries } from './binaries.ts';
import { type DataDirectory, draftPath, exists } from './dataDirectory.ts';

const run = promisify(execFile);

/** PostgreSQL's superuser, as whom the service connects. */
export const USER_NAME = 'readout';

const INITDB_TIME_MAX_MS = 60_000;
const INITDB_REPORT_CHARACTERS_MAX = 1_000;

/** What it takes to create a cluster and to run its server. */
export interface ServerSetup {
  readonly directory: DataDirectory;
  readonly binaries: Binaries;
  /** As whom PostgreSQL runs; `undefined`: as the user of this process. */
  readonly account: Account | undefined;
  readonly password: string;
  /** PostgreSQL's settings that differ from ours, by name. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Creates the cluster where there is none; tells whether it did. It is built beside its place and renamed
 * when it is complete, so an interrupted first start leaves nothing half-made and two at once cannot mix.
 *
 * @throws ReadoutError START_FAILED with what `initdb` reported.
 */
export async function createCluster(setup: ServerSetup): Promise<boolean> {
  const { directory, account, password } = setup;
  if (await exists(directory.cluster)) return false;
  const draft = draftPath(directory);
  const draftCluster = join(draft, 'cluster');
  const passwordCopy = join(draft, 'password');
  await mkdir(draftCluster, { recursive: true, mode: 0o700 });
  try {
    await writeFile(passwordCopy, password, { mode: 0o600 });
    if (account !== undefined) {
      for (const path of [draft, draftCluster, passwordCopy]) await chown(path, account.uid, account.gid);
    }
    await initialise(setup, draftCluster);
    await rename(draftCluster, directory.cluster);
    if (setup.settings.fsync !== 'off') await syncDirectory(directory.path);
    return true;
  } catch (error) {
    // A rename onto a full directory fails: another service that started at the same moment was first.
    if (await exists(directory.cluster)) return false;
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * The path by which PostgreSQL, running in `cluster` as its working directory, can name that directory. An
 * account that may not enter a directory above it (the home of root, say) still reaches it through /proc.
 *
 * @throws ReadoutError START_FAILED where the account cannot reach it at all.
 */
export async function pathForServer(cluster: string, account: Account | undefined): Promise<string> {
  const barrier = await findBarrier(cluster, account);
  if (barrier === undefined) return cluster;
  if (process.platform === 'linux') return '/proc/self/cwd';
  throw new ReadoutError(
    'START_FAILED',
    `The service is root, so PostgreSQL runs as another user, who may not enter ${barrier}. ` +
      'Set DATA_DIR to a directory that all users can enter, or run the service as another user than root.',
  );
}

/** The environment of PostgreSQL's programs: no locale, time zone, PG variable or secret gets through. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env;
  return { PATH, SystemRoot, TEMP, LC_ALL: 'C', TZ: 'UTC' };
}

async function initialise(setup: ServerSetup, draftCluster: string): Promise<void> {
  const { binaries, account, settings } = setup;
  const encoding = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${USER_NAME}`, '--pwfile=../password', '--auth=scram-sha-256'];
  // Writing the new files through to the disk takes a fraction of a second. Without it a power cut soon after
  // the first start could lose the record, so only a server that is told not to care does without.
  const sync = settings.fsync === 'off' ? ['--no-sync'] : [];
  const path = await pathForServer(draftCluster, account);
  try {
    await run(binaries.initdb, ['-D', path, ...access, ...encoding, '--no-instructions', ...sync], {
      ...account,
      cwd: draftCluster,
      env: serverEnvironment(),
      timeout: INITDB_TIME_MAX_MS,
    });
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: string };
    const report = (stderr?.trim() || message).slice(-INITDB_REPORT_CHARACTERS_MAX);
    throw new ReadoutError(
      'START_FAILED',
      `The database could not be created in ${setup.directory.path}: ${report}`,
      undefined,
      undefined,
      { cause: error },
    );
  }
}

/** Makes a rename in this directory outlast a power cut. */
async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory, and needs no such call.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}
