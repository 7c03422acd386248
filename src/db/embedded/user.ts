import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { startFailed } from '../../base/errors.ts';
import { noneIf } from './systemError.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root. Every Unix has this user. */
const UNPRIVILEGED_USER = 'nobody';

/** A user of the operating system, in the form that `spawn` takes. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user that PostgreSQL runs as; undefined means the user of this process. A service that is root runs it as the
 * owner of the existing cluster, or as `nobody` when there is none.
 * @throws ReadoutError START_FAILED where the cluster belongs to another user or the system has no `nobody`.
 */
export async function serverUser(cluster: string): Promise<SystemUser | undefined> {
  // On Windows there are no such ids, and PostgreSQL itself drops an administrator's rights.
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  const owner = await stat(cluster).catch(noneIf('ENOENT'));
  if (uid !== 0) {
    if (owner === undefined || owner.uid === uid) return undefined;
    throw startFailed(
      `${cluster} belongs to another user (uid ${owner.uid}). ` +
        'Run the service as that user, or set DATA_DIR to another directory.',
    );
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  try {
    const ids = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, UNPRIVILEGED_USER])));
    const [uid = 0, gid = 0] = ids.map(({ stdout }) => Number(stdout));
    return { uid, gid };
  } catch (cause) {
    throw startFailed(
      `PostgreSQL does not run as root, and this system has no user “${UNPRIVILEGED_USER}” to run it as. ` +
        'Run the service as another user, or set DATABASE_URL.',
      cause,
    );
  }
}
