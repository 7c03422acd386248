import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STOP_TIME_MAX_MS } from '../../src/app/stop.ts';
import { startApp } from '../../src/app.ts';
import { Stops } from '../../src/base/stops.ts';
import { parseConfig } from '../../src/config/config.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TestSocket } from '../support/follow.ts';
import { waitingForLock } from '../support/locks.ts';
import { bearer } from '../support/service.ts';
import { ServiceProcess } from '../support/serviceProcess.ts';
import { eventOf, happens, until } from '../support/until.ts';

const READ = '{ statements(first: 1) { nodes { text } } }';
const SMALL = '{ topic(slug: "ceasefire") { name } }';
const CONNECTIONS = 20;

describe('a stop', () => {
  it('takes every step in reverse, whatever becomes of the others, and tells of each that fails', async () => {
    const taken: string[] = [];
    const told: string[] = [];
    const stops = new Stops({ first: 1_000, second: 1_000, endless: 10, last: 1_000 }, (error, step) =>
      told.push(`${step}: ${(error as Error).message}`),
    );
    stops.add('first', () => taken.push('first'));
    stops.add('second', () => {
      taken.push('second');
      throw new Error('made up');
    });
    stops.add('endless', () => {
      taken.push('endless');
      return new Promise(() => undefined);
    });
    stops.add('last', async () => taken.push('last'));
    const stopped = stops.run();
    expect(stops.run()).toBe(stopped);
    await expect(stopped).rejects.toThrow('endless, second');
    expect(taken).toEqual(['last', 'endless', 'second', 'first']);
    expect(told).toEqual(['endless: it took longer than 10 ms', 'second: made up']);
  });

  it('ends within the time that docs/operating.md names', () => {
    const text = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
    const [, seconds] = /A stop takes at most (\d+) s/.exec(text) ?? [];
    expect(STOP_TIME_MAX_MS).toBeLessThanOrEqual(Number(seconds) * 1_000);
  });

  it('that fails in a step still stops PostgreSQL', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'readout-stop-'));
    const told: string[] = [];
    try {
      const app = await startApp({
        config: parseConfig({ PORT: '0', DATA_DIR: dataDir, SEED: 'off' }),
        notice: () => undefined,
        report: (error, step) => void told.push(`${step}: ${(error as Error).message}`),
      });
      expect(await postmasters(dataDir)).toHaveLength(1);
      const { close } = app.db;
      Object.assign(app.db, {
        async close() {
          await close();
          throw new Error('made up');
        },
      });
      await expect(app.stop()).rejects.toThrow('connections');
      expect(told).toEqual(['stop: connections: made up']);
      expect(await postmasters(dataDir)).toEqual([]);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

describe.each(['1', '3'])('SIGTERM under load, with WORKERS=%s', (workers) => {
  let test: TestDatabase;
  let recorder: { authorization: string };
  let locked: PoolClient;
  let service: ServiceProcess;
  let origin: URL;

  beforeAll(async () => {
    test = await createTestDatabase({ seeded: true });
    recorder = await bearer(test.db, 'recorder', 'stop');
    locked = await test.db.pool.connect();
    // The load must not spend the budget of its address, however long the locks take.
    const settings = { SEED: 'off', WORKERS: workers, COST_PER_MINUTE: '10000000000' };
    service = new ServiceProcess({ DATABASE_URL: test.url, ...settings });
    origin = new URL(await service.origin());
  });
  afterAll(async () => {
    locked.release();
    await service.stop();
    await test.drop();
  });

  interface Answered {
    readonly status: number;
    readonly closes: boolean;
    readonly body: string;
  }

  /** @throws Error with whether its connection had been used before. */
  function post(agent: Agent, query: string, headers: Record<string, string> = {}): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const { hostname: host, port } = origin;
      const sent = request({
        ...{ host, port, path: '/graphql', method: 'POST', agent },
        headers: { 'content-type': 'application/json', ...headers },
      });
      const fail = (error: Error): void => reject(Object.assign(error, { reused: sent.reusedSocket }));
      sent.once('error', fail);
      sent.once('response', (response: IncomingMessage) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.once('error', fail);
        response.once('end', () =>
          resolve({
            status: response.statusCode as number,
            closes: response.headers.connection === 'close',
            body,
          }),
        );
      });
      sent.end(JSON.stringify({ query }));
    });
  }

  /** Waits until this number of reads and writes wait for what the test has locked. */
  const untilWaiting = (count: number): Promise<boolean> =>
    until(
      () => `${count} reads and writes that wait for a lock; the service has printed:\n${service.output}`,
      async () => (await waitingForLock(test.db.pool)) >= count,
    );

  it('answers whatever is in flight, resets no connection, and ends in order', async () => {
    const keepAlive = { keepAlive: true, maxSockets: 1 };
    const answers: Answered[] = [];
    const lost: string[] = [];
    const busy = async (): Promise<void> => {
      const agent = new Agent(keepAlive);
      try {
        for (;;) answers.push(await post(agent, SMALL));
      } catch (error) {
        // A new connection is refused, as it should be; on one that was kept every request has an answer.
        const { code, reused, message } = error as Error & { code?: string; reused: boolean };
        if (code !== 'ECONNREFUSED' && reused) lost.push(`${code}: ${message}`);
      } finally {
        agent.destroy();
      }
    };
    const load = Array.from({ length: CONNECTIONS }, busy);

    const idle = connect(Number(origin.port), origin.hostname);
    await eventOf(idle, 'connect');
    idle.write(pipelined(1));
    await untilText(idle, 1);
    const idleClosed = once(idle, 'close');
    const socket = new TestSocket(origin.origin);
    await locked.query('BEGIN; LOCK TABLE statement IN ACCESS EXCLUSIVE MODE');
    const socketClosed = once(socket.socket, 'close');
    const agent = new Agent({ keepAlive: true });
    const reading = post(agent, READ);
    const overSocket = socket.follow({ query: READ }, 'under way');
    const pipeline = connect(Number(origin.port), origin.hostname);
    await eventOf(pipeline, 'connect');
    const inOrder = untilText(pipeline, 3);
    pipeline.write(pipelined(3));
    await untilWaiting(2);
    await locked.query('LOCK TABLE topic IN EXCLUSIVE MODE');
    const writing = post(
      agent,
      'mutation { saveTopic(input: { slug: "last", name: "Last" }) { position } }',
      recorder,
    );
    await untilWaiting(3);

    const exited = service.signal('SIGTERM');
    await service.printed(/Stopping/);
    await Promise.race(load); // the service accepts no more connections
    await locked.query('ROLLBACK'); // a write waits 5 s for a lock
    await Promise.all(load);

    expect(lost).toEqual([]);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.filter(({ closes }) => closes).length).toBeGreaterThan(0);
    for (const answer of await Promise.all([reading, writing])) {
      expect(answer, answer.body).toMatchObject({ status: 200, closes: true });
      expect(answer.body).not.toContain('"errors"');
    }
    expect(await inOrder).not.toContain('"errors"');
    expect(await overSocket.ended()).toEqual({ type: 'complete' });
    expect(overSocket.failures).toEqual([]);
    expect((await happens('the close of a socket', socketClosed))[0]).toBe(1001);
    await happens('the close of an idle connection', idleClosed);
    expect(await exited, service.output).toEqual([0, null]);
    expect(service.output).toContain('Stopped.');
    expect(service.output).not.toContain('not in order');
    const { rows } = await test.db.pool.query(`SELECT FROM topic WHERE slug = 'last'`);
    expect(rows).toHaveLength(1);
    agent.destroy();
  });
});

/** The files by which PostgreSQL tells that it runs. */
async function postmasters(dataDir: string): Promise<string[]> {
  const files = await readdir(dataDir, { recursive: true });
  return files.filter((file) => file.endsWith('postmaster.pid'));
}

/** Requests in one write, without waiting for answers. */
function pipelined(count: number): string {
  const body = JSON.stringify({ query: '{ topic(slug: "ceasefire") { slug } }' });
  return `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`.repeat(
    count,
  );
}

/** All that a connection has received, once it has this number of answers. */
async function untilText(socket: Socket, count: number): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.split('HTTP/1.1 200').length > count && text.endsWith('}')) return text;
  }
  throw new Error(`the connection ended before ${count} answers: ${text}`);
}
