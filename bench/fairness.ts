import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DEFAULT_LIMITS } from '../src/config/limits.ts';
import { openDatabase } from '../src/db/client.ts';
import { startEmbeddedServer } from '../src/db/embedded/server.ts';
import { freePort, ServiceProcess } from './chaos/service.ts';
import { ATTACKS } from './fairness/attacks.ts';
import { generate } from './generate.ts';
import { Lines, writeResults } from './measure.ts';
import { WORKLOADS } from './queries/workloads.ts';

/*
 * Fairness: nine clients that send an ordinary query every 100 ms, alone and
 * while another address runs an attack with a full budget. Prints for each attack how many of their queries were answered, and their times
 * compared with the usual ones: in its first seconds, and then. The usual times are measured before and after each attack: where they differ,
 * other work of the machine was measured, too.
 */
const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '200000' },
    ms: { type: 'string', default: '8000' },
    /** Where the generated record is kept for the next run. */
    data: { type: 'string' },
    /** Part of the names of the attacks to run. */
    only: { type: 'string', default: '' },
  },
});
const STATEMENTS = Number(values.statements);
const MS = Number(values.ms);
const CLIENTS = 9;
const INTERVAL_MS = 100;
/** Each attack runs for this long before it is measured. Until then it runs code that V8 has not compiled yet. */
const FIRST_MS = 3_000;
/** An attack has begun when the clients are measured. */
const HEAD_START_MS = 300;
const ANSWER_TIMEOUT_MS = 10_000;

interface Measured {
  readonly sent: number;
  readonly answered: number;
  readonly times: readonly number[];
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;

/** Sends one query; answers after how many milliseconds its data came, or null where none did. */
function ask(port: number, agent: Agent, i: number): Promise<number | null> {
  const { query, variables } = WORKLOADS[i % WORKLOADS.length] as (typeof WORKLOADS)[number];
  const body = JSON.stringify({ query, variables: variables(i, STATEMENTS) });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-readout-cost': '1', // an answer with its cost is made for each who asks, and not kept
  };
  const startMs = performance.now();
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: '/graphql', method: 'POST', agent, headers });
    sent.setTimeout(ANSWER_TIMEOUT_MS, () => sent.destroy());
    sent.once('error', () => resolve(null));
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('close', () => {
        const isRight = text.startsWith('{"data":{') && !text.includes('"errors"');
        resolve(isRight ? performance.now() - startMs : null);
      });
    });
    sent.end(body);
  });
}

/** Nine clients with addresses of their own; `first` is the number of the first query, so that none is repeated. */
async function measure(port: number, ms: number, first: number): Promise<Measured> {
  const asked: Promise<number | null>[] = [];
  const one = async (client: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, localAddress: `127.0.0.${client + 2}` });
    await sleep((INTERVAL_MS / CLIENTS) * client);
    const startMs = performance.now();
    const queries: Promise<number | null>[] = [];
    for (let i = 0; i * INTERVAL_MS < ms; i += 1) {
      queries.push(ask(port, agent, first + i * CLIENTS + client));
      await sleep(Math.max(0, startMs + (i + 1) * INTERVAL_MS - performance.now()));
    }
    asked.push(...queries);
    await Promise.all(queries);
    agent.destroy();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => one(client)));
  const times = (await Promise.all(asked)).filter((time) => time !== null).sort((a, b) => a - b);
  return { sent: asked.length, answered: times.length, times };
}

async function run(databaseUrl: string): Promise<void> {
  const service = new ServiceProcess(await freePort(), {
    DATABASE_URL: databaseUrl,
    SEED: 'off',
    NODE_ENV: 'production',
    // As they are by default, and counted on this machine too.
    COST_PER_MINUTE: String(DEFAULT_LIMITS.COST_PER_MINUTE),
    SOCKETS_PER_ADDRESS_MAX: String(DEFAULT_LIMITS.SOCKETS_PER_ADDRESS_MAX),
  });
  const attacker = new Lines('fairness/attacker.ts');
  const rows = [];
  try {
    await service.start();
    const port = Number(new URL(service.origin).port);
    await measure(port, MS, 0); // warm
    let first = 100_000;
    const next = (): number => {
      first += 10_000;
      return first;
    };
    for (const [attack, { name }] of ATTACKS.entries()) {
      if (!name.includes(values.only)) continue;
      const alone = await measure(port, MS / 2, next());
      const under = async (address: string, ms: number): Promise<[Measured, string]> => {
        attacker.say(JSON.stringify({ port, attack, address, ms: ms + 2 * HEAD_START_MS }));
        await sleep(HEAD_START_MS);
        return [await measure(port, ms, next()), await attacker.hear()];
      };
      const [cold] = await under(`127.0.2.${attack + 1}`, FIRST_MS);
      const [beside, counts] = await under(`127.0.1.${attack + 1}`, MS);
      const after = await measure(port, MS / 2, next());
      const usualTimes = [...alone.times, ...after.times].sort((a, b) => a - b);
      const [usual, p95] = [at(usualTimes, 0.95), at(beside.times, 0.95)];
      const row = {
        attack: name,
        'answered %': ((100 * (cold.answered + beside.answered)) / (cold.sent + beside.sent)).toFixed(1),
        'usual p95 ms': usual.toFixed(1),
        'usual, before and after': `${at(alone.times, 0.95).toFixed(1)}, ${at(after.times, 0.95).toFixed(1)}`,
        'first p95 ms': at(cold.times, 0.95).toFixed(1),
        'p50 ms': at(beside.times, 0.5).toFixed(1),
        'p95 ms': p95.toFixed(1),
        '× the usual p95': (p95 / usual).toFixed(1),
        'answers to the attacker': counts.replace(/[{}"]/g, '').replaceAll(',', ', '),
      };
      console.log(JSON.stringify(row));
      rows.push(row);
      await sleep(1_000);
    }
    console.table(rows);
    if (values.only === '') await writeResults('fairness', rows);
  } finally {
    attacker.child.kill();
    await service.end('SIGTERM');
  }
}

async function isGenerated(url: string): Promise<boolean> {
  const db = openDatabase({ url, poolMax: 1, statementTimeoutMs: 10_000 });
  try {
    const { rows } = await db.pool.query("SELECT to_regclass('statement') IS NOT NULL AS made");
    return rows[0].made;
  } finally {
    await db.close();
  }
}

const directory = values.data ?? (await mkdtemp(join(tmpdir(), 'readout-fairness-')));
const server = await startEmbeddedServer({ dataDir: join(directory, 'data'), onNotice: console.log });
try {
  if (!(await isGenerated(server.url))) await generate(server.url, STATEMENTS, (step) => console.log(step));
  await run(server.url);
} finally {
  await server.stop();
  if (values.data === undefined) await rm(directory, { recursive: true, force: true });
}
