import { DatabaseError } from 'pg';
import { startFailed } from './base/errors.ts';
import type { ProgressState } from './base/progress.ts';
import type { Config } from './config/config.ts';
import { adviceFor } from './db/advice.ts';
import { hasUnicodeCharacterType } from './db/characterType.ts';
import { type Database, openDatabase } from './db/client.ts';
import { CONNECTIONS_MIN } from './db/embedded/postmaster.ts';
import { startEmbeddedServer } from './db/embedded/server.ts';
import { databaseFailureOf } from './db/failure.ts';
import { migrate } from './db/migrate.ts';
import { CONNECTIONS_ALLOWED, connectionsNeeded } from './doctor/database.ts';
import { completeNames } from './domain/save/names.ts';
import { loadSeeds, SEED_DIR } from './import/seed/load.ts';

/** Time that one SQL statement has before the service serves: reading the names of a large record takes longer than an operation may. */
const PREPARATION_TIMEOUT_MS = 600_000;

/** Connections that PostgreSQL reserves for superusers, and some for the commands of an operator. */
const CONNECTIONS_RESERVED = 10;
/** Connections of a process that does nothing yet: one of its pool, one that listens and one that checks. */
const CONNECTIONS_OF_PROCESS_MIN = 3;

const NO_CHARACTER_TYPE =
  'The character type (LC_CTYPE) of the database is not a Unicode one: searches can miss words beside quotation marks, dashes and ' +
  'other signs outside ASCII. Move the record to a database with one (docs/operating.md, “Character type”).';

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
  /** Receives how far the preparation is. */
  readonly onProgress?: (state: ProgressState) => void;
}

/**
 * Starts PostgreSQL or connects to the given one, applies the migrations and loads the seed. The first process does this
 * once, before any process serves.
 * @throws ReadoutError START_FAILED where PostgreSQL can't be used.
 */
export async function prepareStore(options: StoreOptions): Promise<Store> {
  const { config, notice, onProgress = () => undefined } = options;
  onProgress(step('Starting PostgreSQL'));
  const server =
    config.databaseUrl === undefined
      ? await startEmbeddedServer({
          dataDir: config.dataDir,
          onNotice: notice,
          settings: { max_connections: String(embeddedConnectionsMax(config)) },
        })
      : null;
  const url = server?.url ?? (config.databaseUrl as string);
  const stop = async (): Promise<void> => server?.stop();
  try {
    await usingDatabase(url, async () => {
      const applied = await migrate(url, undefined, notice, {
        onProgress: (done, total) => onProgress({ what: 'Migrating', unit: 'migrations', done, total }),
      });
      for (const name of applied) notice(`Applied the migration ${name}.`);
      await prepareRecord(url, config, notice, onProgress);
    });
    onProgress(step('Starting the service'));
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A rolling restart has one process more for a moment. */
const embeddedConnectionsMax = ({ poolMax, workers }: Config): number =>
  Math.max(CONNECTIONS_MIN, connectionsNeeded({ poolMax, workers: workers + 1 }) + CONNECTIONS_RESERVED);

/** A part of the start in which nothing is counted. */
function step(what: string): ProgressState {
  return { what, unit: '', done: 0, total: null };
}

async function prepareRecord(
  url: string,
  { poolMax, workers, seed }: Config,
  notice: (message: string) => void,
  onProgress: (state: ProgressState) => void,
): Promise<void> {
  const db = openDatabase({ url, poolMax, statementTimeoutMs: PREPARATION_TIMEOUT_MS });
  try {
    await refuseTooManyWorkers(db, workers);
    if (!(await hasUnicodeCharacterType(db))) notice(NO_CHARACTER_TYPE);
    await completeNames(db.prisma, notice, onProgress);
    if (!seed) return;
    for (const { file, added } of await loadSeeds(db.prisma, SEED_DIR, notice, onProgress)) {
      if (added > 0) notice(`Loaded ${added} entries of ${file}.`);
    }
  } finally {
    await db.close();
  }
}

async function refuseTooManyWorkers({ pool }: Database, workers: number): Promise<void> {
  const { rows } = await pool.query<{ allowed: number }>(`SELECT ${CONNECTIONS_ALLOWED} AS allowed`);
  const allowed = rows[0]?.allowed ?? 0;
  const needed = workers * CONNECTIONS_OF_PROCESS_MIN;
  if (needed <= allowed) return;
  throw startFailed(
    `WORKERS=${workers} needs at least ${needed} connections to PostgreSQL, which allows ${allowed}. ` +
      'Lower WORKERS, or raise max_connections of PostgreSQL (“npm run doctor” says how many are needed).',
  );
}

/**
 * Runs a step of the start that uses the database.
 * @throws ReadoutError START_FAILED with the address of PostgreSQL where it failed; any other error unchanged.
 */
export async function usingDatabase<T>(url: string, use: () => Promise<T>): Promise<T> {
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
      `PostgreSQL at ${host}${pathname} can't be used: ${reason}. ${adviceFor(error)}`,
      error,
    );
  }
}
