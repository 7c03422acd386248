import { execFile } from 'node:child_process';
import { chown, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startFailed } from '../../base/errors.ts';
import type { Binaries } from './binaries.ts';
import { type DataDirectory, draftPath, pathExists } from './dataDirectory.ts';
import type { SystemUser } from './user.ts';

const run = promisify(execFile);

/** PostgreSQL's superuser, which the service connects as. */
export const USER_NAME = 'readout';

const INITDB_TIME_MAX_MS = 60_000;
const INITDB_REPORT_CHARACTERS_MAX = 1_000;

/** Everything needed to create a cluster and to run its server. */
export interface ServerSetup {
  readonly directory: DataDirectory;
  readonly binaries: Binaries;
  /** The user that PostgreSQL runs as; undefined: the user of this process. */
  readonly user: SystemUser | undefined;
  readonly password: string;
  /** PostgreSQL's settings by name. They override `SETTINGS_DEFAULT`. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Creates the cluster where there is none. It is built in a draft directory and renamed when it is complete, so an
 * interrupted first start leaves no partial cluster, and two services that start at once don't write to the same one.
 * @returns whether this call has created it.
 * @throws ReadoutError START_FAILED with what `initdb` reported.
 */
export async function createCluster(setup: ServerSetup): Promise<boolean> {
  const { directory, user, password } = setup;
  if (await pathExists(directory.cluster)) return false;
  const draft = draftPath(directory);
  const draftCluster = join(draft, 'cluster');
  const passwordCopy = join(draft, 'password');
  await mkdir(draftCluster, { recursive: true, mode: 0o700 });
  try {
    await writeFile(passwordCopy, password, { mode: 0o600 });
    if (user !== undefined) {
      for (const path of [draft, draftCluster, passwordCopy]) await chown(path, user.uid, user.gid);
    }
    await initialise(setup, draftCluster);
    await rename(draftCluster, directory.cluster);
    if (setup.settings.fsync !== 'off') await syncDirectory(directory.path);
    return true;
  } catch (error) {
    // A rename onto a full directory fails: another service that started at the same time was first.
    if (await pathExists(directory.cluster)) return false;
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * The path of the cluster for PostgreSQL's programs, which run in it as their working directory. Another user may not
 * be allowed to enter the directories above it (the home of root, for example). On Linux, /proc leads there directly.
 */
export function pathForServer(cluster: string, user: SystemUser | undefined): string {
  return user !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : cluster;
}

/** The environment of PostgreSQL's programs. It passes on no locale, time zone, PG variable or secret. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env;
  return { PATH, SystemRoot, TEMP, LC_ALL: 'C', TZ: 'UTC' };
}

/**
 * The character type, which decides which characters are letters. The builtin provider does not set it, and text search and trigrams need
 * it. Windows has no such locale.
 */
const CHARACTER_TYPES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'C.UTF-8',
  darwin: 'UTF-8',
};

/** Creates a cluster with a Unicode character type, or with `C` on a machine without one; the start then says so. */
async function initialise(setup: ServerSetup, draftCluster: string): Promise<void> {
  const characterType = CHARACTER_TYPES[process.platform];
  if (characterType === undefined) return runInitdb(setup, draftCluster, []);
  await runInitdb(setup, draftCluster, [`--lc-ctype=${characterType}`]).catch((error: Error) => {
    if (!error.message.includes('locale')) throw error;
    return runInitdb(setup, draftCluster, []);
  });
}

async function runInitdb(
  setup: ServerSetup,
  draftCluster: string,
  characterType: readonly string[],
): Promise<void> {
  const { binaries, user, settings } = setup;
  const encoding = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${USER_NAME}`, '--pwfile=../password', '--auth=scram-sha-256'];
  // Without a sync, which takes a fraction of a second, a power cut soon after the first start could lose the record.
  const sync = settings.fsync === 'off' ? ['--no-sync'] : [];
  const path = pathForServer(draftCluster, user);
  try {
    await run(
      binaries.initdb,
      ['-D', path, ...access, ...encoding, ...characterType, '--no-instructions', ...sync],
      {
        ...user,
        cwd: draftCluster,
        env: serverEnvironment(),
        timeout: INITDB_TIME_MAX_MS,
      },
    );
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: string };
    const report = (stderr?.trim() || message).slice(-INITDB_REPORT_CHARACTERS_MAX);
    throw startFailed(`The database can't be created in ${setup.directory.path}: ${report}`, error);
  }
}

/** Makes sure that a rename in this directory survives a power cut. */
async function syncDirectory(path: string): Promise<void> {
  // Windows can't open a directory, and needs no such call.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}
