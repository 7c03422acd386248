import { parseArgs } from 'node:util';
import pg from 'pg';
import { type Database, openDatabase } from '../src/db/client.ts';
import { retry } from '../src/db/transaction.ts';
import { recordStatement } from '../src/domain/statement/record/group.ts';
import { recordStatements } from '../src/domain/statement/record/record.ts';
import { loadSeedFile } from '../src/import/seed/load.ts';
import { generate } from './generate.ts';
import { cpuMs, median, writeResults } from './measure.ts';
import { withTemporaryServer } from './temporaryServer.ts';
import { appendAtOnce, appendInTransaction, MAKE_COUNTER } from './writes/bare.ts';
import { measureGrowth } from './writes/growth.ts';
import { makeInput } from './writes/inputs.ts';
import { MutationTarget } from './writes/mutation.ts';
import { findPostmaster, postgresCpuMs } from './writes/postgresCpu.ts';

/*
 * Writes: statements recorded in a second, one at a time, in lists and from a file, through the domain's functions and
 * over HTTP with subscribers, in rounds that alternate with bare SQL that only counts and appends. Every commit is on
 * disk. CPU is read from /proc, so on Linux only. Then a record grows over HTTP from the
 * seed to `--statements` without a pause. `--only rates` and `--only growth` do one of the two.
 */
const { values: options } = parseArgs({
  options: {
    /** `rates`, `growth` or both. */
    only: { type: 'string' },
    /** How many the record grows to. */
    statements: { type: 'string', default: '200000' },
  },
});
const WRITERS = 16;
const LIST_WRITERS = 2;
const LIST_LENGTH = 500;
const SUBSCRIBERS = 1_000;
const ROUNDS = 5;
const ROUND_MS = 1_500;
/** Statements of a round over HTTP, and of a round in which a thousand subscribers receive all of them. */
const MUTATIONS = 1_000;
const MUTATIONS_HEARD = 300;
const STATEMENTS_BEFORE = 10_000;

interface Workload {
  readonly name: string;
  /** The process whose CPU is counted beside those of PostgreSQL. */
  readonly pid: number;
  /** Does a round, and tells how many rows it wrote. */
  readonly round: () => Promise<number>;
}

interface Sample {
  readonly perSecond: number;
  /** Rate beside that of the first workload in the same round. */
  readonly ratio: number;
  readonly cpuMs: number;
  readonly postgresCpuMs: number;
}

/** Lets several writers write during a round. Each write returns its number of rows. */
const busy =
  (writers: number, write: () => Promise<number>): (() => Promise<number>) =>
  async () => {
    const endMs = performance.now() + ROUND_MS;
    let rows = 0;
    const work = async (): Promise<void> => {
      while (performance.now() < endMs) {
        const written = await write();
        rows += written;
      }
    };
    await Promise.all(Array.from({ length: writers }, work));
    return rows;
  };

const one =
  (write: () => Promise<unknown>): (() => Promise<number>) =>
  async () => {
    await write();
    return 1;
  };

let serial = 0;
const nextInput = (): Record<string, unknown> => {
  serial += 1;
  return makeInput(serial);
};
const list = (): Record<string, unknown>[] => Array.from({ length: LIST_LENGTH }, nextInput);

async function recordList({ prisma }: Database): Promise<number> {
  const inputs = list();
  await retry(() => recordStatements(prisma, inputs, 'bench'));
  return LIST_LENGTH;
}

async function loadFile({ prisma }: Database): Promise<number> {
  const statements = list().map(({ key, ...input }) => ({ ...input, slug: `s-${key}` }));
  await loadSeedFile(prisma, 'bench.yaml', JSON.stringify({ statements })); // JSON is YAML
  return LIST_LENGTH;
}

