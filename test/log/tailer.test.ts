import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/db/embedded/server.ts';
import { migrate } from '../../src/db/migrate.ts';
import type { LogEntry } from '../../src/log/change.ts';
import type { Head } from '../../src/log/cursor.ts';
import { Tailer } from '../../src/log/tailer.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until, WAIT_MAX_MS } from '../support/until.ts';
import { layWire } from '../support/wire.ts';
import { makeWorld, record } from '../support/world.ts';

/** A tailer with what it has handed on. */
class Tail {
  readonly entries: LogEntry[] = [];
  readonly histories: Head[] = [];
  readonly notices: string[] = [];
  readonly tailer: Tailer;

  constructor(db: Pick<Database, 'url'>) {
    this.tailer = new Tailer({
      db,
      onEntries: (entries) => {
        this.entries.push(...entries);
      },
      onHistory: (head) => {
        this.histories.push(head);
      },
      notice: (message) => {
        this.notices.push(message);
      },
    });
  }

  get positions(): number[] {
    return this.entries.map(({ position }) => Number(position));
  }
}

const BELL = `SELECT pid FROM pg_stat_activity WHERE application_name = 'readout bell' AND datname = current_database()`;

let test: TestDatabase;
let tail: Tail;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
});
afterAll(() => test.drop());
afterEach(() => tail.tailer.stop());

async function begin(): Promise<number> {
  tail = new Tail(test.db);
  await tail.tailer.start();
  expect(tail.histories.splice(0)).toEqual([tail.tailer.head]); // called with the head of the log
  return Number(tail.tailer.head.position);
}

describe('the tailer', () => {
  it('publishes every change once and in order, from every writer', async () => {
    const start = await begin();
    const recorded = await Promise.all(
      Array.from({ length: 60 }, (_, i) => record(test.db, { text: `Change ${i}.` })),
    );
    const last = recorded.reduce((max, { position }) => (position > max ? position : max), 0n);
    expect(await tail.tailer.reached(last, WAIT_MAX_MS)).toBe(true);
    expect(tail.positions).toEqual(Array.from({ length: 60 }, (_, i) => start + i + 1));
    expect(tail.tailer.lag).toBe(0);
  });

  it('takes up again when its listening connection is terminated, and has missed nothing', async () => {
    const start = await begin();
    const bells = await test.db.pool.query<{ pid: number }>(BELL);
    expect(bells.rows).toHaveLength(1);
    await test.db.pool.query('SELECT pg_terminate_backend($1)', [bells.rows[0]?.pid]);
    const { position } = await record(test.db, { text: 'While nobody listened.' });
    expect(await tail.tailer.reached(position, WAIT_MAX_MS)).toBe(true);
    await until('a notice that the service listens again', () =>
      tail.notices.some((notice) => notice.includes('listens')),
    );

    const again = await until('a connection that listens', async () => {
      const { rows } = await test.db.pool.query<{ pid: number }>(BELL);
      return rows[0]?.pid;
    });
    expect(again).not.toBe(bells.rows[0]?.pid);
    await record(test.db, { text: 'Heard again.' });
    await until('two changes', () => tail.positions.length === 2);
    expect(tail.positions).toEqual([start + 1, start + 2]);
  });

  it('finds by itself what was committed without a bell', async () => {
    const start = await begin();
    await test.db.pool.query(`WITH next AS (UPDATE head SET position = position + 3 RETURNING position - 3 AS base)
      INSERT INTO change (position, kind, by, actor_id) SELECT base + n, 'ACTOR_REVISED', 'silent', 1
      FROM next, generate_series(1, 3) AS n`);
    await until('three changes', () => tail.positions.length === 3);
    expect(tail.positions).toEqual([start + 1, start + 2, start + 3]);
  });

  it('reports how far it is behind', async () => {
    await begin();
    const lags: number[] = [];
    tail.tailer.stop();
    tail = new Tail(test.db);
    const slow: Tailer = new Tailer({
      db: test.db,
      onEntries: () => lags.push(slow.lag),
      onHistory: () => undefined,
      notice: () => undefined,
    });
    await slow.start();
    await test.db.pool.query(`WITH next AS (UPDATE head SET position = position + 1200 RETURNING position - 1200 AS base)
      INSERT INTO change (position, kind, by, actor_id) SELECT base + n, 'ACTOR_REVISED', 'many', 1
      FROM next, generate_series(1, 1200) AS n`);
    await slow.catchUp(WAIT_MAX_MS);
    expect(lags).toEqual([700, 200, 0]);
    await slow.stop();
  });

  it('tells when it has not come so far within the time given', async () => {
    const start = await begin();
    expect(await tail.tailer.reached(BigInt(start + 1), 20)).toBe(false);
  });

  it('catches up for no longer than it is given, also when PostgreSQL is silent', async () => {
    const wire = await layWire(test.url);
    tail = new Tail({ url: wire.url });
    await tail.tailer.start();
    wire.silence();
    await tail.tailer.catchUp(20); // it would wait for 10 s, and fail
    expect(tail.tailer.failing).toBe(false);
    wire.mend();
    const { position } = await record(test.db, { text: 'After the silence.' });
    await tail.tailer.catchUp(10_000);
    expect(tail.tailer.head.position).toBe(position);
    await tail.tailer.stop();
    await wire.stop();
  });

  it('says so when the database holds another history, though nothing was recorded since', async () => {
    const start = await begin();
    const known = tail.tailer.head;
    await test.db.pool.query(`ALTER TABLE change DISABLE TRIGGER change_append_only;
      UPDATE change SET digest = sha256('other') WHERE position = ${start}`);
    await until('a new history', () => tail.histories.length > 0);
    expect(tail.histories).toMatchObject([{ genesis: known.genesis, position: BigInt(start) }]);
    expect(tail.tailer.head.digest).toBe(createHash('sha256').update('other').digest('hex'));
    expect(tail.notices.join()).toContain('another history');
  });
});

describe('the tailer on a PostgreSQL that is restarted', () => {
  let directory: string;
  let server: EmbeddedServer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'readout-tailer-'));
    server = await startEmbeddedServer({
      dataDir: join(directory, 'data'),
      onNotice: () => undefined,
      settings: { fsync: 'off' },
    });
    await migrate(server.url);
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('goes on where it was', async () => {
    const db = openDatabase({
      url: server.url,
      poolMax: 3,
      statementTimeoutMs: 5_000,
      onConnectionError: () => undefined,
    });
    await makeWorld(db.prisma);
    tail = new Tail(db);
    await tail.tailer.start();
    const before = await record(db, { text: 'Before the restart.' });
    await tail.tailer.reached(before.position, WAIT_MAX_MS);
    process.kill(server.pid, 'SIGQUIT'); // its owner starts it again, on the same port
    await until('a notice', () => tail.notices.length > 0);
    const after = await until('a statement that is recorded after the restart', async () => {
      const written = await record(db, { text: 'After the restart.', key: 'after' }).catch(() => undefined);
      return written?.position;
    });
    await tail.tailer.reached(after, WAIT_MAX_MS);
    expect(tail.positions).toEqual([Number(before.position), Number(after)]);
    expect(tail.tailer.failing).toBe(false);
    await tail.tailer.stop();
    await db.close();
  });
});
