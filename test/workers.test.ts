import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { EARLY_ENDS_MAX } from '../src/workers.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { ADDED, TestSocket } from './support/follow.ts';
import { parseMetrics, sumOf } from './support/metrics.ts';
import { ServiceProcess } from './support/serviceProcess.ts';
import { happens, until } from './support/until.ts';
import { makeWorld, record } from './support/world.ts';

let test: TestDatabase;
let service: ServiceProcess;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
});
afterEach(() => service.stop());
afterAll(() => test.drop());

/** Starts the service over the database of the test. */
function start(settings: Record<string, string>): void {
  service = new ServiceProcess({ DATABASE_URL: test.url, SEED: 'off', ...settings });
}

/** How many processes listen to the database. */
async function bells(): Promise<number> {
  const { rows } = await test.db.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE application_name = 'readout bell' AND datname = current_database()`,
  );
  return rows[0]?.count ?? 0;
}

/** Waits for this number: a listener that broke off under load comes back, one of an ended process goes. */
const untilBells = (wanted: number): Promise<boolean> =>
  until(`${wanted} processes that listen to the database`, async () => (await bells()) === wanted);

describe('with WORKERS=2', () => {
  it('two processes serve one port, a killed one is replaced, and Ctrl-C stops all in order', async () => {
    start({ WORKERS: '2', METRICS_PORT: '0' });
    const [, metrics] = await service.printed(/Metrics are at (http:\S+\/metrics)/);
    const [, origin] = await service.printed(/GraphiQL {3}(http:\S+)\/graphql/);
    const workers = await pids();
    expect(workers).toHaveLength(2);

    const sockets = Array.from({ length: 4 }, () => new TestSocket(origin as string));
    const received = sockets.map((socket) => socket.follow({ query: ADDED, variables: { after: '0' } }));
    const { position } = await record(test.db, { text: 'For both.' });
    await Promise.all(received.map((reader) => reader.reached(position)));

    const scrape = async () => parseMetrics(await (await fetch(metrics as string)).text());
    const before = await scrape();
    expect(sumOf(before, 'readout_subscriptions')).toBe(4);
    expect(sumOf(before, 'readout_log_listening')).toBe(2);
    expect(sumOf(before, 'readout_workers')).toBe(2);
    process.kill(workers[0] as number, 'SIGKILL');
    await Promise.any(received.map((reader) => reader.ended()));
    await service.printed(/Worker \d+ ended \(SIGKILL\) and is replaced in 0.5 s/);
    await service.printed(/Worker \d+ serves in its place/);
    await until('status 200 of /ready', async () => (await fetch(`${origin}/ready`)).status === 200);
    const going = received.filter((_, i) => sockets[i]?.socket.readyState === WebSocket.OPEN);
    expect(going.length).toBeGreaterThan(0);
    expect(going.length).toBeLessThan(received.length);
    const next = await record(test.db, { text: 'For those of the other.' });
    await Promise.all(going.map((reader) => reader.reached(next.position)));
    await untilBells(2);

    const after = await scrape();
    const opened = 'readout_subscriptions_opened_total';
    expect(sumOf(after, opened), 'what an ended process has counted').toBe(sumOf(before, opened));
    expect(sumOf(after, 'readout_worker_ends_total')).toBe(1);
    expect(sumOf(after, 'readout_workers')).toBe(2);

    const closed = sockets
      .filter(({ socket }) => socket.readyState === socket.OPEN)
      .map(({ socket }) => once(socket, 'close'));
    const exited = service.signal('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(service.output).toContain('Stopped.');
    for (const [code] of await Promise.all(closed)) expect(code).toBe(1001);
    await untilBells(0);
  });

  it('restarts its workers one after the other at SIGUSR2, and no request fails', async () => {
    start({ WORKERS: '2' });
    const [, origin] = await service.printed(/GraphiQL {3}(http:\S+)\/graphql/);
    const before = await pids();
    const statuses = new Set<number>();
    let isRunning = true;
    const reader = async (): Promise<void> => {
      while (isRunning) {
        const query = encodeURIComponent('{ record { position } }');
        // A connection of its own for each request, since a kept one can be closed at the moment of the next request.
        const headers = { connection: 'close' };
        const response = await happens('an answer', fetch(`${origin}/graphql?query=${query}`, { headers }));
        statuses.add(response.status);
        await happens('the end of an answer', response.arrayBuffer());
      }
    };
    const asked = reader();
    const socket = new TestSocket(origin as string);
    const received = socket.follow({ query: ADDED, variables: { after: '0' } });
    process.kill(service.pid, 'SIGUSR2');
    await service.printed(/All workers were restarted\./);
    isRunning = false;
    await asked;
    expect([...statuses]).toEqual([200]);
    expect(await received.ended()).toMatchObject({ type: 'closed', code: 1001 });
    const after = await pids();
    expect(after).toHaveLength(2);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect(service.output).not.toContain('is replaced');
  });

  it('gives up when workers end early again and again, says so, and leaves nothing behind', async () => {
    start({ WORKERS: '2' });
    await service.printed(/Ctrl-C stops it/);
    const delays: (string | undefined)[] = [];
    let [newest] = await pids();
    while (delays.length <= EARLY_ENDS_MAX) {
      process.kill(newest as number, 'SIGKILL');
      const [, delay] = await service.printedNext(
        /Worker \d+ ended \(SIGKILL\)(?: and is replaced in (\S+) s)?\./,
      );
      if (delay === undefined) break;
      delays.push(delay);
      // The output tells the number, since a later process can have a lower one.
      newest = Number((await service.printedNext(/Worker (\d+) serves in its place/))[1]);
    }
    expect(await service.exited()).toEqual([1, null]);
    // On a busy machine, the first worker can have served for too long before it was killed.
    expect(delays.slice(1 - EARLY_ENDS_MAX)).toEqual(['0.5', '1', '2', '4']);
    expect(service.output).toMatch(
      /ended \(SIGKILL\)\. 5 consecutive workers have served for less than 10 s/,
    );
    await untilBells(0);
  });

  it('says why when it can’t serve, and leaves nothing behind', async () => {
    start({ WORKERS: '2', HOST: '203.0.113.1' });
    expect(await service.exited()).toEqual([1, null]);
    expect(service.output).toContain('HOST=203.0.113.1');
    await untilBells(0);
  });
});

describe('one process', () => {
  it('says where it looked for PostgreSQL when there is no such database', async () => {
    const url = Object.assign(new URL(test.url), { pathname: '/elsewhere' });
    start({ DATABASE_URL: String(url) });
    expect(await service.exited()).toEqual([1, null]);
    expect(service.output.trim()).toBe(
      `PostgreSQL at ${url.host}/elsewhere can't be used: database "elsewhere" does not exist. Create the database with CREATE DATABASE, or correct its name in DATABASE_URL.`,
    );
  });

  it('stops at SIGTERM after it has delivered what is committed, and its log is JSON off a terminal', async () => {
    start({ LOG_FORMAT: 'auto', LOG_OPERATIONS: 'info', RECORDER_TOKEN: 'a-token-that-no-line-has' });
    const [, origin] = await service.printed(/"origin":"(http:[^"]+)"/);
    const socket = new TestSocket(origin as string);
    const received = socket.follow({ query: ADDED, variables: { after: '0' } });
    await received.count(1);
    const { position } = await record(test.db, { text: 'The last one.' });
    const exited = service.signal('SIGTERM');
    expect(await received.ended()).toMatchObject({ type: 'closed', code: 1001 });
    expect(received.positions.at(-1)).toBe(Number(position));
    expect(await exited).toEqual([0, null]);
    const lines = service.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const messages = lines.map(({ msg }) => msg);
    expect(messages).toEqual(expect.arrayContaining(['Readout is ready.', 'Stopping …', 'Stopped.']));
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'operation', transport: 'websocket' }));
    expect(service.output).not.toContain('a-token-that-no-line-has');
  });
});

/** The numbers of the workers. */
async function pids(): Promise<number[]> {
  const listed = spawn('pgrep', ['-P', String(service.pid)], { stdio: ['ignore', 'pipe', 'inherit'] });
  return (await text(listed.stdout)).trim().split('\n').map(Number);
}
