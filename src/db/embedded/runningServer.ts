import { realpath } from 'node:fs/promises';
import { USER_NAME } from './cluster.ts';
import { openDataDirectory, pathExists, readPassword } from './dataDirectory.ts';
import { DATABASE_NAME } from './ownership.ts';
import { runningServer } from './postmaster.ts';

/**
 * The URL of the database of a data directory whose server runs, in any process; null where none runs.
 * For command line tools that are used while the service runs.
 * @throws ReadoutError START_FAILED where the directory's password is missing.
 */
export async function runningDatabaseUrl(dataDir: string): Promise<string | null> {
  if (!(await pathExists(dataDir))) return null;
  const directory = await openDataDirectory(await realpath(dataDir));
  const server = await runningServer(directory.cluster);
  if (server?.status !== 'ready') return null;
  return `postgresql://${USER_NAME}:${await readPassword(directory)}@127.0.0.1:${server.port}/${DATABASE_NAME}`;
}
