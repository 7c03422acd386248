import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { ReadoutError } from '../base/errors.ts';
import type { ProgressState } from '../base/progress.ts';
import { VERSION } from '../config/version.ts';
import { readApplied } from '../db/migrate.ts';
import { readHead } from '../log/head.ts';
import {
  copyCommand,
  END_OF_ROWS,
  formatManifest,
  LAST_LINE,
  type Manifest,
  rowCountOf,
} from './manifest.ts';
import { countLines } from './reader.ts';
import { copyTarget, quoted, readSequences, readTables } from './tables.ts';

/** Fixes how values are written as text, whatever the settings of the database are. */
export const TEXT_FORMAT = `SET datestyle = 'ISO'; SET timezone = 'UTC'; SET intervalstyle = 'postgres';
  SET bytea_output = 'hex'; SET extra_float_digits = 1; SET statement_timeout = 0; SET lock_timeout = 0;
  SET idle_in_transaction_session_timeout = 0`;

type OnProgress = (state: ProgressState) => void;

/**
 * Writes the record of a database, as it is at one position, into a stream. It reads everything in one snapshot, so the service can run and
 * write meanwhile. Memory stays bounded.
 * @returns what the backup says about itself.
 * @throws ReadoutError NOT_FOUND where the database has no record.
 */
export async function writeBackup(
  url: string,
  output: Writable,
  onProgress: OnProgress = () => undefined,
): Promise<Manifest> {
  const client = new pg.Client({ connectionString: url, application_name: 'readout backup' });
  await client.connect();
  try {
    await client.query(TEXT_FORMAT);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const manifest = await readManifest(client);
    await pipeline(contentOf(client, manifest, onProgress), createGzip(), output);
    return manifest;
  } finally {
    await client.end();
  }
}

async function readManifest(client: pg.Client): Promise<Manifest> {
  const tables = await readTables(client);
  if (!tables.some(({ name }) => name === 'head')) {
    throw new ReadoutError('NOT_FOUND', 'The database has no record. Check DATABASE_URL or DATA_DIR.');
  }
  const head = await readHead(client);
  const counted: Manifest['tables'] = [];
  for (const table of tables) {
    const { rows } = await client.query<{ count: string }>(
      `SELECT count(*) AS count FROM ${quoted(table.name)}`,
    );
    counted.push({ ...table, columns: [...table.columns], rows: Number(rows[0]?.count) });
  }
  const applied = await readApplied(client);
  return {
    version: VERSION,
    madeAt: new Date().toISOString(),
    position: String(head.position),
    digest: head.digest,
    migrations: applied
      .filter(({ finishedAt }) => finishedAt !== null)
      .map(({ name, checksum }) => ({ name, checksum }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    tables: counted,
    sequences: await readSequences(client),
  };
}

async function* contentOf(
  client: pg.Client,
  manifest: Manifest,
  onProgress: OnProgress,
): AsyncGenerator<string | Buffer> {
  const total = rowCountOf(manifest);
  let done = 0;
  yield formatManifest(manifest);
  for (const table of manifest.tables) {
    yield `${copyCommand(table)}\n`;
    for await (const rows of client.query(copyTo(`COPY ${copyTarget(table)} TO STDOUT`))) {
      done += countLines(rows as Buffer);
      onProgress({ what: 'Writing the backup', unit: 'rows', done, total });
      yield rows as Buffer;
    }
    yield `${END_OF_ROWS}\n`;
  }
  yield `${LAST_LINE}\n`;
}
