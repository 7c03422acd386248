import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from './support/database.ts';
import { ServiceProcess } from './support/serviceProcess.ts';
import { until } from './support/until.ts';

const START_TIME_MAX_MS = 240_000;

const services: ServiceProcess[] = [];
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function start(settings: Record<string, string>): ServiceProcess {
  const service = new ServiceProcess(settings);
  services.push(service);
  return service;
}

async function ask(origin: string): Promise<unknown> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ record { statements } actor(slug: "iran") { name } }' }),
  });
  return response.json();
}
const ANSWER = { data: { record: { statements: 25 }, actor: { name: 'Iran' } } };

/** Whether a process runs. One that has ended can stay listed until its parent, which may be gone, asks for it. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false; // there is no such process
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''); // other systems have none
  return !/\) Z /.test(stat);
}

/** The process of the PostgreSQL server of a data directory. */
async function postgresPid(dataDir: string): Promise<number> {
  const files = await readdir(dataDir, { recursive: true });
  const pidFile = files.find((file) => file.endsWith('postmaster.pid'));
  return Number((await readFile(join(dataDir, pidFile ?? 'none'), 'utf8')).split('\n')[0]);
}

describe('the service with a server of its own', () => {
  // One directory for all, since only the first start on it takes its time.
  let directory: string;
  let dataDir: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'readout-app-'));
    dataDir = join(directory, 'data');
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it(
    'starts, answers, stops in order at Ctrl-C and leaves no process; starts again with the same record',
    async () => {
      const first = start({ DATA_DIR: dataDir });
      const origin = await first.origin();
      expect(await ask(origin)).toEqual(ANSWER);
      await until('status 200 of /ready', async () => (await fetch(`${origin}/ready`)).status === 200);
      const pid = await postgresPid(dataDir);
      expect(await isAlive(pid)).toBe(true);
      expect(await first.signal('SIGINT')).toEqual([0, null]);
      expect(first.output).toMatch(/Stopping …\s+Stopped\.\s*$/);
      expect(await isAlive(pid)).toBe(false);
      await expect(fetch(origin)).rejects.toThrow();

      // The address of GraphiQL carries the token, at each start; without it the page has none.
      const [, token = ''] = await first.printed(/GraphiQL {3}http:\S+\/graphql#token=(readout_\S+)/);
      expect(first.output).toContain(`Authorization: Bearer ${token}`);

      const second = start({ DATA_DIR: dataDir });
      expect(await ask(await second.origin())).toEqual(ANSWER);
      expect(second.output).not.toMatch(/Loaded|Applied/);
      expect(second.output).toContain(`/graphql#token=${token}`);
      expect(await second.signal('SIGTERM')).toEqual([0, null]);
    },
    START_TIME_MAX_MS,
  );

  it(
    'takes over the server that a killed one has left running, and says so',
    async () => {
      const killed = start({ DATA_DIR: dataDir });
      await killed.origin();
      const pid = await postgresPid(dataDir);
      await killed.signal('SIGKILL');
      expect(await isAlive(pid)).toBe(true);
      const next = start({ DATA_DIR: dataDir });
      expect(await ask(await next.origin())).toEqual(ANSWER);
      expect(next.output).toMatch(new RegExp(`Took over the PostgreSQL server \\(process ${pid}\\)`));
      expect(await next.signal('SIGINT')).toEqual([0, null]);
      expect(await isAlive(pid)).toBe(false);
    },
    START_TIME_MAX_MS,
  );

  it(
    'is refused the data of another one that runs, and leaves that alone',
    async () => {
      const first = start({ DATA_DIR: dataDir });
      const origin = await first.origin();
      const second = start({ DATA_DIR: dataDir });
      expect(await second.exited()).toEqual([1, null]);
      expect(second.output).toMatch(
        /Another Readout service \(pid \d+\) is using (.*)\. Stop it, or set DATA_DIR/,
      );
      expect(second.output).toContain(`is using ${dataDir}.`);
      expect(second.output).not.toMatch(/\n\s+at /);
      expect(await ask(origin)).toEqual(ANSWER);
      expect(await first.signal('SIGINT')).toEqual([0, null]);
    },
    START_TIME_MAX_MS,
  );
});

describe('the service with an external PostgreSQL', () => {
  it(
    'applies the migrations, loads the seed and serves',
    async () => {
      const { url, drop } = await createTestDatabase({ seeded: false });
      cleanups.push(drop);
      const service = start({ DATABASE_URL: url, RECORDER_TOKEN: 'a-token-to-look-for' });
      expect(await ask(await service.origin())).toEqual(ANSWER);
      expect(service.output).toContain('with the recorder’s token');
      expect(service.output).not.toContain('a-token-to-look-for');
      expect(await service.signal('SIGINT')).toEqual([0, null]);
    },
    START_TIME_MAX_MS,
  );

  it(
    'is refused a port that is taken, by its number',
    async () => {
      const { url, drop } = await createTestDatabase({ seeded: true });
      const holder = createServer().listen(0, '127.0.0.1');
      cleanups.push(drop, async () => holder.close());
      await once(holder, 'listening');
      const { port } = holder.address() as AddressInfo;
      const service = start({ DATABASE_URL: url, PORT: String(port) });
      expect(await service.exited()).toEqual([1, null]);
      expect(service.output).toContain(`Port ${port} on 127.0.0.1 is in use`);
      expect(service.output).not.toMatch(/\n\s+at /);
    },
    START_TIME_MAX_MS,
  );

  it(
    'says where it looked for PostgreSQL when there is none, without the password',
    async () => {
      const holder = createServer().listen(0, '127.0.0.1');
      await once(holder, 'listening');
      const { port } = holder.address() as AddressInfo;
      holder.close();
      await once(holder, 'close');
      const service = start({ DATABASE_URL: `postgresql://user:hunter2@127.0.0.1:${port}/readout` });
      expect(await service.exited()).toEqual([1, null]);
      expect(service.output).toContain(`127.0.0.1:${port}/readout`);
      expect(service.output).toContain('DATABASE_URL');
      expect(service.output).not.toContain('hunter2');
      expect(service.output).not.toMatch(/\n\s+at /);
    },
    START_TIME_MAX_MS,
  );

  it(
    'gives up if what accepts its connection does not answer',
    async () => {
      const silent = createTcpServer().listen(0, '127.0.0.1');
      cleanups.push(async () => silent.close());
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const service = start({ DATABASE_URL: `postgresql://user:hunter2@127.0.0.1:${port}/readout` });
      expect(await service.exited()).toEqual([1, null]);
      expect(service.output).toContain(`127.0.0.1:${port}/readout can't be used: timeout expired`);
      expect(service.output).toContain('did not answer in time');
    },
    START_TIME_MAX_MS,
  );
});

describe('the service with settings that are wrong', () => {
  it(
    'names all of them and does not start',
    async () => {
      const service = start({ PORT: 'http', DATABASE_URL: 'mysql://x/y', SEED: 'yes' });
      expect(await service.exited()).toEqual([1, null]);
      for (const name of ['PORT', 'DATABASE_URL', 'SEED']) expect(service.output).toContain(name);
      expect(service.output).not.toMatch(/\n\s+at /);
    },
    START_TIME_MAX_MS,
  );
});
