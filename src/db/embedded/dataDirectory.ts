import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, realpath, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startFailed } from '../../base/errors.ts';
import { noneIf } from './systemError.ts';

const PASSWORD_BYTES = 24;
const LOG_BYTES_MAX = 10 * 1024 * 1024;
const DRAFT_PREFIX = 'postgres.new-';
/** Twice the time limit of a first start, `INITDB_TIME_MAX_MS`. */
const DRAFT_AGE_MAX_MS = 120_000;

/** The paths in a data directory, absolute and without symbolic links. */
export interface DataDirectory {
  readonly path: string;
  /** PostgreSQL's own directory. It exists only once it is complete. */
  readonly cluster: string;
  readonly passwordFile: string;
  readonly logFile: string;
}

/**
 * Creates the data directory where it is missing, and removes the drafts of first starts that were killed.
 * @throws the error of the system where the directory can't be used.
 */
export async function openDataDirectory(dataDir: string): Promise<DataDirectory> {
  await createDirectory(dataDir);
  const path = await realpath(dataDir);
  const directory = {
    path,
    cluster: join(path, 'postgres'),
    passwordFile: join(path, 'password'),
    logFile: join(path, 'postgres.log'),
  };
  await removeAbandonedDrafts(directory);
  await boundLog(directory);
  return directory;
}

/** Creates a directory and those above it. The recursion of Node does not end where the system refuses one, as below /proc. */
async function createDirectory(path: string): Promise<void> {
  if (await pathExists(path)) return;
  if (dirname(path) !== path) await createDirectory(dirname(path));
  await mkdir(path).catch(noneIf('EEXIST')); // another service may start at the same time
}

/**
 * The password of the data directory. A random one is created before the first start.
 * @throws ReadoutError START_FAILED where there is a cluster, but no password for it.
 */
export async function readPassword(directory: DataDirectory): Promise<string> {
  const { passwordFile, cluster } = directory;
  const known = await readFile(passwordFile, 'utf8').catch(noneIf('ENOENT'));
  if (known !== undefined) return known.trim();
  if (await pathExists(cluster)) {
    throw startFailed(
      `${passwordFile} is missing, and ${cluster} can't be opened without it. Put it back, ` +
        'or set DATA_DIR to another directory to begin a new record.',
    );
  }
  const draft = draftPath(directory);
  await writeFile(draft, randomBytes(PASSWORD_BYTES).toString('base64url'), { mode: 0o600, flag: 'wx' });
  // A link never replaces a file, so two services that start at once use the same password.
  await link(draft, passwordFile)
    .catch(noneIf('EEXIST'))
    .finally(() => rm(draft));
  return (await readFile(passwordFile, 'utf8')).trim();
}

/** Empties the server's log when it is larger than its limit. A running server appends, so it is not disturbed. */
export async function boundLog(directory: DataDirectory): Promise<void> {
  const log = await stat(directory.logFile).catch(noneIf('ENOENT'));
  if (log !== undefined && log.size > LOG_BYTES_MAX) await truncate(directory.logFile);
}

/** A new path for a file or directory that is renamed when it is complete. */
export function draftPath(directory: DataDirectory): string {
  return join(directory.path, `${DRAFT_PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
}

/** Whether a process of any user has this number. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether there is a file or directory at this path. */
export async function pathExists(path: string): Promise<boolean> {
  return (await stat(path).catch(noneIf('ENOENT'))) !== undefined;
}

async function removeAbandonedDrafts(directory: DataDirectory): Promise<void> {
  for (const name of await readdir(directory.path)) {
    if (!name.startsWith(DRAFT_PREFIX)) continue;
    const path = join(directory.path, name);
    const draft = await stat(path).catch(noneIf('ENOENT'));
    if (draft === undefined) continue;
    const maker = Number.parseInt(name.slice(DRAFT_PREFIX.length), 10);
    // Another process may have the maker's number by now, as is usual in containers. Then the age decides.
    const abandoned = !isAlive(maker) || Date.now() - draft.mtimeMs > DRAFT_AGE_MAX_MS;
    if (abandoned) await rm(path, { recursive: true, force: true });
  }
}
