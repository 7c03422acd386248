import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { ProgressState } from '../base/progress.ts';
import { MIGRATION_LOCK_KEY, migrate } from '../db/migrate.ts';
import { type HistoryReport, verifyDatabase } from '../verify/history.ts';
import { invalidBackup } from './fault.ts';
import { dropIndexes } from './indexes.ts';
import { copyCommand, type Manifest, rowCountOf } from './manifest.ts';
import { BackupReader, countLines } from './reader.ts';
import { copyTarget, quoted, readTables } from './tables.ts';
import { prepareTarget, refuseServices, refuseUnknownMigrations } from './target.ts';
import { TEXT_FORMAT } from './write.ts';

export interface RestoreOptions {
  /** The database. */
  readonly url: string;
  /** Path of the backup. */
  readonly file: string;
  /** Whether a record in the database may be lost. */
  readonly replace: boolean;
  readonly onProgress?: (state: ProgressState) => void;
}

/** What was restored, and the result of checking it. */
interface RestoredBackup {
  readonly manifest: Manifest;
  readonly report: HistoryReport;
}

/**
 * Restores a backup. The whole file is checked before the database is touched. The migrations of the backup make the tables, one
 * transaction fills them, and the later migrations follow. Then the chain of digests is computed again and compared with the tables.
 * @throws ReadoutError INVALID_INPUT where the file is not a complete backup, CONFLICT where the database can't take it.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoredBackup> {
  const { url, file, replace, onProgress = () => undefined } = options;
  const manifest = await checkBackup(file, onProgress);
  await refuseUnknownMigrations(manifest);
  const client = new pg.Client({ connectionString: url, application_name: 'readout restore' });
  await client.connect();
  try {
    await client.query(TEXT_FORMAT);
    await prepareTarget(client, manifest, replace);
    const only = new Set(manifest.migrations.map(({ name }) => name));
    await migrate(url, undefined, undefined, { only });
    await client.query('BEGIN');
    await fill(client, file, manifest, onProgress);
    await client.query('COMMIT');
    await migrate(url);
    await client.query('ANALYZE');
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const report = await verifyDatabase(client, manifest.digest, onProgress);
    return { manifest, report };
  } finally {
    await client.end();
  }
}

/**
 * Reads a backup to its end.
 * @throws ReadoutError INVALID_INPUT that says what is wrong with it.
 */
export async function checkBackup(
  file: string,
  onProgress: (state: ProgressState) => void,
): Promise<Manifest> {
  const reader = new BackupReader(file);
  try {
    const manifest = await reader.manifest();
    const total = rowCountOf(manifest);
    let done = 0;
    for await (const { rows } of reader.tables(manifest)) {
      for await (const lines of rows) {
        done += countLines(lines);
        onProgress({ what: 'Checking the file', unit: 'rows', done, total });
      }
    }
    return manifest;
  } finally {
    await reader.close();
  }
}

/** Fills the tables in the transaction of the client. */
async function fill(
  client: pg.Client,
  file: string,
  manifest: Manifest,
  onProgress: (state: ProgressState) => void,
): Promise<void> {
  // A service that starts now waits until the record is complete.
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK_KEY]);
  await refuseServices(client);
  const tables = await readTables(client);
  const present = new Set(tables.map(copyCommand));
  const foreign = manifest.tables.find((table) => !present.has(copyCommand(table)));
  if (foreign) throw invalidBackup(`its migrations make no table ${copyTarget(foreign)}`);
  const names = tables.map(({ name }) => quoted(name));
  await client.query(`TRUNCATE ${names.join(', ')}`);
  // The triggers have checked these rows when they were written. Foreign keys check them again when they are made.
  for (const name of names) await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
  const makeIndexes = await dropIndexes(
    client,
    tables.map(({ name }) => name),
  );
  const reader = new BackupReader(file);
  try {
    await reader.manifest();
    const total = rowCountOf(manifest);
    let done = 0;
    const counted = async function* (rows: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const lines of rows) {
        done += countLines(lines);
        onProgress({ what: 'Restoring', unit: 'rows', done, total });
        yield lines;
      }
    };
    for await (const { table, rows } of reader.tables(manifest)) {
      const copy = client.query(copyFrom(`COPY ${copyTarget(table)} FROM STDIN`));
      await pipeline(Readable.from(counted(rows), { objectMode: false }), copy);
    }
  } finally {
    await reader.close();
  }
  await makeIndexes((done, total) => onProgress({ what: 'Making indexes', unit: 'indexes', done, total }));
  for (const { name, last } of manifest.sequences) {
    await client.query('SELECT setval($1::regclass, $2)', [quoted(name), last]);
  }
  for (const name of names) await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`);
}
