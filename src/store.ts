import { DatabaseError } from 'pg';
import { startFailed } from './base/errors.ts';
import type { Config } from './config/settings.ts';
import { openDatabase } from './db/client.ts';
import { startEmbeddedServer } from './db/embedded/server.ts';
import { databaseFailureOf } from './db/failure.ts';
import { migrate } from './db/migrate.ts';
import { loadSeeds, SEED_DIR } from './import/seed.ts';

/** A database that has all migrations and the seed. */
export interface Store {
  readonly url: string;
  /** Stops PostgreSQL if `prepareStore` has started it. */
  readonly stop: () => Promise<void>;
}

export interface StoreOptions {
  readonly config: Config;
  /** Receives messages to the operator, in whole sentences. */
  readonly notice: (message: string) => void;
}

/**
 * Starts PostgreSQL or connects to the given one, applies the migrations and loads the seed. The first process does this
 * once, before any process serves.
 * @throws ReadoutError START_FAILED where PostgreSQL can't be used.
 */
export async function prepareStore({ config, notice }: StoreOptions): Promise<Store> {
  const server =
    config.databaseUrl === undefined
      ? await startEmbeddedServer({ dataDir: config.dataDir, onNotice: notice })
      : null;
  const url = server?.url ?? (config.databaseUrl as string);
  const stop = async (): Promise<void> => server?.stop();
  try {
    await connect(url, async () => {
      for (const name of await migrate(url, undefined, notice)) notice(`Applied the migration ${name}.`);
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
 * Runs a step of the start that uses the database.
 * @throws ReadoutError START_FAILED with the address of PostgreSQL where it failed; any other error unchanged.
 */
export async function connect<T>(url: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    const isOfDatabase =
      error instanceof DatabaseError || (error instanceof Error && databaseFailureOf(error) !== null);
    if (!isOfDatabase) throw error;
    const { host, pathname } = new URL(url);
    const { message, code } = error as Error & { code?: string };
    const reason = message.split('\n').at(-1) || code; // Prisma writes the place of the call before it
    throw startFailed(
      `PostgreSQL at ${host}${pathname} can't be used: ${reason}. ${adviceFor(message)}`,
      error,
    );
  }
}

function adviceFor(message: string): string {
  return message.includes('unsupported startup parameter')
    ? 'A pooler refuses the settings of the service. Connect directly, or let it ignore them (docs/operating.md, “A PostgreSQL of your own”).'
    : 'Check DATABASE_URL.';
}
