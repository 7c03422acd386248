import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/db/client.ts';
import { recordStatements } from '../src/domain/statement/record/record.ts';
import { freePort, ServiceProcess } from './chaos/service.ts';
import { generate } from './generate.ts';
import { cpuMs, Lines, median, writeResults } from './measure.ts';
import { WORKLOADS } from './queries/workloads.ts';
import { withTemporaryServer } from './temporaryServer.ts';

/*
 * Queries: answers per second and CPU per answer of the service as it ships, of one whose readers need a token, and of one
 * without cached answers, against one hand-written SQL statement behind `node:http`, in interleaved rounds. CPU is read from /proc, so on Linux only.
 */
const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '2000' },
    database: { type: 'string' },
  },
});
const STATEMENTS = Number(values.statements);
const ROUNDS = Number(values.rounds);
const MS = Number(values.ms);
/** Number of different requests that are sent in turn: few, so that most of them find a cached answer. */
const DISTINCT = 100;
const TOKEN = randomBytes(24).toString('base64url');

interface Target {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** Sent with every request, where there is one. */
  readonly token?: string;
}

interface Sample {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measure(target: Target, load: Lines, workload: number | null, first: number): Promise<Sample> {
  const { port, token } = target;
  const order = { port, token, workload, ms: MS, first, distinct: DISTINCT, statements: STATEMENTS };
  const cpuBefore = await cpuMs(target.pid);
  const startMs = performance.now();
  load.say(JSON.stringify(order));
  const { answers, p50Ms, p99Ms } = JSON.parse(await load.hear());
  const seconds = (performance.now() - startMs) / 1_000;
  return {
    perSecond: answers / seconds,
    cpuMs: ((await cpuMs(target.pid)) - cpuBefore) / answers,
    p50Ms,
    p99Ms,
  };
}

/** The targets in turns, so that whatever else the machine does falls on all of them. */
async function rounds(targets: readonly Target[], load: Lines, workload: number | null, name: string) {
  for (const target of targets) await measure(target, load, workload, 0); // warm
  const samples = new Map(targets.map((target) => [target.name, [] as Sample[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let k = 0; k < targets.length; k += 1) {
      const target = targets[(k + round) % targets.length] as Target;
      samples.get(target.name)?.push(await measure(target, load, workload, round * 131));
    }
  }
  const baselines = samples.get('baseline') ?? [];
  const rows = [...samples].map(([service, taken]) => {
    const of = (key: keyof Sample): number => median(taken.map((sample) => sample[key]));
    const ratio = median(taken.map(({ perSecond }, i) => perSecond / (baselines[i] as Sample).perSecond));
    return {
      workload: name,
      service,
      '× the baseline': ratio.toFixed(2),
      'CPU ms': of('cpuMs').toFixed(3),
      'p50 ms': of('p50Ms').toFixed(1),
      'p99 ms': of('p99Ms').toFixed(1),
    };
  });
  console.table(rows);
  return rows;
}

/** Records a statement every second, which empties the cache. */
function writeEverySecond(databaseUrl: string): { stop(): Promise<void> } {
  const db = openDatabase({ url: databaseUrl, poolMax: 1, statementTimeoutMs: 10_000 });
  let writing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    const statement = {
      text: `Written at ${new Date().toISOString()}.`,
      ...{ mode: 'INDIRECT', act: 'STATE', said: '2024-01-01', speakers: ['actor-1'], source: 'source-1' },
    };
    writing = recordStatements(db.prisma, [statement], 'bench');
  }, 1_000);
  return {
    async stop() {
      clearInterval(timer);
      await writing;
      await db.close();
    },
  };
}

async function compare(databaseUrl: string): Promise<void> {
  const settings = { DATABASE_URL: databaseUrl, SEED: 'off', NODE_ENV: 'production', LAG_MAX_MS: '60000' };
  const shipped = new ServiceProcess(await freePort(), settings);
  const closed = new ServiceProcess(await freePort(), {
    ...settings,
    ...{ READ_ACCESS: 'token', RECORDER_TOKEN: TOKEN },
  });
  const uncached = new ServiceProcess(await freePort(), { ...settings, CACHE_BYTES_MAX: '0' });
  const baseline = new Lines('queries/baseline.ts', databaseUrl);
  const load = new Lines('queries/load.ts');
  try {
    for (const service of [shipped, closed, uncached]) await service.start();
    const port = (service: ServiceProcess): number => Number(new URL(service.origin).port);
    const targets: Target[] = [
      { name: 'baseline', port: Number(await baseline.hear()), pid: baseline.child.pid as number },
      { name: 'uncached', port: port(uncached), pid: uncached.pid },
      { name: 'private', port: port(closed), pid: closed.pid, token: TOKEN },
      { name: 'shipped', port: port(shipped), pid: shipped.pid },
    ];
    for (const workload of WORKLOADS.keys()) {
      for (const target of targets) await measure(target, load, workload, 0); // warm
    }
    const rows = [];
    for (const [workload, { name }] of WORKLOADS.entries()) {
      rows.push(...(await rounds(targets, load, workload, name)));
    }
    const writing = writeEverySecond(databaseUrl);
    rows.push(...(await rounds(targets, load, null, 'mix, one write a second')));
    await writing.stop();
    await writeResults(`queries-${STATEMENTS}`, rows);
  } finally {
    baseline.child.kill();
    load.child.kill();
    for (const service of [shipped, closed, uncached]) await service.end('SIGTERM');
  }
}

async function main(): Promise<void> {
  if (values.database !== undefined) return compare(values.database);
  await withTemporaryServer('queries', async (url) => {
    await generate(url, STATEMENTS, (step) => console.log(step));
    await compare(url);
  });
}

await main();
