import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Database, openDatabase } from '../src/db/client.ts';
import { startEmbeddedServer } from '../src/db/embedded/server.ts';
import { retry } from '../src/db/transaction.ts';
import { recordStatements } from '../src/domain/statement.ts';
import { recordStatement } from '../src/domain/statementGroup.ts';
import { generate } from './generate.ts';
import { median, writeResults } from './measure.ts';

/*
 * Writes: statements recorded in a second through the domain's function, one at a time and in lists, by several
 * writers at once; beside bare SQL that only counts and appends, in interleaved rounds. Every commit is on disk.
 */
const WRITERS = 16;
const LIST_LENGTH = 500;
const ROUNDS = 5;
const ROUND_MS = 2_000;
const STATEMENTS_BEFORE = 10_000;

interface Workload {
  readonly name: string;
  readonly writers: number;
  /** Writes, and tells how many rows. */
  readonly write: (db: Database) => Promise<number>;
}

/** What one workload came to: medians of the rounds. */
export interface WriteFigures {
  readonly name: string;
  readonly perSecond: number;
  /** Rate beside that of bare SQL in a transaction of the same round. */
  readonly ratio: number;
  /** Time of this process on a CPU, for one row. */
  readonly cpuMs: number;
}

const WORDS = (
  'ceasefire talks border sanctions inspectors agency president minister phone call proposal veto troops summit ' +
  'delegation treaty energy grain corridor prisoners exchange guarantees council resolution envoy pressure dialogue'
).split(' ');
const SENTENCE_LENGTH = 16;

const sentence = (): string =>
  Array.from({ length: SENTENCE_LENGTH }, () => WORDS[Math.floor(Math.random() * WORDS.length)]).join(' ');
const numbered = (noun: string, max: number): string => `${noun}-${1 + Math.floor(Math.random() * max)}`;

function makeInput(): Record<string, unknown> {
  return {
    key: randomUUID(),
    text: sentence(),
    mode: 'INDIRECT',
    act: 'STATE',
    speakers: [numbered('actor', 1_000)],
    attribution: [{ actor: numbered('actor', 1_000), form: 'REPORT' }],
    said: '2025-07-01',
    topics: [{ topic: numbered('topic', 100), stance: 'SUPPORTS' }],
    events: [numbered('event', 500)],
    source: numbered('source', 5_000),
    anchors: [{ start: 1, end: 80, digest: '0'.repeat(64) }],
  };
}

async function recordOne(db: Database): Promise<number> {
  await recordStatement(db.prisma, makeInput(), 'bench');
  return 1;
}

async function recordList(db: Database, length: number): Promise<number> {
  const inputs = Array.from({ length }, makeInput);
  await retry(() => recordStatements(db.prisma, inputs, 'bench'));
  return length;
}

const MAKE_COUNTER = `
  CREATE TABLE bench_head (position bigint NOT NULL);
  CREATE TABLE bench_entry (position bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), content text NOT NULL);
  INSERT INTO bench_head VALUES (0)`;
const DROP_COUNTER = 'DROP TABLE IF EXISTS bench_head, bench_entry';
const COUNT = 'UPDATE bench_head SET position = position + 1 RETURNING position';

async function appendInTransaction({ pool }: Database): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query({ name: 'count', text: COUNT });
    const text = 'INSERT INTO bench_entry (position, content) VALUES ($1, $2)';
    await client.query({ name: 'append', text, values: [rows[0].position, randomUUID()] });
    await client.query('COMMIT');
    return 1;
  } finally {
    client.release();
  }
}

async function appendAtOnce({ pool }: Database): Promise<number> {
  const text = `WITH next AS (${COUNT}) INSERT INTO bench_entry (position, content) SELECT position, $1 FROM next`;
  await pool.query({ name: 'at once', text, values: [randomUUID()] });
  return 1;
}

const WORKLOADS: readonly Workload[] = [
  { name: 'bare SQL, a transaction', writers: WRITERS, write: appendInTransaction },
  { name: 'bare SQL, one statement', writers: WRITERS, write: appendAtOnce },
  { name: 'single statements', writers: WRITERS, write: recordOne },
  { name: `lists of ${LIST_LENGTH}`, writers: 2, write: (db) => recordList(db, LIST_LENGTH) },
];

async function measure(
  db: Database,
  { writers, write }: Workload,
): Promise<{ perSecond: number; cpuMs: number }> {
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  let rows = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - startMs < ROUND_MS) {
      const written = await write(db);
      rows += written;
    }
  };
  await Promise.all(Array.from({ length: writers }, work));
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: rows / seconds, cpuMs: (user + system) / 1_000 / rows };
}

/** Measures writes to the generated record at `url`. */
export async function benchWrites(url: string): Promise<WriteFigures[]> {
  const db = openDatabase({ url, poolMax: WRITERS, statementTimeoutMs: 20_000 });
  try {
    await db.pool.query(`${DROP_COUNTER}; ${MAKE_COUNTER}`);
    const samples = WORKLOADS.map(() => [] as { perSecond: number; cpuMs: number; ratio: number }[]);
    for (let round = 0; round <= ROUNDS; round += 1) {
      let bare = 0;
      for (const [i, workload] of WORKLOADS.entries()) {
        const sample = await measure(db, workload);
        if (i === 0) bare = sample.perSecond;
        // The first round warms up.
        if (round > 0) samples[i]?.push({ ...sample, ratio: sample.perSecond / bare });
      }
    }
    return WORKLOADS.map(({ name }, i) => {
      const of = (key: 'perSecond' | 'cpuMs' | 'ratio') => median((samples[i] ?? []).map((s) => s[key]));
      return { name, perSecond: of('perSecond'), ratio: of('ratio'), cpuMs: of('cpuMs') };
    });
  } finally {
    await db.pool.query(DROP_COUNTER);
    await db.close();
  }
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'readout-writes-'));
  const server = await startEmbeddedServer({ dataDir: join(directory, 'data'), onNotice: console.log });
  try {
    await generate(server.url, STATEMENTS_BEFORE, () => undefined);
    const rows = (await benchWrites(server.url)).map(({ name, perSecond, ratio, cpuMs }) => ({
      writes: name,
      'rows a second': Math.round(perSecond),
      '× bare SQL': ratio.toFixed(2),
      'CPU ms a row': cpuMs.toFixed(3),
    }));
    console.table(rows);
    await writeResults('writes', rows);
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
