import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '../src/db/client.ts';
import { migrate } from '../src/db/migrate.ts';
import { setToken } from '../src/domain/access/token.ts';
import { jsonlLine, readJsonl } from '../src/import/read/jsonl.ts';
import { runImport } from '../src/import/write/engine.ts';
import { freePort, ServiceProcess } from './chaos/service.ts';
import { Subscriber } from './chaos/subscriber.ts';
import { Writer } from './chaos/writer.ts';
import { withTemporaryServer } from './temporaryServer.ts';
import { makeLeanInput, makeNouns } from './writes/inputs.ts';
import { findPostmaster } from './writes/postgresCpu.ts';

/*
 * An import with the command beside others: a reader, a recorder and a follower. The command is stopped for some seconds again and again, so
 * that the reader is measured beside the import and alone on the same record. `--kill` kills the command after a third of the statements and the
 * service after two thirds. Exits with 1 if a statement is missing, comes twice or out of order, or the recorder is refused. On
 * Linux only, after `npm run build`.
 */
const { values: options } = parseArgs({
  options: { statements: { type: 'string', default: '100000' }, kill: { type: 'boolean', default: false } },
});
const STATEMENTS = Number(options.statements);
const COMMAND = fileURLToPath(new URL('../dist/cli/import.js', import.meta.url));
const IMPORTING_MS = 6_000;
const ALONE_MS = 4_000;
/** After the command was stopped or continued, what is under way ends. */
const SETTLE_MS = 1_000;
const READ_INTERVAL_MS = 40;
const RECORD_INTERVAL_MS = 200;
const SAMPLE_INTERVAL_MS = 500;
const FOLLOW_TIMEOUT_MS = 60_000;
const READ = `query ($speaker: String!) {
  statements(first: 20, filter: { speakers: [$speaker] }) { nodes { slug text said { edtf } speakers { name } } }
}`;

const megabytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''); // it has ended
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
};

/** Private memory of the largest backend. Its resident memory has the shared buffers, too. */
async function backendMegabytes(postmaster: number): Promise<number> {
  const pids = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
  const each = pids
    .trim()
    .split(' ')
    .map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return Math.round(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
    });
  return Math.max(...(await Promise.all(each)));
}

const percentile = (ms: readonly number[], part: number): string =>
  ([...ms].sort((a, b) => a - b)[Math.floor(ms.length * part)] ?? Number.NaN).toFixed(1);

/** Reads a page of one actor after the other, and keeps how long each took. */
class Reader {
  readonly beside: number[] = [];
  readonly alone: number[] = [];
  refused = 0;
  /** The first answer that was no page. */
  refusal: string | undefined;
  /** Where times go; null while they do not count. */
  to: number[] | null = null;
  #isStopped = false;

