import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSchema } from 'graphql';
import { freePort, ServiceProcess } from '../chaos/service.ts';
import { Chance } from './chance.ts';
import { DocumentMaker } from './document.ts';
import { sendRequest } from './http.ts';
import { Judge } from './judge.ts';
import { Neighbour, type Waits } from './neighbour.ts';
import { talk } from './socket.ts';

const TOKEN = 'readout_of-the-fuzz-run';
const AT_ONCE = 6;
/** Share of the time in which the neighbour is measured alone. */
const QUIET_SHARE = 0.2;
const QUIET_MS_MAX = 5_000;
/** How long the neighbour may wait beside the fuzzing: this many times its usual wait, plus this much. */
const WAIT_FACTOR_MAX = 30;
const WAIT_MS_MIN = 1_500;
const REFUSED_SHARE_MAX = 0.1;
/** Memory and files that may be in use after the run beyond those in use when it was warm. */
const MEMORY_GROWTH_MB_MAX = 300;
const FILES_GROWTH_MAX = 12;
const SETTLE_TRIES_MAX = 100;
const SETTLE_INTERVAL_MS = 100;

export interface FuzzOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** A database to serve; without one the service starts its own. */
  readonly databaseUrl?: string | undefined;
}

export interface FuzzReport {
  readonly seed: number;
  readonly requests: number;
  readonly sockets: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly quiet: Waits;
  readonly beside: Waits;
  readonly memoryMb: { readonly warm: number; readonly after: number };
  /** What must not have happened; empty where all is well. */
  readonly faults: readonly string[];
}

/** Resources of a process, as Linux counts them; zeros elsewhere. */
function resourcesOf(pid: number): { memoryMb: number; files: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const memoryMb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
    return { memoryMb, files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { memoryMb: 0, files: 0 }; // another system, or the process is gone, which is noticed elsewhere
  }
}

/** Sends operations and frames, right and wrong, at a live service for a while, and says what must not have happened. */
export async function runFuzz({ seed, durationMs, databaseUrl }: FuzzOptions): Promise<FuzzReport> {
  const directory = await mkdtemp(join(tmpdir(), 'readout-fuzz-'));
  const database: Record<string, string> =
    databaseUrl === undefined ? { DATA_DIR: directory } : { DATABASE_URL: databaseUrl, SEED: 'off' };
  const service = new ServiceProcess(await freePort(), { ...database, RECORDER_TOKEN: TOKEN });
  const judge = new Judge();
  let neighbour: Neighbour | undefined;
  try {
    await service.start();
    const schema = buildSchema(await (await fetch(`${service.origin}/schema.graphql`)).text());
    neighbour = new Neighbour(service.origin);
    const quietMs = Math.min(QUIET_MS_MAX, durationMs * QUIET_SHARE);
    await sleep(quietMs);
    const quiet = neighbour.take();

    const chance = new Chance(seed);
    const asked = {
      origin: service.origin,
      chance,
      maker: new DocumentMaker(schema, chance),
      judge,
      token: TOKEN,
    };
    const sent = { requests: 0, sockets: 0 };
    const attack = async (endMs: number): Promise<void> => {
      while (performance.now() < endMs && service.isRunning) {
        const isSocket = chance.percent(30);
        sent[isSocket ? 'sockets' : 'requests'] += 1;
        await (isSocket ? talk(asked) : sendRequest(asked));
      }
    };
    const rounds = async (ms: number): Promise<void> => {
      const endMs = performance.now() + ms;
      await Promise.all(chance.times(AT_ONCE, () => attack(endMs)));
    };
    await rounds((durationMs - quietMs) * 0.4);
    const warm = resourcesOf(service.pid);
    await rounds((durationMs - quietMs) * 0.6);
    const beside = neighbour.take();
    neighbour.stop();

    const after = await settled(service.pid, warm.files);
    await judgeEnd({ service, judge, quiet, beside, warm, after });
    const memoryMb = { warm: warm.memoryMb, after: after.memoryMb };
    return { seed, ...sent, counts: judge.counts, quiet, beside, memoryMb, faults: judge.faults };
  } finally {
    neighbour?.stop();
    await service.end('SIGTERM');
    await rm(directory, { recursive: true, force: true });
  }
}

/** Waits until the connections of the run are closed. */
async function settled(pid: number, files: number): Promise<ReturnType<typeof resourcesOf>> {
  for (let i = 0; i < SETTLE_TRIES_MAX; i += 1) {
    if (resourcesOf(pid).files <= files) break;
    await sleep(SETTLE_INTERVAL_MS);
  }
  return resourcesOf(pid);
}

interface End {
  readonly service: ServiceProcess;
  readonly judge: Judge;
  readonly quiet: Waits;
  readonly beside: Waits;
  readonly warm: ReturnType<typeof resourcesOf>;
  readonly after: ReturnType<typeof resourcesOf>;
}

async function judgeEnd({ service, judge, quiet, beside, warm, after }: End): Promise<void> {
  if (!service.isRunning) judge.fault('the service has ended', service.said.slice(-1_500));
  const health = await fetch(`${service.origin}/ready`).catch(() => null); // said by the next line
  if (health?.status !== 200) judge.fault('the service is not ready afterwards', String(health?.status));
  for (const line of service.said.split('\n')) {
    if (/^\[[0-9a-z]+\] |Unhandled|Warning:/.test(line)) judge.fault('the service reports', line);
  }
  if (service.said.includes(TOKEN)) judge.fault('a token is in the log', TOKEN);
  const p95MsMax = Math.max(WAIT_MS_MIN, quiet.p95Ms * WAIT_FACTOR_MAX);
  if (beside.p95Ms > p95MsMax)
    judge.fault('the neighbour waits', `${beside.p95Ms} ms, in quiet ${quiet.p95Ms} ms`);
  if (beside.refused > beside.requests * REFUSED_SHARE_MAX) {
    judge.fault('the neighbour is refused', `${beside.refused} of ${beside.requests}`);
  }
  if (after.memoryMb > warm.memoryMb + MEMORY_GROWTH_MB_MAX) {
    judge.fault('memory grows', `${warm.memoryMb} MB when warm, ${after.memoryMb} MB after`);
  }
  if (after.files > warm.files + FILES_GROWTH_MAX) {
    judge.fault('connections are left', `${warm.files} files open when warm, ${after.files} after`);
  }
}
