import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prisma } from '../../db/client.ts';
import { digestToken, makeToken, setToken } from './token.ts';

/** Name of the token that the service makes or takes from its settings. Changes made with it have this name as `by`. */
const RECORDER_NAME = 'recorder';
const TOKEN_FILE = 'recorder-token';

/**
 * The recorder's token of an embedded record. The first start makes it. The database has only its digest; the token
 * is stored beside the data, readable only by the owner, so that each start can print it for the operator.
 */
export async function ownRecorderToken(prisma: Prisma, dataDir: string): Promise<string> {
  const file = join(dataDir, TOKEN_FILE);
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  const token = kept?.trim() || makeToken();
  // A record that was restored from a backup may not have the token of this directory. A revoked token stays revoked.
  if (kept?.trim() && (await prisma.token.findUnique({ where: { digest: digestToken(token) } })))
    return token;
  await setToken(prisma, token, { name: RECORDER_NAME, role: 'recorder' });
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/** Stores the token of the settings as the recorder's. */
export async function setRecorderToken(prisma: Prisma, token: string): Promise<void> {
  await setToken(prisma, token, { name: RECORDER_NAME, role: 'recorder' });
}
