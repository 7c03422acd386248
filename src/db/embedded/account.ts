import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ReadoutError } from '../../base/errors.ts';
import { noneIf } from './fileError.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root. A service that is root runs it as this user of the system instead. */
const ACCOUNT_NAME = 'postgres';
const ACCOUNT_COMMAND_TIME_MAX_MS = 10_000;

/** A user of the operating system, in the form that `spawn` takes. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Tells as whom PostgreSQL has to run: `undefined` means as the user of this process. For root it is the
 * owner of the existing cluster, or else the user `postgres`, which is created where it is missing.
 *
 * @throws ReadoutError START_FAILED where the cluster belongs to somebody else or no user can be created.
 */
export async function serverAccount(cluster: string): Promise<Account | undefined> {
  // Windows has no such ids; PostgreSQL drops an administrator's rights there by itself.
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  const owner = await stat(cluster).catch(noneIf('ENOENT'));
  if (uid !== 0) {
    if (owner === undefined || owner.uid === uid) return undefined;
    throw new ReadoutError(
      'START_FAILED',
      `${cluster} belongs to another user (uid ${owner.uid}). ` +
        'Run the service as that user, or set DATA_DIR to another directory.',
    );
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return (await lookUp(ACCOUNT_NAME)) ?? (await createAccount(ACCOUNT_NAME));
}

/**
 * Names the outermost directory (or the file itself) that keeps an account from reaching a path because it
 * lacks the right to enter or execute; `undefined` where nothing does. Judged by mode bits alone.
 */
export async function findBarrier(path: string, account: Account | undefined): Promise<string | undefined> {
  if (account === undefined) return undefined;
  let barrier: string | undefined;
  let at = await realpath(path);
  for (;;) {
    const { mode, uid, gid } = await stat(at);
    const executeBit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & executeBit) === 0) barrier = at;
    const parent = dirname(at);
    if (parent === at) return barrier;
    at = parent;
  }
}

async function lookUp(name: string): Promise<Account | undefined> {
  // `id` asks every directory the system knows, not only /etc/passwd. It fails where there is no such user.
  const ids = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]).catch(() => undefined);
  if (ids === undefined) return undefined;
  return { uid: Number(ids[0].stdout), gid: Number(ids[1].stdout) };
}

async function createAccount(name: string): Promise<Account> {
  // A shell that became root by `su` may lack the directories of the system's own tools.
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  const options = { timeout: ACCOUNT_COMMAND_TIME_MAX_MS, env };
  let cause: unknown;
  try {
    const home = ['--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin'];
    await run('useradd', ['--system', '--user-group', ...home, name], options);
  } catch (error) {
    // Another service may have created it at this moment: what counts is whether it is there now.
    cause = error;
  }
  const account = await lookUp(name);
  if (account !== undefined) return account;
  throw new ReadoutError(
    'START_FAILED',
    `PostgreSQL does not run as root, and the user "${name}" could not be created on this system. ` +
      `Create it (useradd --system ${name}), run the service as another user, or set DATABASE_URL.`,
    undefined,
    undefined,
    { cause },
  );
}
