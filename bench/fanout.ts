import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '../src/db/client.ts';
import { startEmbeddedServer } from '../src/db/embedded/server.ts';
import { migrate } from '../src/db/migrate.ts';
import { saveTopic } from '../test/support/saves.ts';

import { makeWorld, record } from '../test/support/world.ts';
import { freePort, ServiceProcess } from './chaos/service.ts';
import { cpuMs, Lines, median, writeResults } from './measure.ts';

/*
 * Fan-out: deliveries per second and CPU per delivery, against a bare `ws` server that sends the same bytes, in
 * interleaved rounds. A separate process holds the sockets and counts frames. CPU is read from /proc, so on Linux only.
 * `--subscribers` lists crowds in which everyone follows everything, `--filters` crowds of ten for each filter. A
 * statement matches two filters, so the number of receivers stays the same while the crowd grows.
 */
const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '10,100,1000,5000' },
    filters: { type: 'string', default: '25,100,400' },
    rounds: { type: 'string', default: '5' },
    burst: { type: 'string', default: '40' },
    paced: { type: 'string', default: '10' },
  },
});
const ROUNDS = Number(values.rounds);
const BURST = Number(values.burst);
const PACED = Number(values.paced);
const WARM_UP_DELIVERIES = 60_000;
const WARM_UP_ROUNDS_MAX = 3;
const SETTLE_MS = 1_500;
const SUBSCRIBERS_PER_FILTER = 10;
/** A delivery to a few subscribers costs too little to measure ten of them. */
const PACED_FILTERED = 100;
const SELECTION = `{ cursor previous position statement {
  id slug text quote act said { edtf } speakers { slug name } topics { topic { slug } stance } source { slug title }
} }`;
const EVERYTHING = `subscription { statementAdded ${SELECTION} }`;
const FILTERED = `subscription ($topic: String!) { statementAdded(filter: { topics: [$topic] }) ${SELECTION} }`;
/** With fewer subscribers than this, the fixed memory of connecting them outweighs that of each. */
const MEMORY_SUBSCRIBERS_MIN = 5_000;

/** The subscribers of a round. */
interface Crowd {
  readonly subscribers: number;
  /** How many different filters they have, each of one topic; 0: everyone follows everything. */
  readonly filters: number;
  /** How many a statement reaches. */
  readonly receivers: number;
}

/** The topics of a statement: two that are followed, or one that no filter names. */
function topicsOf(serial: number, { filters }: Crowd): string[] {
  if (filters === 0) return ['truce'];
  return [serial * 7, serial * 7 + 31].map((number) => `topic-${number % filters}`);
}

