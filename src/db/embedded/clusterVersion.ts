import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startFailed } from '../../base/errors.ts';
import { type Binaries, packageVersion } from './binaries.ts';
import type { DataDirectory } from './dataDirectory.ts';
import { noneIf } from './systemError.ts';

/**
 * Makes sure that the installed PostgreSQL can read the cluster: a new major version can't read the files of the one before.
 * @throws ReadoutError START_FAILED with the steps that move the record to the installed version.
 */
export async function refuseOtherVersion({ cluster }: DataDirectory, installed: Binaries): Promise<void> {
  const file = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(noneIf('ENOENT'));
  if (file === undefined) return;
  const [made, here] = [Number(file), Number.parseInt(await packageVersion(installed), 10)];
  if (made === here) return;
  const fault = `${cluster} was made by PostgreSQL ${made}, and this version of Readout brings PostgreSQL ${here}, which can't read it.`;
  if (made > here) throw startFailed(`${fault} Start the newer version of Readout that made it.`);
  throw startFailed(
    `${fault} Move the record over:\n` +
      '  1. With the version of Readout that used it last: npm run backup -- record.sql.gz\n' +
      `  2. Move the old files away: mv ${cluster} ${cluster}-${made}\n` +
      '  3. With this version: npm run restore -- record.sql.gz\n' +
      'Then start the service. Positions, cursors and tokens stay valid.',
  );
}
