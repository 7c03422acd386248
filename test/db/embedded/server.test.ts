import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ReadoutError } from '../../../src/base/errors.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/db/embedded/server.ts';
import { until } from '../../support/until.ts';

const settings = { fsync: 'off' };
const embeddedUrl = new URL('../../../src/db/embedded/server.ts', import.meta.url).href;

/** A second service: starts the server on the directory in its argument, says so in one line, and stays. */
const serviceCode = `
  import { startEmbeddedServer } from '${embeddedUrl}';
  const { pid, origin } = await startEmbeddedServer({
    dataDir: process.argv[1], onNotice: () => {}, settings: ${JSON.stringify(settings)},
  });
  console.log(JSON.stringify({ pid, origin }));
  setInterval(() => {}, 60_000);
`;

const ownerConnections = `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'readout owner%'`;

type Service = ChildProcessByStdio<null, Readable, null>;
const servers: EmbeddedServer[] = [];
const services: Service[] = [];
const directories: string[] = [];
let template: string;

beforeAll(async () => {
  template = join(await mkdtemp(join(tmpdir(), 'readout-embedded-')), 'data');
  await (await startEmbeddedServer({ dataDir: template, settings, onNotice: () => undefined })).stop();
});

afterAll(() => rm(dirname(template), { recursive: true, force: true }));

afterEach(async () => {
  for (const service of services.splice(0)) await kill(service);
  for (const server of servers.splice(0)) await server.stop();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function makeDataDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'readout-embedded-'));
  directories.push(directory);
  return join(directory, 'data');
}

/** A data directory after its first start. */
async function makeUsedDataDir(): Promise<string> {
  const dataDir = await makeDataDir();
  await copy(template, dataDir);
  return dataDir;
}

/** Copies with owners and modes, about which PostgreSQL is strict. */
async function copy(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to]);
}

/** Starts a server that is stopped after the test; `notices` grows, and `noticed` waits for the next one. */
async function start(dataDir: string) {
  const notices: string[] = [];
  let tell: (message: string) => void = () => undefined;
  const server = await startEmbeddedServer({
    dataDir,
    settings,
    onNotice: (message) => {
      notices.push(message);
      tell(message);
    },
  });
  servers.push(server);
  const noticed = () =>
    new Promise<string>((resolve) => {
      tell = resolve;
    });
  return { server, notices, noticed };
}

/** Starts a service in a process of its own and waits until it has its server. */
async function startService(dataDir: string): Promise<{ service: Service; pid: number; origin: string }> {
  const flags = ['--import', 'tsx', '--input-type=module', '--eval', serviceCode, dataDir];
  const service = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  services.push(service);
  for await (const line of createInterface({ input: service.stdout })) {
    return { service, ...(JSON.parse(line) as { pid: number; origin: string }) };
  }
  throw new Error('The service ended before it had a server.');
}

async function kill(service: Service): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return;
  const exit = once(service, 'exit');
  service.kill('SIGKILL');
  await exit;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function failureOf(attempt: Promise<unknown>): Promise<ReadoutError> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ReadoutError) return error;
  throw new Error('A ReadoutError was expected.', { cause: error });
}

/** A zombie process is gone, too. */
async function isGone(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  if (process.platform !== 'linux') return false;
  // Its file can go away between the two questions, and while it is read.
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) === '';
}