async function rssKb(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

interface Target {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /**
   * Sends this many messages to the subscribers that they match, as fast as the target takes them.
   * @returns when the last of them could be sent from, in nanoseconds.
   */
  publish(times: number): Promise<bigint>;
}

interface Sample {
  readonly perSecond: number;
  readonly burstUs: number;
  readonly pacedUs: number;
  readonly pacedMs: number;
}

const pacedOf = ({ filters }: Crowd): number => (filters > 0 ? PACED_FILTERED : PACED);

async function measure(target: Target, herd: Lines, crowd: Crowd): Promise<Sample> {
  const { receivers } = crowd;
  /** Milliseconds to the last receipt: since it was asked for, and since it could be sent. */
  const deliver = async (times: number): Promise<{ ms: number; sentMs: number }> => {
    herd.say(`arm ${times * receivers}`);
    if ((await herd.hear()) !== 'armed') throw new Error('the herd is out of step');
    const startNs = process.hrtime.bigint();
    const published = target.publish(times);
    const doneNs = BigInt((await herd.hear()).split(' ')[1] as string);
    return { ms: Number(doneNs - startNs) / 1e6, sentMs: Number(doneNs - (await published)) / 1e6 };
  };
  const cpuBefore = await cpuMs(target.pid);
  const burst = await deliver(BURST);
  const cpuBetween = await cpuMs(target.pid);
  const paced: number[] = [];
  for (let i = 0; i < pacedOf(crowd); i += 1) paced.push((await deliver(1)).sentMs);
  const cpuAfter = await cpuMs(target.pid);
  return {
    perSecond: (BURST * receivers * 1_000) / burst.ms,
    burstUs: ((cpuBetween - cpuBefore) * 1_000) / (BURST * receivers),
    pacedUs: ((cpuAfter - cpuBetween) * 1_000) / (paced.length * receivers),
    pacedMs: median(paced),
  };
}

type Row = Record<string, string | number>;

/** Measures one crowd. @returns the rows of its table. */
async function run(crowd: Crowd, db: Database, databaseUrl: string): Promise<Row[]> {
  const { subscribers, filters, receivers } = crowd;
  const service = new ServiceProcess(await freePort(), {
    DATABASE_URL: databaseUrl,
    SEED: 'off',
    NODE_ENV: 'production',
    SOCKETS_PER_ADDRESS_MAX: '100000',
    COST_PER_MINUTE: '10000000000',
    LAG_MAX_MS: '60000', // a thousand that come at once are what is measured, and none is to be sent away
  });
  await service.start();
  const bareProcess = new Lines('fanout/bare.ts');
  const barePort = Number(await bareProcess.hear());
  let serial = 0;
  const recordOne = () => {
    serial += 1;
    const text = `Statement ${serial} of a burst: ${'a truce is near and talks go on. '.repeat(4)}`;
    const topics = topicsOf(serial, crowd).map((topic) => ({ topic, stance: 'SUPPORTS' }));
    return record(db, { text, topics });
  };
  const product: Target = {
    name: 'readout',
    pid: service.pid,
    port: Number(new URL(service.origin).port),
    async publish(times) {
      for (let i = 0; i < times; i += 1) await recordOne();
      return process.hrtime.bigint();
    },
  };
  let message = '';
  let bareSerial = 0;
  const bare: Target = {
    name: 'bare ws',
    pid: bareProcess.child.pid as number,
    port: barePort,
    async publish(times) {
      const query = new URLSearchParams();
      for (let i = 0; i < times; i += 1) {
        bareSerial += 1;
        query.append('to', filters > 0 ? topicsOf(bareSerial, crowd).join() : '');
      }
      const startNs = process.hrtime.bigint();
      await fetch(`http://127.0.0.1:${barePort}/?${query}`, { method: 'POST', body: message });
      return startNs;
    },
  };
  const targets = [product, bare];
  const herds: Lines[] = [];
  const memory: number[] = [];
  for (const { port, pid } of targets) {
    const before = await rssKb(pid);
    const herd = new Lines(
      'fanout/herd.ts',
      String(port),
      String(subscribers),
      filters > 0 ? FILTERED : EVERYTHING,
      String(filters),
    );
    if ((await herd.hear()) !== 'ready') throw new Error('the herd did not connect');
    await sleep(SETTLE_MS);
    memory.push((await rssKb(pid)) - before);
    herds.push(herd);
  }
  const [productHerd] = herds as [Lines, Lines];
  productHerd.say(`arm ${receivers}`);
  await productHerd.hear();
  await recordOne();
  await productHerd.hear();
  productHerd.say('sample');
  message = (await productHerd.hear()).slice('sample '.length);

  const samples: Sample[][] = targets.map(() => []);
  const warmUps = Math.min(
    WARM_UP_ROUNDS_MAX,
    Math.ceil(WARM_UP_DELIVERIES / (receivers * (BURST + pacedOf(crowd)))),
  );
  for (let round = -warmUps; round < ROUNDS; round += 1) {
    for (const turn of [0, 1]) {
      const i = (turn + Math.abs(round)) % 2;
      const sample = await measure(targets[i] as Target, herds[i] as Lines, crowd);
      if (round >= 0) samples[i]?.push(sample);
    }
  }
  const rows = targets.map(({ name }, i): Row => {
    const of = (key: keyof Sample): number => median((samples[i] as Sample[]).map((sample) => sample[key]));
    const who: Row = filters > 0 ? { filters, subscribers, name } : { subscribers, name };
    if (filters > 0) {
      return {
        ...who,
        'CPU µs a statement': Math.round(of('pacedUs') * receivers),
        'ms to the last': Number(of('pacedMs').toFixed(2)),
      };
    }
    const kB = ((memory[i] as number) / subscribers).toFixed(1);
    return {
      ...who,
      'deliveries/s': Math.round(of('perSecond')),
      'µs each, burst': Number(of('burstUs').toFixed(2)),
      'µs each, one by one': Number(of('pacedUs').toFixed(2)),
      'ms to the last': Number(of('pacedMs').toFixed(1)),
      'kB each': subscribers < MEMORY_SUBSCRIBERS_MIN ? '' : kB,
    };
  });
  console.log(`\n${Buffer.byteLength(message)} bytes, medians of ${ROUNDS} rounds`);
  console.table(rows);
  const ratios = (samples[0] as Sample[]).map(
    ({ perSecond }, i) => perSecond / (samples[1]?.[i]?.perSecond ?? 1),
  );
  console.log(`readout / bare ws: ${median(ratios).toFixed(2)} of its deliveries per second`);
  for (const { child } of [...herds, bareProcess]) child.kill();
  await service.end('SIGTERM');
  return rows;
}

/** Topics to be followed one by one. */
async function makeTopics(db: Database, count: number): Promise<void> {
  await db.prisma.$transaction(async (tx) => {
    for (let i = 0; i < count; i += 1) {
      const proposition = `There should be topic ${i}.`;
      const topic = { slug: `topic-${i}`, name: `topic ${i}`, proposition };
      await saveTopic(tx, topic, 'bench');
    }
  });
}

const numbersIn = (list: string): number[] => list.split(',').filter(Boolean).map(Number);
const crowds: Readonly<Record<string, readonly Crowd[]>> = {
  fanout: numbersIn(values.subscribers).map((subscribers) => ({
    subscribers,
    filters: 0,
    receivers: subscribers,
  })),
  'fanout-filters': numbersIn(values.filters).map((filters) => ({
    subscribers: filters * SUBSCRIBERS_PER_FILTER,
    filters,
    receivers: 2 * SUBSCRIBERS_PER_FILTER,
  })),
};

const directory = await mkdtemp(join(tmpdir(), 'readout-fanout-'));
const server = await startEmbeddedServer({ dataDir: join(directory, 'data'), onNotice: console.log });
const db = openDatabase({ url: server.url, poolMax: 2, statementTimeoutMs: 30_000 });
try {
  await migrate(server.url);
  await makeWorld(db.prisma);
  await makeTopics(db, Math.max(0, ...numbersIn(values.filters)));
  for (const [name, list] of Object.entries(crowds)) {
    const rows: Row[] = [];
    for (const crowd of list) rows.push(...(await run(crowd, db, server.url)));
    if (rows.length > 0) await writeResults(name, rows);
  }
} finally {
  await db.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
