import { join } from 'node:path';
import { ReadoutError } from '../base/errors.ts';
import { Progress } from '../base/progress.ts';
import type { Config } from '../config/config.ts';
import { pathExists } from '../db/embedded/dataDirectory.ts';
import { runningDatabaseUrl } from '../db/embedded/runningServer.ts';
import { startEmbeddedServer } from '../db/embedded/server.ts';

const EXIT_INTERRUPTED = 130;

/**
 * Runs a command on the database of the record: the one in DATABASE_URL, or else the service's own one in DATA_DIR, which is started for
 * the command if it is not running. No migration is applied.
 * @param create whether to create a database in DATA_DIR if there is none.
 * @throws ReadoutError NOT_FOUND where there is no database.
 */
export async function onDatabase<T>(
  { databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
  create: boolean,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const known = databaseUrl ?? (await runningDatabaseUrl(dataDir));
  if (known !== null) return use(known);
  if (!create && !(await pathExists(join(dataDir, 'postgres')))) {
    throw new ReadoutError('NOT_FOUND', `There is no record in ${dataDir}. Set DATABASE_URL or DATA_DIR.`);
  }
  const server = await startEmbeddedServer({
    dataDir,
    onNotice: (message) => console.error(message),
  });
  const interrupted = (): void => void server.stop().finally(() => process.exit(EXIT_INTERRUPTED));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return await use(server.url);
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await server.stop();
  }
}

/** Runs a task with progress on the terminal. */
export async function withProgress<T>(task: (progress: Progress) => Promise<T>): Promise<T> {
  const progress = new Progress(process.stderr);
  try {
    return await task(progress);
  } finally {
    progress.end();
  }
}
