import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { diffSchema } from '../../prisma/diff.ts';
import {
  INITIAL,
  type Migration,
  migrate,
  REPLACED,
  readMigrations,
  SERVES_ALONE,
  SERVES_BESIDE,
} from '../../src/db/migrate.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';

const MIGRATIONS_DIR = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function emptyUrl(): Promise<string> {
  const { url, drop } = await createEmptyDatabase();
  cleanups.push(drop);
  return url;
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** A folder with copies of the real migrations, to add others to. */
async function migrationsDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'readout-migrations-'));
  cleanups.push(() => rm(dir, { recursive: true }));
  await cp(MIGRATIONS_DIR, dir, { recursive: true });
  return dir;
}

async function addMigration(dir: string, name: string, sql: string): Promise<void> {
  await mkdir(join(dir, name));
  await writeFile(join(dir, name, 'migration.sql'), sql);
}

async function ownMigrations(): Promise<{ name: string; checksum: string; beside: string | null }[]> {
  const names = (await readdir(MIGRATIONS_DIR)).filter((name) => /^\d{14}_/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(MIGRATIONS_DIR, name, 'migration.sql'), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { name, checksum, beside: SERVES_BESIDE.exec(sql)?.[0] ?? null };
    }),
  );
}

/** A database that the migrations of these names made, and the folder with the initial migration that replaced them. */
async function formerDatabase(names: readonly string[]): Promise<{ url: string; dir: string }> {
  const url = await emptyUrl();
  const dir = await migrationsDir();
  for (const { name } of (await ownMigrations()).slice(1)) await rm(join(dir, name), { recursive: true });
  expect(await migrate(url, dir)).toEqual([INITIAL]);
  await query(url, 'DELETE FROM _prisma_migrations');
  for (const name of names)
    await query(
      url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('${name}', 'x', '${name}', now())`,
    );
  return { url, dir };
}

describe('migrations and schema.prisma', () => {
  it('agree', async () => {
    const { url, drop } = await createTestDatabase({ seeded: false });
    cleanups.push(drop);
    expect(await diffSchema(url)).toBe('');
  });

  it.each([
    ['a missing column', 'ALTER TABLE source DROP COLUMN url', 'ADD COLUMN'],
    ['another type', 'ALTER TABLE source ALTER COLUMN title TYPE varchar(9)', 'ALTER COLUMN'],
    ['a missing index', 'DROP INDEX statement_act_list_idx', 'CREATE INDEX'],
    ['a missing foreign key', 'ALTER TABLE anchor DROP CONSTRAINT anchor_statement_id_fkey', 'FOREIGN KEY'],
    ['a missing enum value', "ALTER TYPE stance RENAME VALUE 'MIXED' TO 'TORN'", 'stance'],
    ['a table too many', 'CREATE TABLE surplus (id int PRIMARY KEY)', 'DROP TABLE'],
  ])('would be found to differ by %s', async (_, change, difference) => {
    const { url, drop } = await createTestDatabase({ seeded: false });
    cleanups.push(drop);
    await query(url, change);
    expect(await diffSchema(url)).toContain(difference);
  });
});

/** The last migration that says nothing of older versions. An applied migration is never edited, so it stays as it is. */
const LAST_SILENT = '20261126216000_merges';

/** What is wrong with what migrations say of the versions beside them. */
function faultsOf(migrations: readonly Migration[]): string[] {
  return migrations
    .filter(({ name }) => name > LAST_SILENT)
    .flatMap(({ name, sql }) => {
      const needed = SERVES_BESIDE.exec(sql)?.[1];
      if (SERVES_ALONE.test(sql) === (needed !== undefined)) return [`${name} needs one line of the two`];
      const isKnown =
        needed === undefined || migrations.some((other) => other.name === needed && needed < name);
      return isKnown ? [] : [`${name} names ${needed}, which is no migration before it`];
    });
}

describe('a migration', () => {
  it('says which older versions serve beside it, or that none does', async () => {
    expect(await readMigrations().then(faultsOf)).toEqual([]);
  });

  it.each([
    ['nothing', '', 'needs one line'],
    [
      'both',
      `-- Versions that know ${LAST_SILENT} serve beside this migration.\n-- No older version serves beside this migration.`,
      'needs one line',
    ],
    [
      'a migration that is not there',
      '-- Versions that know 20260101000000_absent serve beside this migration.',
      'is no migration before it',
    ],
  ])('that says %s is found', async (_, sql, fault) => {
    const dir = await migrationsDir();
    await addMigration(dir, '29990101000000_later', sql);
    expect(await readMigrations(dir).then(faultsOf)).toEqual([expect.stringContaining(fault)]);
  });
});

describe('migrate', () => {
  it('applies every migration once and records it as Prisma does', async () => {
    const url = await emptyUrl();
    const migrations = await ownMigrations();
    expect(await migrate(url)).toEqual(migrations.map(({ name }) => name));
    const rows = await query(
      url,
      `SELECT migration_name, checksum, finished_at >= started_at AS finished, rolled_back_at, logs, applied_steps_count
       FROM _prisma_migrations ORDER BY migration_name`,
    );
    expect(rows).toEqual(
      migrations.map(({ name, checksum, beside }) => ({
        migration_name: name,
        checksum,
        finished: true,
        rolled_back_at: null,
        logs: beside,
        applied_steps_count: 1,
      })),
    );
    expect(await migrate(url)).toEqual([]);
    expect(await query(url, 'SELECT FROM _prisma_migrations')).toHaveLength(migrations.length);
  });

  it('is done by one of several processes that start at once', async () => {
    const url = await emptyUrl();
    const applied = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    expect(applied.flat()).toEqual((await ownMigrations()).map(({ name }) => name));
  });

  it('applies what is new to a database of an older version, in the order of the names', async () => {
    const { url, drop } = await createTestDatabase({ seeded: true });
    cleanups.push(drop);
    const dir = await migrationsDir();
    await addMigration(dir, '29990102000000_second', 'INSERT INTO note VALUES (2)');
    await addMigration(dir, '29990101000000_first', 'CREATE TABLE note (id int)');
    expect(await migrate(url, dir)).toEqual(['29990101000000_first', '29990102000000_second']);
    expect(await query(url, 'SELECT id FROM note')).toEqual([{ id: 2 }]);
    expect(await query(url, 'SELECT FROM statement')).not.toHaveLength(0);
  });

  it('tells the operator what a migration reports, and nothing of what PostgreSQL notices itself', async () => {
    const url = await emptyUrl();
    const dir = await migrationsDir();
    const sql = `DROP TABLE IF EXISTS absent;
      DO $$ BEGIN RAISE NOTICE 'This takes long.' USING ERRCODE = 'RM001'; END $$`;
    await addMigration(dir, '29990101000000_slow', sql);
    const told: string[] = [];
    await migrate(url, dir, (message) => void told.push(message));
    expect(told).toEqual(['This takes long.']);
  });

  it('refuses a database with a migration it does not know, by its name', async () => {
    const { url, drop } = await createTestDatabase({ seeded: false });
    cleanups.push(drop);
    const dir = await migrationsDir();
    await addMigration(dir, '29990101000000_later', 'SELECT 1');
    await migrate(url, dir);
    await expect(migrate(url)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringMatching(/29990101000000_later is not known/),
    });
  });

  it('refuses a migration that was edited after it was applied, by its name', async () => {
    const { url, drop } = await createTestDatabase({ seeded: false });
    cleanups.push(drop);
    const dir = await migrationsDir();
    const [first] = await ownMigrations();
    await writeFile(join(dir, first?.name ?? '', 'migration.sql'), 'SELECT 1');
    await expect(migrate(url, dir)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining(`${first?.name} was edited`),
    });
  });

  it('lets an older version serve beside migrations that say so, and refuses it beside any other', async () => {
    const { url, drop } = await createTestDatabase({ seeded: false });
    cleanups.push(drop);
    const last = (await ownMigrations()).at(-1)?.name;
    const newer = await migrationsDir();
    const besides = (name: string | undefined): string =>
      `-- A column more.\n-- Versions that know ${name} serve beside this migration.\nSELECT 1`;
    await addMigration(newer, '29990101000000_column', besides(last));
    await migrate(url, newer);
    expect(await migrate(url)).toEqual([]);

    await addMigration(newer, '29990102000000_later', besides('29990101000000_column'));
    await migrate(url, newer);
    await expect(migrate(url)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringMatching(/29990102000000_later .* know 29990101000000_column to serve beside it/),
    });
  });

  it('takes a database that the replaced migrations made for one that the initial migration made', async () => {
    const { url, dir } = await formerDatabase(REPLACED);
    expect(await migrate(url, dir)).toEqual([]);
    expect(await query(url, 'SELECT migration_name AS name FROM _prisma_migrations')).toEqual([
      { name: INITIAL },
    ]);
    await query(url, `INSERT INTO token (name, role, digest) VALUES ('Chief', 'admin', repeat('0', 64))`);
    expect(await migrate(url)).toEqual((await ownMigrations()).slice(1).map(({ name }) => name));
    expect(await query(url, 'SELECT role FROM token')).toEqual([{ role: 'recorder' }]);
    expect(await diffSchema(url)).toBe('');
  });

  it('refuses a database that only some of the replaced migrations made, and says what to do', async () => {
    const { url, dir } = await formerDatabase(REPLACED.slice(0, -1));
    await expect(migrate(url, dir)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('Start the last version before the release once'),
    });
  });

  it('refuses one that another tool began and did not finish', async () => {
    const { url, drop } = await createTestDatabase({ seeded: false });
    cleanups.push(drop);
    await query(url, 'UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(migrate(url)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('not finished'),
    });
  });

  it('passes over one that was marked as rolled back, and applies it again', async () => {
    const { url, drop } = await createTestDatabase({ seeded: false });
    cleanups.push(drop);
    const dir = await migrationsDir();
    const name = '29990101000000_undone';
    await addMigration(dir, name, 'CREATE TABLE undone (id int)');
    await query(
      url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, rolled_back_at) VALUES ('1', 'x', '${name}', now())`,
    );
    expect(await migrate(url, dir)).toEqual([name]);
    expect(await query(url, 'SELECT FROM undone')).toEqual([]);
    expect(await migrate(url, dir)).toEqual([]);
  });

  it('undoes a failing migration whole, names it, and keeps those before it', async () => {
    const { url, drop } = await createTestDatabase({ seeded: false });
    cleanups.push(drop);
    const dir = await migrationsDir();
    await addMigration(dir, '29990101000000_fine', 'CREATE TABLE kept (id int)');
    await addMigration(dir, '29990102000000_broken', 'CREATE TABLE lost (id int); SELECT 1 / 0');
    await expect(migrate(url, dir)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringMatching(/29990102000000_broken failed and was undone: division by zero/),
    });
    const tables = await query<{ name: string }>(
      url,
      `SELECT relname AS name FROM pg_class WHERE relname IN ('kept', 'lost')`,
    );
    expect(tables).toEqual([{ name: 'kept' }]);
    const names = await query<{ name: string }>(
      url,
      `SELECT migration_name AS name FROM _prisma_migrations WHERE migration_name LIKE '2999%'`,
    );
    expect(names).toEqual([{ name: '29990101000000_fine' }]);
  });
});
