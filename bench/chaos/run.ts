import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/db/embedded/server.ts';
import { migrate } from '../../src/db/migrate.ts';
import { formatCursor } from '../../src/log/cursor.ts';
import { readHead } from '../../src/log/head.ts';
import { SqlParameters } from '../../src/read/sql.ts';
import { parseFilter, type StatementFilterInput } from '../../src/read/statements/filter.ts';
import { toSql } from '../../src/read/statements/where.ts';
import { makeWorld, statementInput, WORLD } from '../../test/support/world.ts';
import { freePort, ServiceProcess } from './service.ts';
import { Subscriber } from './subscriber.ts';
import { Writer } from './writer.ts';

export interface ChaosOptions {
  readonly subscribers: number;
  /** How long it is written and broken. */
  readonly durationMs: number;
  readonly killIntervalMs: number;
  readonly terminateIntervalMs: number;
  readonly pauseMs: number;
  readonly say: (message: string) => void;
}

/** A minute, as one would not like to have it. */
export const FULL: Omit<ChaosOptions, 'say'> = {
  subscribers: 1_000,
  durationMs: 60_000,
  killIntervalMs: 5_000,
  terminateIntervalMs: 2_000,
  pauseMs: 50,
};
/** The same for a test that is always run. */
export const SHORT: Omit<ChaosOptions, 'say'> = {
  subscribers: 100,
  durationMs: 10_000,
  killIntervalMs: 2_500,
  terminateIntervalMs: 1_000,
  pauseMs: 20,
};

export interface ChaosResult {
  readonly written: number;
  readonly deliveries: number;
  readonly kills: number;
  readonly terminations: number;
  readonly reconnections: number;
  readonly retriedWrites: number;
  /** Changes that a subscriber should have and has not. */
  readonly lost: number;
  /** Changes that a subscriber has more than once. */
  readonly repeated: number;
  /** Changes that a subscriber has and should not have. */
  readonly foreign: number;
  /** Changes that came before one of a lower position. */
  readonly disordered: number;
  /** Changes whose `previous` was not what the subscriber had last. */
  readonly broken: number;
  /** Writes that were acknowledged and are not in the record. */
  readonly lostWrites: number;
  readonly codes: Readonly<Record<string, number>>;
}

const SETTLE_TIMEOUT_MS = 60_000;
const SETTLE_CHECK_INTERVAL_MS = 100;

const FILTERS: readonly StatementFilterInput[] = [
  {},
  { speakers: ['anna'] },
  { speakers: ['boris', 'clara'] },
  { topics: ['peace'] },
  { topics: ['truce'], includeSubtopics: false },
  { acts: ['WARN', 'THREATEN'] },
  { not: { speakers: ['anna'] } },
  { search: 'prisoners' },
  { any: [{ events: ['talks'] }, { stances: ['OPPOSES'] }] },
  { sources: ['second-source'], saidFrom: '2025-07-02' },
];

const pick = <T>(values: readonly T[], i: number): T => values[i % values.length] as T;

function inputOf(i: number): object {
  const topic = pick(WORLD.topics, Math.floor(i / 3));
  return statementInput({
    text: `Statement ${i} is about ${i % 4 === 0 ? 'prisoners' : 'a truce'}.`,
    act: pick(['STATE', 'WARN', 'THREATEN', 'PLEDGE', 'DENY'], i),
    speakers: [pick(WORLD.actors, i)],
    topics: [{ topic, ...(topic !== 'trade' && { stance: pick(['SUPPORTS', 'OPPOSES', 'MIXED'], i) }) }],
    events: i % 5 === 0 ? [pick(WORLD.events, i / 5)] : [],
    source: pick(WORLD.sources, i),
    said: pick(['2025-07-01', '2025-07-03', '2025-06'], i),
  });
}

