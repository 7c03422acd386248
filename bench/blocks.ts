import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/db/client.ts';
import { CASES } from './blocks/cases.ts';
import type { Client } from './blocks/client.ts';
import { fillEvents } from './blocks/events.ts';
import { freePort, ServiceProcess } from './chaos/service.ts';
import { generate } from './generate.ts';
import { median, writeResults } from './measure.ts';
import { withTemporaryServer } from './temporaryServer.ts';

/*
 * The longest time for which one request blocks the event loop, for the requests that are the most work within the limits. Each
 * is sent several times, the first time to a service that has not seen its like. Needs `npm run build`.
 */
const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '20000' },
    runs: { type: 'string', default: '7' },
    /** Part of the names of the cases to run. */
    only: { type: 'string', default: '' },
    /** Part of the names of the cases to leave out. */
    skip: { type: 'string' },
  },
});
const RUNS = Number(values.runs);
const PROBE = fileURLToPath(new URL('blocks/probe.mjs', import.meta.url));
const SETTLE_MS = 50;
const ANSWER_LENGTH_SHOWN = 90;
const RECORDER_TOKEN = 'a-recorder-token-for-the-benchmark-of-blocks';

interface Turn {
  readonly ms: number;
  readonly cpuMs: number;
}

/** The longest turn of the event loop since it was asked last. */
async function longestTurn(service: ServiceProcess): Promise<Turn> {
  const known = service.said.length;
  process.kill(service.pid, 'SIGUSR2');
  for (;;) {
    const found = /longest turn ([\d.]+) ms, on a CPU ([\d.]+) ms/.exec(service.said.slice(known));
    if (found) return { ms: Number(found[1]), cpuMs: Number(found[2]) };
    await sleep(1);
  }
}

async function run(databaseUrl: string): Promise<void> {
  const db = openDatabase({ url: databaseUrl, poolMax: 2, statementTimeoutMs: 60_000 });
  await fillEvents(db);
  await db.close();
  const service = new ServiceProcess(await freePort(), {
    DATABASE_URL: databaseUrl,
    SEED: 'off',
    NODE_ENV: 'production',
    NODE_OPTIONS: `--import=${PROBE} --max-semi-space-size=16`,
    RECORDER_TOKEN,
    // Budgets would end the run, and are not what is measured.
    COST_PER_MINUTE: '10000000000',
    CACHE_BYTES_MAX: '0',
    LAG_MAX_MS: '60000',
  });
  await service.start();
  const rows = [];
  try {
    const client: Client = { origin: service.origin, token: RECORDER_TOKEN };
    for (const { name, prepare, send } of CASES) {
      if (!name.includes(values.only) || (values.skip !== undefined && name.includes(values.skip))) continue;
      const end = await prepare?.(client);
      await sleep(SETTLE_MS);
      const turns: Turn[] = [];
      let answer = '';
      for (let i = 0; i < RUNS; i += 1) {
        await longestTurn(service);
        answer = await send(client, i);
        await sleep(SETTLE_MS);
        turns.push(await longestTurn(service));
      }
      end?.();
      const cpu = turns.map(({ cpuMs }) => cpuMs);
      const row = {
        request: name,
        'first, CPU ms': Math.round(cpu[0] ?? Number.NaN),
        'median, CPU ms': Math.round(median(cpu)),
        'longest, CPU ms': Math.round(Math.max(...cpu)),
        'median ms': Math.round(median(turns.map(({ ms }) => ms))),
        'answer kB': Math.round(answer.length / 1_000),
      };
      console.log(JSON.stringify(row), answer.slice(0, ANSWER_LENGTH_SHOWN));
      rows.push(row);
    }
    console.table(rows);
    if (values.only === '') await writeResults('blocks', rows);
  } catch (error) {
    console.error(service.said.slice(-2_000));
    throw error;
  } finally {
    await service.end('SIGTERM');
  }
}

await withTemporaryServer('blocks', async (url) => {
  await generate(url, Number(values.statements), () => undefined);
  await run(url);
});