  async run(origin: string): Promise<void> {
    for (let i = 0; !this.#isStopped; i += 1) {
      const to = this.to;
      const startMs = performance.now();
      const body = JSON.stringify({ query: READ, variables: { speaker: `actor-${2 + (i % 999)}` } });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${origin}/graphql`, { method: 'POST', headers, body })
        .then((response) => response.text())
        .catch(() => ''); // the service was killed
      if (!answer.includes('"nodes"')) {
        this.refused += 1;
        this.refusal ??= answer;
      } else if (to === this.to) to?.push(performance.now() - startMs);
      await sleep(READ_INTERVAL_MS);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }
}

async function writeFileOf(path: string): Promise<void> {
  const file = createWriteStream(path);
  for (let n = 0; n < STATEMENTS; n += 1) {
    const line = `${JSON.stringify({ statement: { ...makeLeanInput(n), key: `import-${n}` } })}\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

async function headOf(db: Database): Promise<number> {
  const { rows } = await db.pool.query('SELECT position FROM head');
  return Number(rows[0]?.position);
}

await withTemporaryServer('importing', async (url) => {
  await migrate(url);
  const db = openDatabase({ url, poolMax: 2, statementTimeoutMs: 60_000 });
  const nouns = Readable.from(makeNouns().map((item) => Buffer.from(jsonlLine(item))));
  await runImport(db.prisma, readJsonl(nouns, { file: 'nouns' }), { by: 'bench' });
  const [importToken, recordToken] = [randomUUID(), randomUUID()];
  await setToken(db.prisma, recordToken, { name: 'desk', role: 'recorder' });
  const folder = await mkdtemp(join(tmpdir(), 'readout-importing-file-'));
  const path = join(folder, 'statements.jsonl');
  await writeFileOf(path);
  const postmaster = await findPostmaster(db);
  const service = new ServiceProcess(await freePort(), {
    ...{ DATABASE_URL: url, RECORDER_TOKEN: importToken, SEED: 'off', NODE_ENV: 'production' },
    ...{ EXEMPT_ADDRESSES: '', COST_PER_MINUTE: '10000000000', NODE_OPTIONS: '--max-semi-space-size=16' },
  });
  await service.start();
  const { origin } = service;
  const origins = [origin];
  const record = await fetch(`${origin}/graphql?query=${encodeURIComponent('{record{cursor position}}')}`);
  const { data } = (await record.json()) as { data: { record: { cursor: string; position: string } } };
  const start = { cursor: data.record.cursor, position: Number(data.record.position) };
  const follower = new Subscriber(0, start, { filter: {}, origins, transport: 'socket', turn: 0 });
  follower.open();
  const inputOf = (n: number): object => makeLeanInput(n);
  const recorder = new Writer({ origins, token: recordToken, pauseMs: RECORD_INTERVAL_MS, inputOf });
  recorder.start();
  const reader = new Reader();
  const reading = reader.run(origin);

  const megabytesBefore = await megabytes(service.pid);
  const largest = { service: 0, command: 0, backend: 0 };
  let command: ChildProcess | undefined;
  const sample = async (): Promise<void> => {
    largest.service = Math.max(largest.service, await megabytes(service.pid));
    largest.command = Math.max(largest.command, await megabytes(command?.pid ?? 0));
    largest.backend = Math.max(largest.backend, await backendMegabytes(postmaster));
  };
  const sampling = setInterval(() => void sample(), SAMPLE_INTERVAL_MS);

  const run = (): ChildProcess => {
    const env = { ...process.env, READOUT_URL: origin, READOUT_TOKEN: importToken };
    command = spawn(process.execPath, [COMMAND, path], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    command.stdout?.on('data', () => undefined);
    command.stderr?.on('data', (text) => process.stderr.write(text));
    return command;
  };
  const written = async (part: number): Promise<void> => {
    while ((await headOf(db)) - start.position < STATEMENTS * part) await sleep(SAMPLE_INTERVAL_MS);
  };

  const faults: string[] = [];
  let importingMs = 0;
  if (options.kill) {
    const first = run();
    await written(1 / 3);
    first.kill('SIGKILL');
    const second = run();
    await written(2 / 3);
    await service.end('SIGKILL');
    await service.start();
    if (second.exitCode === null) await once(second, 'exit');
    if (second.exitCode !== 0) faults.push(`the command has ended with ${second.exitCode}`);
  } else {
    const child = run();
    const exited = once(child, 'exit').then(() => true);
    const over = (ms: number): Promise<boolean> => Promise.race([exited, sleep(ms).then(() => false)]);
    for (;;) {
      const beganMs = performance.now();
      let hasEnded = await over(SETTLE_MS);
      reader.to = reader.beside;
      hasEnded ||= await over(IMPORTING_MS);
      reader.to = null;
      importingMs += performance.now() - beganMs;
      if (hasEnded) break;
      child.kill('SIGSTOP');
      await sleep(SETTLE_MS);
      reader.to = reader.alone;
      await sleep(ALONE_MS);
      reader.to = null;
      child.kill('SIGCONT');
    }
    if (child.exitCode !== 0) faults.push(`the command has ended with ${child.exitCode}`);
  }
  clearInterval(sampling);
  await recorder.stop();
  reader.stop();
  await reading;

  const last = await headOf(db);
  const deadlineMs = performance.now() + FOLLOW_TIMEOUT_MS;
  while (follower.positions.at(-1) !== last && performance.now() < deadlineMs) await sleep(READ_INTERVAL_MS);
  follower.stop();
  const { rows } = await db.pool.query(
    `SELECT count(*) FILTER (WHERE key LIKE 'import-%') AS imported, count(*) AS all FROM statement`,
  );
  const imported = Number(rows[0].imported);
  if (imported !== STATEMENTS) faults.push(`${imported} statements of ${STATEMENTS} are in the record`);
  if (Number(rows[0].all) !== imported + recorder.acknowledged.size)
    faults.push(`${rows[0].all} statements are in the record`);
  if (follower.positions.length !== last - start.position)
    faults.push(`the follower got ${follower.positions.length} of ${last - start.position}`);
  if (follower.positions.some((position, i) => position !== start.position + i + 1))
    faults.push('the follower got a change out of order');
  if (follower.broken > 0) faults.push(`${follower.broken} changes did not follow the one before`);
  if (!options.kill && recorder.retries > 0)
    faults.push(`the recorder was refused ${recorder.retries} times: ${recorder.failure}`);
  if (!options.kill && reader.refused > 0)
    faults.push(`the reader was refused ${reader.refused} times: ${reader.refusal}`);
  console.table({
    statements: STATEMENTS,
    'statements a second': options.kill ? '' : Math.round(STATEMENTS / (importingMs / 1_000)),
    'recorded beside': recorder.acknowledged.size,
    'connections of the follower': follower.connections,
    'reads alone, p50 and p99 ms': `${percentile(reader.alone, 0.5)} ${percentile(reader.alone, 0.99)} (${reader.alone.length})`,
    'reads beside, p50 and p99 ms': `${percentile(reader.beside, 0.5)} ${percentile(reader.beside, 0.99)} (${reader.beside.length})`,
    'service MB, before and at most': `${megabytesBefore} ${largest.service}`,
    'command MB': largest.command,
    'largest backend MB': largest.backend,
  });
  for (const fault of faults) console.error(fault);
  if (recorder.refusal !== undefined)
    console.error(`the recorder was first refused with ${recorder.refusal}`);
  process.exitCode = faults.length > 0 ? 1 : 0;
  await service.end('SIGTERM');
  await db.close();
  await rm(folder, { recursive: true, force: true });
});