/** Breaks what can be broken while many follow and one writes, and counts what was lost or came twice. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const directory = await mkdtemp(join(tmpdir(), 'readout-chaos-'));
  const server = await startEmbeddedServer({
    dataDir: join(directory, 'data'),
    onNotice: options.say,
    settings: { fsync: 'off' },
  });
  const db = openDatabase({
    url: server.url,
    poolMax: 2,
    statementTimeoutMs: 30_000,
    onConnectionError: () => undefined, // this is what is done here
  });
  const token = randomBytes(16).toString('hex');
  const env = { DATABASE_URL: server.url, SEED: 'off', RECORDER_TOKEN: token, POOL_MAX: '20' };
  const services = [new ServiceProcess(await freePort(), env), new ServiceProcess(await freePort(), env)];
  try {
    await migrate(server.url);
    await makeWorld(db.prisma);
    await Promise.all(services.map((service) => service.start()));
    return await follow(options, { server, db, services, token });
  } finally {
    await Promise.all(services.map((service) => service.end('SIGKILL')));
    await db.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Parts {
  readonly server: EmbeddedServer;
  readonly db: Database;
  readonly services: readonly ServiceProcess[];
  readonly token: string;
}

async function follow(options: ChaosOptions, parts: Parts): Promise<ChaosResult> {
  const { db, services, token } = parts;
  const origins = services.map(({ origin }) => origin);
  const writer = new Writer({ origins, token, pauseMs: options.pauseMs, inputOf });
  const head = await readHead(db.pool);
  const beginning = { position: 0n, digest: head.genesis };
  const subscribers = Array.from({ length: options.subscribers }, (_, i) => {
    const start = i % 3 === 0 ? beginning : head;
    return new Subscriber(
      i % FILTERS.length,
      { cursor: formatCursor(start), position: Number(start.position) },
      {
        filter: FILTERS[i % FILTERS.length] as StatementFilterInput,
        origins,
        transport: i % 10 === 3 ? 'stream' : i % 10 === 7 ? 'alternating' : 'socket',
        turn: Math.floor(i / FILTERS.length),
      },
    );
  });
  for (const subscriber of subscribers) subscriber.open();
  writer.start();
  const broken = await breakThings(options, parts);
  await writer.stop();
  options.say(`Written: ${writer.acknowledged.size}. Waiting until everybody has everything …`);
  const expected = await Promise.all(FILTERS.map((filter) => expectedPositions(db, filter)));
  await settled(subscribers, expected);
  for (const subscriber of subscribers) subscriber.stop();
  return { ...broken, ...(await judge(db, subscribers, expected, writer)) };
}

/** Kills a process every few seconds, PostgreSQL once, and listening connections in between. */
async function breakThings(
  { durationMs, killIntervalMs, terminateIntervalMs, say }: ChaosOptions,
  { server, db, services }: Parts,
): Promise<{ kills: number; terminations: number }> {
  const endMs = performance.now() + durationMs;
  let kills = 0;
  let terminations = 0;
  const running = (): boolean => performance.now() < endMs;
  const killing = (async () => {
    for (let turn = 0; running(); turn += 1) {
      await sleep(killIntervalMs);
      const service = pick(services, turn);
      await service.end('SIGKILL');
      kills += 1;
      await service.start();
    }
  })();
  const terminating = (async () => {
    while (running()) {
      await sleep(terminateIntervalMs * (0.5 + Math.random()));
      const terminated = await db.pool
        .query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'readout bell' ORDER BY random() LIMIT 1`,
        )
        .catch(() => null); // PostgreSQL is being restarted
      terminations += terminated?.rowCount ?? 0;
    }
  })();
  const restarting = (async () => {
    await sleep(durationMs / 2);
    say('PostgreSQL is restarted.');
    process.kill(server.pid, 'SIGINT'); // its owner starts it again
  })();
  await Promise.all([killing, terminating, restarting]);
  return { kills, terminations };
}

async function expectedPositions(db: Database, filter: StatementFilterInput): Promise<number[]> {
  const parameters = new SqlParameters();
  const where = toSql(parseFilter(filter), parameters);
  const { rows } = await db.pool.query<{ position: string }>(
    `SELECT s.added_position AS position FROM statement s WHERE ${where} ORDER BY 1`,
    parameters.values,
  );
  return rows.map(({ position }) => Number(position));
}

async function settled(subscribers: readonly Subscriber[], expected: readonly number[][]): Promise<void> {
  const endMs = performance.now() + SETTLE_TIMEOUT_MS;
  const behind = (): boolean =>
    subscribers.some(({ positions, filterIndex }) => {
      const last = expected[filterIndex]?.at(-1);
      return last !== undefined && positions.at(-1) !== last;
    });
  while (behind() && performance.now() < endMs) await sleep(SETTLE_CHECK_INTERVAL_MS);
}

async function judge(
  db: Database,
  subscribers: readonly Subscriber[],
  expected: readonly number[][],
  writer: Writer,
): Promise<Omit<ChaosResult, 'kills' | 'terminations'>> {
  let [lost, repeated, foreign, disordered, deliveries] = [0, 0, 0, 0, 0];
  const codes: Record<string, number> = {};
  for (const { positions, filterIndex, start, codes: own } of subscribers) {
    const wanted = (expected[filterIndex] as number[]).filter((position) => position > start.position);
    const had = new Set(positions);
    deliveries += positions.length;
    repeated += positions.length - had.size;
    lost += wanted.filter((position) => !had.has(position)).length;
    foreign += had.size - wanted.filter((position) => had.has(position)).length;
    disordered += positions.filter((position, i) => i > 0 && position < (positions[i - 1] as number)).length;
    for (const [code, count] of own) codes[code] = (codes[code] ?? 0) + count;
  }
  const { rows } = await db.pool.query<{ slug: string; position: string }>(
    'SELECT slug, added_position AS position FROM statement',
  );
  const recorded = new Map(rows.map(({ slug, position }) => [slug, Number(position)]));
  const lostWrites = [...writer.acknowledged].filter(([slug, position]) => recorded.get(slug) !== position);
  return {
    written: writer.acknowledged.size,
    deliveries,
    reconnections: subscribers.reduce((sum, { connections }) => sum + connections - 1, 0),
    retriedWrites: writer.retries,
    lost,
    repeated,
    foreign,
    disordered,
    broken: subscribers.reduce((sum, { broken }) => sum + broken, 0),
    lostWrites: lostWrites.length,
    codes,
  };
}