const inProcess = (db: Database): Workload[] =>
  (
    [
      [
        'bare SQL, a transaction each',
        busy(
          WRITERS,
          one(() => appendInTransaction(db)),
        ),
      ],
      [
        'bare SQL, one round trip each',
        busy(
          WRITERS,
          one(() => appendAtOnce(db)),
        ),
      ],
      [
        'single statements',
        busy(
          WRITERS,
          one(() => recordStatement(db.prisma, nextInput(), 'bench')),
        ),
      ],
      [
        'single statements, one writer',
        busy(
          1,
          one(() => recordStatement(db.prisma, nextInput(), 'bench')),
        ),
      ],
      [
        'the same, never grouped',
        busy(
          1,
          one(() => recordStatements(db.prisma, [nextInput()], 'bench')),
        ),
      ],
      [`lists of ${LIST_LENGTH}`, busy(LIST_WRITERS, () => recordList(db))],
      [`seed files of ${LIST_LENGTH}`, busy(1, () => loadFile(db))],
    ] as const
  ).map(([name, round]) => ({ name, round, pid: process.pid }));

const overHttp = (name: string, target: MutationTarget, statements: number): Workload => ({
  name,
  pid: target.pid,
  round: async () => {
    await target.write(statements, WRITERS);
    return statements;
  },
});

async function measure({ pid, round }: Workload, postmaster: number): Promise<Omit<Sample, 'ratio'>> {
  const startMs = performance.now();
  const [cpu, postgresCpu] = [await cpuMs(pid), await postgresCpuMs(postmaster)];
  const rows = await round();
  return {
    perSecond: (rows * 1_000) / (performance.now() - startMs),
    cpuMs: ((await cpuMs(pid)) - cpu) / rows,
    postgresCpuMs: ((await postgresCpuMs(postmaster)) - postgresCpu) / rows,
  };
}

async function compare(workloads: readonly Workload[], postmaster: number): Promise<void> {
  const samples = workloads.map((): Sample[] => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    let bare = Number.NaN;
    for (const [i, workload] of workloads.entries()) {
      const sample = await measure(workload, postmaster);
      if (i === 0) bare = sample.perSecond;
      // The first round warms up.
      if (round > 0) samples[i]?.push({ ...sample, ratio: sample.perSecond / bare });
    }
  }
  const rows = workloads.map(({ name }, i) => {
    const of = (key: keyof Sample): number => median((samples[i] as Sample[]).map((sample) => sample[key]));
    return {
      writes: name,
      'a second': Math.round(of('perSecond')),
      '× bare SQL': of('ratio').toFixed(2),
      'CPU ms each': of('cpuMs').toFixed(3),
      'CPU ms of PostgreSQL': of('postgresCpuMs').toFixed(3),
    };
  });
  console.table(rows);
  await writeResults('writes', rows);
}

/** A generated record for each writer, so that the subscribers of one don't receive the changes of the others. */
async function makeRecord(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const made = new URL(url);
  made.pathname = `/${name}`;
  await generate(made.href, STATEMENTS_BEFORE, () => undefined);
  return made.href;
}

async function measureRates(serverUrl: string): Promise<void> {
  const targets: MutationTarget[] = [];
  const db = openDatabase({
    url: await makeRecord(serverUrl, 'domain'),
    poolMax: WRITERS,
    statementTimeoutMs: 20_000,
  });
  try {
    await db.pool.query(MAKE_COUNTER);
    const start = async (name: string, subscribers: number, hearsAll: boolean): Promise<MutationTarget> => {
      const url = await makeRecord(serverUrl, name);
      const target = await MutationTarget.start(url, { subscribers, hearsAll }, WRITERS);
      targets.push(target);
      return target;
    };
    const workloads = [
      ...inProcess(db),
      overHttp('mutations over HTTP', await start('alone', 0, false), MUTATIONS),
      overHttp(
        `mutations, ${SUBSCRIBERS} follow a hundredth`,
        await start('hundredth', SUBSCRIBERS, false),
        MUTATIONS,
      ),
      overHttp(
        `mutations, ${SUBSCRIBERS} follow all`,
        await start('all_of_it', SUBSCRIBERS, true),
        MUTATIONS_HEARD,
      ),
    ];
    await compare(workloads, await findPostmaster(db));
  } finally {
    for (const target of targets) await target.stop();
    await db.close();
  }
}

await withTemporaryServer('writes', async (serverUrl) => {
  if (options.only !== 'growth') await measureRates(serverUrl);
  if (options.only !== 'rates') {
    const rows = await measureGrowth(serverUrl, Number(options.statements), console.log);
    console.table(rows);
    await writeResults('writes-growth', rows);
  }
});