describe('the embedded server', () => {
  it('refuses the files of another major version of PostgreSQL, and says how the record is moved', async () => {
    const dataDir = await makeUsedDataDir();
    const cluster = join(await realpath(dataDir), 'postgres');
    const made = Number(await readFile(join(cluster, 'PG_VERSION'), 'utf8'));
    await writeFile(join(cluster, 'PG_VERSION'), `${made - 1}\n`);
    const { message } = await failureOf(start(dataDir));
    for (const part of [
      `was made by PostgreSQL ${made - 1}, and this version of Readout brings PostgreSQL ${made}`,
      '1. With the version of Readout that used it last: npm run backup -- record.sql.gz',
      `2. Move the old files away: mv ${cluster} ${cluster}-${made - 1}`,
      '3. With this version: npm run restore -- record.sql.gz',
    ])
      expect(message).toContain(part);
    await rename(cluster, `${cluster}-${made - 1}`);
    expect((await start(dataDir)).server.origin).toBe('created');

    await writeFile(join(`${cluster}-${made - 1}`, 'PG_VERSION'), `${made + 1}\n`);
    await servers.pop()?.stop();
    await rm(cluster, { recursive: true });
    await rename(`${cluster}-${made - 1}`, cluster);
    expect((await failureOf(start(dataDir))).message).toContain('Start the newer version of Readout');
  });

  it('creates a UTF-8 database on its first start, and listens on 127.0.0.1 alone', async () => {
    const dataDir = await makeDataDir();
    const { server, notices } = await start(dataDir);
    expect(server.origin).toBe('created');
    expect(notices).toEqual([]);
    expect(server.url).toMatch(
      new RegExp(`^postgresql://readout:[\\w-]{32}@127\\.0\\.0\\.1:${server.port}/readout$`),
    );
    const [facts] = await query(
      server.url,
      `SELECT pg_encoding_to_char(encoding) AS encoding, datlocale AS locale, lower('ÉÖЖ') AS lower,
              current_setting('listen_addresses') AS addresses,
              current_setting('unix_socket_directories') AS sockets,
              current_setting('max_connections') AS connections, current_setting('TimeZone') AS zone
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(facts).toEqual({
      encoding: 'UTF8',
      locale: 'C.UTF-8',
      lower: 'éöж',
      addresses: '127.0.0.1',
      sockets: '',
      connections: '100',
      zone: 'UTC',
    });
    expect((await readdir(dataDir)).sort()).toEqual(['password', 'postgres', 'postgres.log']);
    if (process.platform !== 'win32')
      expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
  });

  it('refuses a connection without the right password', async () => {
    const { server } = await start(await makeUsedDataDir());
    const url = new URL(server.url);
    url.password = 'guessed';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps the data over a stop and a second start', async () => {
    const dataDir = await makeUsedDataDir();
    const first = await start(dataDir);
    await query(first.server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.server.stop();
    const second = await start(dataDir);
    expect(second.server.origin).toBe('started');
    expect(await query(second.server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('leaves no process behind when it is stopped, twice over and with clients connected', async () => {
    const { server } = await start(await makeUsedDataDir());
    const client = new Client({ connectionString: server.url });
    client.on('error', () => undefined);
    await client.connect();
    const ended = new Promise((resolve) => client.once('end', resolve));
    await Promise.all([server.stop(), server.stop()]);
    await ended;
    expect(await isGone(server.pid)).toBe(true);
    await server.stop();
  });

  it('takes over the server of a service that was killed, and says so', async () => {
    const dataDir = await makeDataDir();
    const orphaned = await startService(dataDir);
    expect(orphaned.origin).toBe('created');
    await kill(orphaned.service);
    const { server, notices } = await start(dataDir);
    expect(server).toMatchObject({ origin: 'took-over', pid: orphaned.pid });
    expect(notices).toEqual([
      expect.stringContaining(`Took over the PostgreSQL server (process ${orphaned.pid})`),
    ]);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(await isGone(orphaned.pid)).toBe(true);
  });

  it('refuses a second service on the same data directory, and names the first', async () => {
    const dataDir = await makeUsedDataDir();
    const { service, pid } = await startService(dataDir);
    const error = await failureOf(start(dataDir));
    expect(error.code).toBe('START_FAILED');
    expect(error.message).toContain(`Another Readout service (pid ${service.pid}) is using `);
    expect(error.message).toContain('Stop it, or set DATA_DIR to another directory.');
    expect(await isGone(pid)).toBe(false);
    await kill(service);
    const { server } = await start(dataDir);
    // The refused attempt has left no connection, which would keep its process from ending.
    await until(
      'one connection of an owner',
      async () => (await query(server.url, ownerConnections)).length === 1,
    );
  });

  it('lets one of two services win that start at once on a new data directory', async () => {
    const dataDir = await makeDataDir();
    const outcomes = await Promise.allSettled([start(dataDir), start(dataDir)]);
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const lost = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as Error] : [],
    );
    expect(lost.map((error) => error.message)).toEqual([
      expect.stringContaining(`Another Readout service (pid ${process.pid}) is using `),
    ]);
    expect(won).toHaveLength(1);
    expect(won[0]?.notices).toEqual([]);
    expect((await readdir(dataDir)).sort()).toEqual(['password', 'postgres', 'postgres.log']);
  });

  it('restarts a PostgreSQL that was killed, on the same port, and says so', async () => {
    const { server, noticed } = await start(await makeUsedDataDir());
    const { pid, url } = server;
    const notice = noticed();
    process.kill(pid, 'SIGKILL');
    expect(await notice).toBe(
      `PostgreSQL (process ${pid}) ended unexpectedly; it runs again (process ${server.pid}).`,
    );
    expect(server.pid).not.toBe(pid);
    expect(server.url).toBe(url);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('restarts a server that it had taken over, too', async () => {
    const dataDir = await makeUsedDataDir();
    const orphaned = await startService(dataDir);
    await kill(orphaned.service);
    const { server, noticed } = await start(dataDir);
    const notice = noticed();
    process.kill(orphaned.pid, 'SIGKILL');
    expect(await notice).toContain('it runs again');
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('stays the owner when only its own connection is cut', async () => {
    const dataDir = await makeUsedDataDir();
    const { server, notices } = await start(dataDir);
    const [before] = await query(server.url, ownerConnections);
    await query(server.url, `SELECT pg_terminate_backend(${before?.pid}, 5000)`);
    await until(
      'a new connection of the owner',
      async () => (await query(server.url, ownerConnections))[0]?.pid,
    );
    const error = await failureOf(start(dataDir));
    expect(error.message).toContain('Another Readout service');
    expect(notices).toEqual([]);
  });

  it('does not restart a PostgreSQL that it was asked to stop while it was away', async () => {
    const { server, notices } = await start(await makeUsedDataDir());
    process.kill(server.pid, 'SIGKILL');
    await server.stop();
    expect(await isGone(server.pid)).toBe(true);
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    expect(notices).toEqual([]);
  });

  it('refuses a copy of a data directory whose server is running', async () => {
    const dataDir = await makeUsedDataDir();
    await start(dataDir);
    const copyDir = await makeDataDir();
    await copy(dataDir, copyDir);
    const error = await failureOf(start(copyDir));
    expect(error.message).toMatch(
      /names a running server .* that belongs to .* If this data directory is a copy/,
    );
  });

  it('refuses an orphan that does not accept the password of its directory', async () => {
    const dataDir = await makeUsedDataDir();
    const orphaned = await startService(dataDir);
    await kill(orphaned.service);
    const password = await readFile(join(dataDir, 'password'), 'utf8');
    await writeFile(join(dataDir, 'password'), 'another');
    const error = await failureOf(start(dataDir));
    expect(error.message).toContain(`(process ${orphaned.pid}, port `);
    expect(error.message).toContain('does not accept the password');
    await writeFile(join(dataDir, 'password'), password);
    await start(dataDir);
  });

  it('names the missing password file of an existing database', async () => {
    const dataDir = await makeUsedDataDir();
    await rm(join(dataDir, 'password'));
    const error = await failureOf(start(dataDir));
    expect(error).toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('password is missing'),
    });
  });

  it('says why PostgreSQL does not start, and leaves nothing running', async () => {
    const dataDir = await makeUsedDataDir();
    const attempt = startEmbeddedServer({
      dataDir,
      onNotice: () => undefined,
      settings: { work_mem: 'plenty' },
    });
    const error = await failureOf(attempt);
    expect(error.message).toContain('PostgreSQL did not start: ');
    expect(error.message).toContain('invalid value for parameter "work_mem": "plenty"');
  });

  it('refuses a data directory that is a file', async () => {
    const dataDir = await makeDataDir();
    await writeFile(dataDir, '');
    const error = await failureOf(start(dataDir));
    expect(error.code).toBe('START_FAILED');
    expect(error.message).toContain(`The data directory ${dataDir} can't be used: `);
  });

  it.skipIf(process.platform !== 'linux')(
    'refuses a data directory that the system does not let it create',
    async () => {
      const error = await failureOf(start('/proc/readout/data'));
      expect(error.code).toBe('START_FAILED');
      expect(error.message).toContain("The data directory /proc/readout/data can't be used: ENOENT");
    },
  );

  it('empties a log past its limit when it starts', async () => {
    const dataDir = await makeUsedDataDir();
    const log = join(dataDir, 'postgres.log');
    await truncate(log, 10 * 1024 * 1024 + 1);
    await start(dataDir);
    expect((await stat(log)).size).toBeLessThan(10_000);
  });
});
