import type pg from 'pg';
import { ReadoutError } from '../base/errors.ts';
import { type AppliedRow, readApplied, readMigrations } from '../db/migrate.ts';
import { invalidBackup } from './fault.ts';
import type { Manifest } from './manifest.ts';
import { dropRecord, readTables } from './tables.ts';

const COUNT_SERVICES = `SELECT count(*)::int AS count FROM pg_stat_activity
  WHERE datname = current_database() AND application_name LIKE 'readout%' AND pid <> pg_backend_pid()`;

/**
 * Makes sure that a backup can be restored into a database, and removes tables of newer migrations than the backup has.
 * @param replace whether a record in the database may be lost.
 * @throws ReadoutError CONFLICT where the database has a record that may not be lost, tables of another program, or services that use it.
 */
export async function prepareTarget(client: pg.Client, manifest: Manifest, replace: boolean): Promise<void> {
  await refuseServices(client);
  const applied = await readTarget(client, replace);
  const known = new Set(manifest.migrations.map(({ name }) => name));
  // The backup has the tables as its migrations made them, and migrations only move forward.
  if (applied.some(({ name }) => !known.has(name))) await dropRecord(client);
}

/** @throws ReadoutError CONFLICT where a service uses the database: what it keeps in memory would be of another history. */
export async function refuseServices(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ count: number }>(COUNT_SERVICES);
  if ((rows[0]?.count ?? 0) > 0) {
    throw conflict('A service or a command of Readout uses the database. Stop it, then restore again.');
  }
}

/** @throws ReadoutError INVALID_INPUT where this version does not have the migrations of the backup. */
export async function refuseUnknownMigrations({ migrations, version }: Manifest): Promise<void> {
  const here = new Map((await readMigrations()).map(({ name, checksum }) => [name, checksum]));
  for (const { name, checksum } of migrations) {
    if (here.get(name) === checksum) continue;
    const fault = here.has(name) ? 'another content in' : 'no place in';
    throw invalidBackup(
      `Readout ${version} made it, whose migration ${name} has ${fault} this version. Restore it with the version that made it, or a newer one`,
    );
  }
}

/** The migrations of the record that the backup replaces; none where the database is empty. */
async function readTarget(client: pg.Client, replace: boolean): Promise<AppliedRow[]> {
  const { rows } = await client.query<{ present: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`,
  );
  const tables = await readTables(client);
  const isRecord = rows[0]?.present && tables.some(({ name }) => name === 'head');
  if (!isRecord) {
    const [table] = tables;
    if (table === undefined) return [];
    throw conflict(
      `The database has tables that are not Readout's, such as “${table.name}”. Create an empty database for the record.`,
    );
  }
  const head = await client.query<{ position: string }>('SELECT position FROM head');
  const position = head.rows[0]?.position ?? '0';
  if (position !== '0' && !replace) {
    throw conflict(
      `The database has a record with ${position} changes, which would be lost. Restore into an empty database, or add --replace to lose it.`,
    );
  }
  return readApplied(client);
}

function conflict(message: string): ReadoutError {
  return new ReadoutError('CONFLICT', message);
}
