import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/db/client.ts';
import { startEmbeddedServer } from '../src/db/embedded/server.ts';
import { migrate } from '../src/db/migrate.ts';
import { makeToken } from '../src/domain/access/token.ts';
import { saveSource } from '../test/support/saves.ts';
import { makeWorld, record } from '../test/support/world.ts';
import { freePort, ServiceProcess } from './chaos/service.ts';
import { Attacker } from './memory/attacks.ts';

/*
 * Memory under attack: ten addresses of this machine send requests that take memory. Each attack goes on while the next ones
 * begin. The resident memory of the service is read from /proc. It has the default limits and a heap of
 * 1,024 MB. Exits with 1 if the service takes more than `--max` MB, or ends. On Linux only, after `npm run build`.
 * `--only` names attacks. `--seconds` is the time until the next attack begins.
 */
const ATTACKS = [
  'emptyLists',
  'longSlugs',
  'manySlugs',
  'longDocuments',
  'longIds',
  'pipelinesBehindStreams',
  'manyMentions',
  'slowBodies',
  'slowHeaders',
  'manyHeaders',
  'smallPieces',
  'wideVariables',
  'manyOperations',
  'unreadAnswers',
  'unreadPipelines',
  'unreadSockets',
  'unreadReplays',
] as const satisfies readonly (keyof Attacker)[];
const { values } = parseArgs({
  options: {
    max: { type: 'string', default: '900' },
    seconds: { type: 'string', default: '7' },
    addresses: { type: 'string', default: '10' },
    /** Budget of an address in points a minute: none here, so that memory alone is bounded. */
    points: { type: 'string', default: '10000000000' },
    only: { type: 'string', default: ATTACKS.join() },
  },
});
const ADDRESSES = Number(values.addresses);
const SECONDS = Number(values.seconds);
const MAX_MB = Number(values.max);
const SAMPLE_INTERVAL_MS = 250;
const TEXT_LENGTH = 1_000_000;
const STATEMENTS = 150;
/** Another client, with a light load. The attackers are in 127.0.1.0/24, because the limits of an address do not apply to 127.0.0.1. */
const VICTIM = '127.0.0.99';
const VICTIM_INTERVAL_MS = 500;

async function rssMb(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

const dataDir = await mkdtemp(join(tmpdir(), 'readout-memory-'));
const server = await startEmbeddedServer({ dataDir, onNotice: () => undefined, settings: { fsync: 'off' } });
await migrate(server.url);
const db = openDatabase({ url: server.url, poolMax: 4, statementTimeoutMs: 30_000 });
await makeWorld(db.prisma);
const unknown = { publisher: undefined, url: undefined, publishedOn: undefined, language: undefined };
const text = 'x'.repeat(TEXT_LENGTH);
const big = { ...unknown, slug: 'big', title: 'Big', text, digest: undefined, length: undefined };
await db.prisma.$transaction((tx) => saveSource(tx, big, 'bench'));
for (let i = 0; i < STATEMENTS; i += 1) await record(db, { text: `Statement ${i}`, source: 'big' });
await db.close();

const port = await freePort();
const recorderToken = makeToken();
const service = new ServiceProcess(port, {
  DATABASE_URL: server.url,
  SEED: 'off',
  NODE_ENV: 'production',
  NODE_OPTIONS: '--max-old-space-size=1024 --max-semi-space-size=16',
  COST_PER_MINUTE: values.points,
  RECORDER_TOKEN: recorderToken,
});
await service.start();
const attackers = Array.from(
  { length: ADDRESSES },
  (_, i) => new Attacker(port, `127.0.1.${i + 1}`, recorderToken),
);
let highest = 0;
const refusals = new Map<number | undefined, number>();
const answered = { asked: 0, answered: 0 };
const victim = setInterval(() => {
  answered.asked += 1;
  const request = get({
    port,
    path: '/graphql?query={record{position}}',
    localAddress: VICTIM,
    timeout: 5_000,
  });
  request.on('error', () => undefined); // counted as not answered
  request.on('response', (response) => {
    response.resume();
    if (response.statusCode === 200) answered.answered += 1;
    else refusals.set(response.statusCode, (refusals.get(response.statusCode) ?? 0) + 1);
  });
}, VICTIM_INTERVAL_MS);

try {
  console.log(`at rest ${Math.round(await rssMb(service.pid))} MB`);
  for (const attack of ATTACKS.filter((name) => values.only.split(',').includes(name))) {
    for (const attacker of attackers) void attacker[attack]().catch(() => undefined); // the service may refuse it
    let highestHere = 0;
    const endMs = performance.now() + SECONDS * 1_000;
    while (performance.now() < endMs) {
      await sleep(SAMPLE_INTERVAL_MS);
      if (!service.isRunning) throw new Error(`the service has ended during ${attack}:\n${service.said}`);
      highestHere = Math.max(highestHere, await rssMb(service.pid));
    }
    highest = Math.max(highest, highestHere);
    const now = Math.round(await rssMb(service.pid));
    console.log(`${attack.padEnd(16)} at most ${Math.round(highestHere)} MB, now ${now} MB`);
  }
  console.log(
    `another client had ${answered.answered} of ${answered.asked} queries answered; refused: ${JSON.stringify([...refusals])}`,
  );
} finally {
  clearInterval(victim);
  for (const attacker of attackers) attacker.stop();
  await service.end('SIGTERM');
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
console.log(`${highest > MAX_MB ? 'MORE than' : 'within'} ${MAX_MB} MB: ${Math.round(highest)} MB`);
process.exit(highest > MAX_MB ? 1 : 0);
