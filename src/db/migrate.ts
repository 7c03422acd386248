import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ReadoutError } from '../base/errors.ts';

const MIGRATIONS_DIR = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
/** The key of Prisma's migration lock, so that its tools and this service wait for one another. */
export const MIGRATION_LOCK_KEY = 72_707_369;
/** The SQLSTATE of the messages that a migration has for the operator. PostgreSQL's own notices have others. */
const MIGRATION_NOTICE = 'RM001';
const POSTGRES_VERSION_MIN = 140_000;
/** How long PostgreSQL has to accept the first connection of a start. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A migration beside which older versions can serve says which: this line names the migration that a version must know. Without it,
 * every version that does not know the migration is refused. A migration beside which none can serve has the line `SERVES_ALONE`.
 */
export const SERVES_BESIDE = /^-- Versions that know (\d{14}_\w+) serve beside this migration\.$/m;
export const SERVES_ALONE = /^-- No older version serves beside this migration\.$/m;

/** The first migration, and the migrations before the first release that it replaced. Both make the same database. */
export const INITIAL = '20261126120000_initial';
export const REPLACED: readonly string[] = [
  '20261123000000_record',
  '20261125000000_stances',
  '20261125210000_status_index',
  '20261126120000_chain',
  '20261126120000_sublists',
];

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;

/** The column `logs` is Prisma's place for text about a migration. Older versions lack the file, so the database keeps its line for them. */
const READ_APPLIED = `SELECT migration_name AS name, checksum, finished_at AS "finishedAt", logs
  FROM _prisma_migrations WHERE rolled_back_at IS NULL`;

/** $1 names of the replaced migrations, $2 name of the initial one, $3 its checksum. Its record takes the place of theirs. */
const ADOPT_INITIAL = `WITH replaced AS (DELETE FROM _prisma_migrations WHERE migration_name = ANY ($1))
  INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
  VALUES (gen_random_uuid(), $3, $2, now(), 1)`;

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, as Prisma records it. */
  readonly checksum: string;
}

export interface AppliedRow {
  readonly name: string;
  readonly checksum: string;
  readonly finishedAt: Date | null;
  readonly logs: string | null;
}

export interface MigrateOptions {
  /** Names of the migrations to apply. Default: all. */
  readonly only?: ReadonlySet<string>;
  /** Called before each migration, with the number of those done and of all to apply. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The migrations of this version, in the order in which they are applied. */
export async function readMigrations(dir: string = MIGRATIONS_DIR): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(dir, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count, logs)
       VALUES ($1, $2, $3, now(), 1, $4)`,
      [randomUUID(), migration.checksum, migration.name, SERVES_BESIDE.exec(migration.sql)?.[0] ?? null],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    const reason = error instanceof Error ? error.message : String(error);
    throw new ReadoutError(
      'START_FAILED',
      `The migration ${migration.name} failed and was undone: ${reason}`,
    );
  }
}

/** The migrations of a database, as its table says. */
export async function readApplied(client: Pick<pg.ClientBase, 'query'>): Promise<AppliedRow[]> {
  return (await client.query<AppliedRow>(READ_APPLIED)).rows;
}

/** Records the initial migration for a database in which all migrations that it replaced were applied. */
async function adoptInitial(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  const finished = (await readApplied(client)).filter(({ finishedAt }) => finishedAt !== null);
  const names = new Set(finished.map(({ name }) => name));
  const initial = migrations.find(({ name }) => name === INITIAL);
  if (initial && REPLACED.every((name) => names.has(name)))
    await client.query(ADOPT_INITIAL, [REPLACED, INITIAL, initial.checksum]);
}

/**
 * Applies the migrations that the database lacks, each in a transaction, and records them as Prisma does. A lock makes
 * processes wait for one another.
 * @param notice receives what a migration reports before it takes long.
 * @returns the names of the migrations applied now.
 * @throws ReadoutError START_FAILED when a migration fails, was edited after it was applied, or is unknown here and does not say that
 *   this version serves beside it, or when PostgreSQL is older than 14.
 */
export async function migrate(
  url: string,
  dir: string = MIGRATIONS_DIR,
  notice: (message: string) => void = () => undefined,
  { only, onProgress }: MigrateOptions = {},
): Promise<string[]> {
  const migrations = await readMigrations(dir);
  const client = new pg.Client({
    connectionString: url,
    application_name: 'readout migrations',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('notice', ({ code, message }) => {
    if (code === MIGRATION_NOTICE && message) notice(message);
  });
  await client.connect();
  try {
    const version = await client.query<{ server_version_num: string }>('SHOW server_version_num');
    if (Number(version.rows[0]?.server_version_num) < POSTGRES_VERSION_MIN) {
      throw new ReadoutError('START_FAILED', 'Readout needs PostgreSQL 14 or newer.');
    }
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK_KEY]);
    await client.query(CREATE_TABLE);
    await adoptInitial(client, migrations);
    const applied = new Map((await readApplied(client)).map((row) => [row.name, row]));
    for (const row of applied.values()) refuseForeign(row, migrations);
    const missing = migrations.filter(
      ({ name }) => !applied.has(name) && (only === undefined || only.has(name)),
    );
    for (const [done, migration] of missing.entries()) {
      onProgress?.(done, missing.length);
      await apply(client, migration);
    }
    return missing.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

function refuseForeign(
  { name, checksum, finishedAt, logs }: AppliedRow,
  migrations: readonly Migration[],
): void {
  const known = migrations.find((migration) => migration.name === name);
  const needed = SERVES_BESIDE.exec(logs ?? '')?.[1];
  const isBeside = needed !== undefined && migrations.some((migration) => migration.name === needed);
  if (!known && isBeside && finishedAt !== null) return;
  const fault = REPLACED.includes(name)
    ? 'is older than the first release. Start the last version before the release once, which applies the migrations that are missing, then this one'
    : !known
      ? `is not known to this version of Readout, which ${needed === undefined ? 'can’t serve' : `would have to know ${needed} to serve`} beside it. Start the version that made this database, or a newer one`
      : checksum !== known.checksum
        ? 'was edited after it was applied. Restore the file and put the change into a new migration'
        : finishedAt === null
          ? 'was begun by another tool and not finished. Resolve it with `prisma migrate resolve`'
          : null;
  if (fault) throw new ReadoutError('START_FAILED', `The migration ${name} ${fault}.`);
}
