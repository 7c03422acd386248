import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/db/client.ts';
import { startEmbeddedServer } from '../../src/db/embedded/server.ts';
import { migrate } from '../../src/db/migrate.ts';
import { loadSeeds } from '../../src/import/seed/load.ts';
import { databaseUrl, SEEDED_TEMPLATE, TEMPLATE } from './templates.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let stop = async (): Promise<void> => undefined;

/** Starts one PostgreSQL server for the whole run, with a migrated and a seeded database to clone from. */
export async function setup(project: TestProject): Promise<void> {
  await buildIfStale();
  const directory = await mkdtemp(join(tmpdir(), 'readout-test-'));
  const server = await startEmbeddedServer({
    dataDir: join(directory, 'data'),
    onNotice: (message) => project.vitest.logger.log(message),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  });
  // A run that is ended from outside comes to no teardown.
  const abandon = (): void => {
    process.kill(server.pid, 'SIGQUIT');
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  };
  const leave = (): never => process.exit(1);
  process.once('exit', abandon).once('SIGTERM', leave).once('SIGHUP', leave);
  stop = async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
    process.off('exit', abandon).off('SIGTERM', leave).off('SIGHUP', leave);
  };
  try {
    await makeTemplates(server.url);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('serverUrl', server.url);
}

/** Stops the server and removes its files. */
export async function teardown(): Promise<void> {
  await stop();
}

async function makeTemplates(serverUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${TEMPLATE}`);
    await migrate(databaseUrl(serverUrl, TEMPLATE));
    await admin.query(`CREATE DATABASE ${SEEDED_TEMPLATE} TEMPLATE ${TEMPLATE}`);
    const url = databaseUrl(serverUrl, SEEDED_TEMPLATE);
    const db = openDatabase({ url, poolMax: 2, statementTimeoutMs: 10_000 });
    try {
      await loadSeeds(db.prisma);
      await db.pool.query('ANALYZE');
    } finally {
      await db.close();
    }
  } finally {
    await admin.end();
  }
}

/** Some tests use the built service and its pages. Builds each of them where a source is newer than its last build. */
async function buildIfStale(): Promise<void> {
  const run = promisify(execFile);
  const binOf = (name: string, file: string): string =>
    join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), file);
  if (await isStale('dist/main.js', 'dist/.tsbuildinfo', (file) => !file.startsWith('web/'))) {
    await rm(join(ROOT, 'dist/.tsbuildinfo'), { force: true });
    const compiler = binOf('typescript', 'bin/tsc');
    await run(process.execPath, [compiler, '-p', '.config/tsconfig.build.json'], { cwd: ROOT });
  }
  if (
    await isStale('dist/web/index.html', 'dist/web/graphiql/index.html', (file) => file.startsWith('web/'))
  ) {
    const vite = binOf('vite', 'bin/vite.js');
    await run(process.execPath, [vite, 'build', '--config', 'src/web/vite.config.ts'], { cwd: ROOT });
  }
}

/** Whether one of two built files is missing, or the second is older than one of its sources. */
async function isStale(first: string, second: string, isSource: (file: string) => boolean): Promise<boolean> {
  const entries = await readdir(join(ROOT, 'src'), { recursive: true });
  const sources = entries.filter((file) => isSource(file) && /\.\w+$/.test(file) && !file.endsWith('.d.ts'));
  const changed = await Promise.all(sources.map((file) => modifiedMs(join(ROOT, 'src', file))));
  const [one, other] = await Promise.all([first, second].map((file) => modifiedMs(join(ROOT, file))));
  return !one || !other || Math.max(...changed) > other;
}

/** When a file was last written; 0 if it does not exist. */
async function modifiedMs(file: string): Promise<number> {
  const found = await stat(file).catch(() => null); // a missing file is the very case that is asked about
  return found?.mtimeMs ?? 0;
}
