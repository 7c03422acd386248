import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '../src/db/client.ts';
import { startEmbeddedServer } from '../src/db/embedded/server.ts';
import { migrate } from '../src/db/migrate.ts';
import { makeWorld, record } from '../test/support/world.ts';
import { freePort, ServiceProcess } from './chaos/service.ts';
import { cpuMs, Lines, median, writeResults } from './measure.ts';

/*
 * Fan-out: deliveries per second and CPU per delivery, against a bare `ws` server that sends the same bytes, in
 * interleaved rounds. A separate process holds the sockets and counts frames. CPU is read from /proc, so on Linux only.
 */
const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '1000,5000' },
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
const PAYLOAD = JSON.stringify({
  query: `subscription { statementAdded { cursor previous position statement {
    id slug text quote act said { edtf } speakers { slug name } topics { topic { slug } stance } source { slug title }
  } } }`,
});

async function rssKb(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

interface Target {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Has so many messages sent to every subscriber, as fast as it takes them. */
  publish(times: number): Promise<void>;
}

interface Sample {
  readonly perSecond: number;
  readonly burstUs: number;
  readonly pacedUs: number;
  readonly pacedMs: number;
}

async function measure(target: Target, herd: Lines, subscribers: number): Promise<Sample> {
  const deliver = async (times: number): Promise<number> => {
    herd.say(`arm ${times * subscribers}`);
    if ((await herd.hear()) !== 'armed') throw new Error('the herd is out of step');
    const startNs = process.hrtime.bigint();
    const published = target.publish(times);
    const [, doneNs] = (await herd.hear()).split(' ');
    await published;
    return Number(BigInt(doneNs as string) - startNs) / 1e6;
  };
  const cpuBefore = await cpuMs(target.pid);
  const burstMs = await deliver(BURST);
  const cpuBetween = await cpuMs(target.pid);
  const paced: number[] = [];
  for (let i = 0; i < PACED; i += 1) paced.push(await deliver(1));
  const cpuAfter = await cpuMs(target.pid);
  return {
    perSecond: (BURST * subscribers * 1_000) / burstMs,
    burstUs: ((cpuBetween - cpuBefore) * 1_000) / (BURST * subscribers),
    pacedUs: ((cpuAfter - cpuBetween) * 1_000) / (PACED * subscribers),
    pacedMs: median(paced),
  };
}

async function run(subscribers: number, db: Database, databaseUrl: string): Promise<void> {
  const service = new ServiceProcess(await freePort(), {
    DATABASE_URL: databaseUrl,
    SEED: 'off',
    NODE_ENV: 'production',
    LAG_MAX_MS: '60000', // a thousand that come at once are what is measured, and none is to be sent away
  });
  await service.start();
  const bareProcess = new Lines('fanout/bare.ts');
  const barePort = Number(await bareProcess.hear());
  let serial = 0;
  const recordOne = () => {
    serial += 1;
    const text = `Statement ${serial} of a burst: ${'a truce is near and talks go on. '.repeat(4)}`;
    return record(db, { text, topics: [{ topic: 'truce', stance: 'SUPPORTS' }] });
  };
  const product: Target = {
    name: 'readout',
    pid: service.pid,
    port: Number(new URL(service.origin).port),
    async publish(times) {
      for (let i = 0; i < times; i += 1) await recordOne();
    },
  };
  let message = '';
  const bare: Target = {
    name: 'bare ws',
    pid: bareProcess.child.pid as number,
    port: barePort,
    async publish(times) {
      await fetch(`http://127.0.0.1:${barePort}/?times=${times}`, { method: 'POST', body: message });
    },
  };
  const targets = [product, bare];
  const herds: Lines[] = [];
  const memory: number[] = [];
  for (const { port, pid } of targets) {
    const before = await rssKb(pid);
    const herd = new Lines('fanout/herd.ts', String(port), String(subscribers), PAYLOAD);
    if ((await herd.hear()) !== 'ready') throw new Error('the herd did not connect');
    await sleep(SETTLE_MS);
    memory.push((await rssKb(pid)) - before);
    herds.push(herd);
  }
  const [productHerd] = herds as [Lines, Lines];
  productHerd.say(`arm ${subscribers}`);
  await productHerd.hear();
  await recordOne();
  await productHerd.hear();
  productHerd.say('sample');
  message = (await productHerd.hear()).slice('sample '.length);

  const samples: Sample[][] = targets.map(() => []);
  const warmUps = Math.min(
    WARM_UP_ROUNDS_MAX,
    Math.ceil(WARM_UP_DELIVERIES / (subscribers * (BURST + PACED))),
  );
  for (let round = -warmUps; round < ROUNDS; round += 1) {
    for (const turn of [0, 1]) {
      const i = (turn + Math.abs(round)) % 2;
      const sample = await measure(targets[i] as Target, herds[i] as Lines, subscribers);
      if (round >= 0) samples[i]?.push(sample);
    }
  }
  console.log(
    `\n${subscribers} subscribers, ${Buffer.byteLength(message)} bytes, medians of ${ROUNDS} rounds`,
  );
  const rows = targets.map(({ name }, i) => {
    const of = (key: keyof Sample): number => median((samples[i] as Sample[]).map((sample) => sample[key]));
    return {
      name,
      'deliveries/s': Math.round(of('perSecond')),
      'µs each, burst': Number(of('burstUs').toFixed(2)),
      'µs each, one by one': Number(of('pacedUs').toFixed(2)),
      'ms to the last': Number(of('pacedMs').toFixed(1)),
      'kB each': Number(((memory[i] as number) / subscribers).toFixed(1)),
    };
  });
  console.table(rows);
  await writeResults(`fanout-${subscribers}`, rows);
  const ratios = (samples[0] as Sample[]).map(
    ({ perSecond }, i) => perSecond / (samples[1]?.[i]?.perSecond ?? 1),
  );
  console.log(`readout / bare ws: ${median(ratios).toFixed(2)} of its deliveries per second`);
  for (const { child } of [...herds, bareProcess]) child.kill();
  await service.end('SIGTERM');
}

const directory = await mkdtemp(join(tmpdir(), 'readout-fanout-'));
const server = await startEmbeddedServer({ dataDir: join(directory, 'data'), onNotice: console.log });
const db = openDatabase({ url: server.url, poolMax: 2, statementTimeoutMs: 30_000 });
try {
  await migrate(server.url);
  await makeWorld(db.prisma);
  for (const count of values.subscribers.split(',')) await run(Number(count), db, server.url);
} finally {
  await db.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
