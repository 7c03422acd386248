import { DatabaseError } from 'pg';
import { ReadoutError } from './base/errors.ts';
import type { Config } from './config/settings.ts';
import { openDatabase } from './db/client.ts';
import { startEmbeddedServer } from './db/embedded/server.ts';
import { faultOf } from './db/fault.ts';
import { migrate } from './db/migrate.ts';
import { loadSeeds, SEED_DIR } from './import/seed.ts';

/** The record itself: a database that is up to date and seeded. */
export interface Store {
  readonly url: string;
  /** Stops the database where it was started for this. */
  readonly stop: () => Promise<void>;
}

export interface StoreOptions {
  readonly config: Config;
  /** Told in a sentence of what the operator should know. */
  readonly notice: (message: string) => void;
}

/** Starts or finds PostgreSQL, applies the migrations and loads the seed: once, before the processes that serve it. */
export async function prepareStore({ config, notice }: StoreOptions): Promise<Store> {
  const server =
    config.databaseUrl === undefined
      ? await startEmbeddedServer({ dataDir: config.dataDir, onNotice: notice })
      : null;
  const url = server?.url ?? (config.databaseUrl as string);
  const stop = async (): Promise<void> => server?.stop();
  try {
    await connect(url, async () => {
      for (const name of await migrate(url)) notice(`Applied the migration ${name}.`);
      if (config.seed) await seed(url, config, notice);
    });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function seed(url: string, config: Config, notice: (message: string) => void): Promise<void> {
  const db = openDatabase({ url, poolMax: config.poolMax, statementTimeoutMs: config.statementTimeoutMs });
  try {
    for (const { file, added } of await loadSeeds(db.prisma, SEED_DIR, notice)) {
      if (added > 0) notice(`Loaded ${added} entries of ${file}.`);
    }
  } finally {
    await db.close();
  }
}

/**
 * Says where PostgreSQL was looked for where it can't be reached, or breaks off, before the service has started.
 * @throws ReadoutError START_FAILED then; an error of this service's own as it is.
 */
export async function connect<T>(url: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    const isOfDatabase =
      error instanceof DatabaseError || (error instanceof Error && faultOf(error) !== null);
    if (!isOfDatabase) throw error;
    const { host, pathname } = new URL(url);
    const { message, code } = error as Error & { code?: string };
    const reason = message.split('\n').at(-1) || code; // Prisma says before it where it was called
    throw new ReadoutError(
      'START_FAILED',
      `PostgreSQL at ${host}${pathname} can't be used: ${reason}. ${adviceFor(message)}`,
      undefined,
      undefined,
      { cause: error },
    );
  }
}

function adviceFor(message: string): string {
  return message.includes('unsupported startup parameter')
    ? 'A pooler refuses the settings of the service. Connect directly, or let it ignore them (README, “A PostgreSQL of your own”).'
    : 'Check DATABASE_URL.';
}
