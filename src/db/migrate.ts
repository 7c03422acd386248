import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ReadoutError } from '../base/errors.ts';

const MIGRATIONS_DIR = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
/** The key of Prisma's own migration lock, so that its tools and this service wait for one another. */
const LOCK_KEY = 72_707_369;
const POSTGRES_VERSION_MIN = 140_000;

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

interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, as Prisma records it. */
  readonly checksum: string;
}

async function readMigrations(dir: string): Promise<Migration[]> {
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
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
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

/**
 * Brings the database to the newest migration, each in a transaction, under a lock that lets one process at a
 * time do it, and records them as Prisma does.
 * @returns the names of the migrations applied now.
 * @throws ReadoutError START_FAILED when a migration fails, was edited after it was applied, or is unknown here
 *   (the database is of a newer version), or when PostgreSQL is older than 14.
 */
export async function migrate(url: string, dir: string = MIGRATIONS_DIR): Promise<string[]> {
  const migrations = await readMigrations(dir);
  const client = new pg.Client({ connectionString: url, application_name: 'readout migrations' });
  await client.connect();
  try {
    const version = await client.query<{ server_version_num: string }>('SHOW server_version_num');
    if (Number(version.rows[0]?.server_version_num) < POSTGRES_VERSION_MIN) {
      throw new ReadoutError('START_FAILED', 'Readout needs PostgreSQL 14 or newer.');
    }
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    await client.query(CREATE_TABLE);
    const { rows } = await client.query<{
      migration_name: string;
      checksum: string;
      finished_at: Date | null;
    }>('SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL');
    const applied = new Map(rows.map((row) => [row.migration_name, row]));
    for (const [name, row] of applied) refuseForeign(name, row, migrations);
    const missing = migrations.filter((migration) => !applied.has(migration.name));
    for (const migration of missing) await apply(client, migration);
    return missing.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

function refuseForeign(
  name: string,
  row: { checksum: string; finished_at: Date | null },
  migrations: readonly Migration[],
): void {
  const known = migrations.find((migration) => migration.name === name);
  const fault = !known
    ? 'is not known to this version of Readout. Start the version that made this database, or a newer one'
    : row.checksum !== known.checksum
      ? 'was edited after it was applied. Restore the file and put the change into a new migration'
      : row.finished_at === null
        ? 'was begun by another tool and never finished. Resolve it with `prisma migrate resolve`'
        : null;
  if (fault) throw new ReadoutError('START_FAILED', `The migration ${name} ${fault}.`);
}
