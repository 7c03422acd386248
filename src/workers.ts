import cluster, { type Worker } from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { AppOptions } from './app/setup.ts';
import { STOP_TIME_MAX_MS } from './app/stop.ts';
import { WorkerMetrics } from './app/workerMetrics.ts';
import { type Service, type ServiceInfo, serveMetrics } from './app.ts';
import { type ReadoutError, startFailed } from './base/errors.ts';
import { within } from './base/within.ts';
import type { MetricsServer } from './http/server/metrics.ts';
import { prepareStore } from './store.ts';

/** Delay before a worker that ended is replaced. It doubles with each consecutive early end. */
const RESTART_DELAY_MIN_MS = 500;
const RESTART_DELAY_MAX_MS = 30_000;
/** The end of a worker that has served for less time than this is an early end. */
const EARLY_END_MS = 10_000;
/** After this many consecutive early ends, the service stops. */
export const EARLY_ENDS_MAX = 5;
/** A worker that has not stopped after this time is killed. */
const STOP_TIMEOUT_MS = STOP_TIME_MAX_MS + 2_000;

/** The environment variable that gives a worker the URL of the prepared database. */
export const STORE_URL_VARIABLE = 'READOUT_STORE_URL';

export interface WorkersOptions extends AppOptions {
  /** Called when the service has to stop, because workers end early. */
  readonly onGiveUp: (error: ReadoutError) => void;
}

/** A service in several processes. */
export interface Workers extends Service {
  /**
   * Replaces every worker by a new one, one after the other, without a moment in which fewer serve. The new ones read the settings again. If
   * one of them can't serve, the others stay. Further calls return the same promise until it is done.
   */
  restart(): Promise<void>;
}

/**
 * Prepares the database and serves it with several processes on one port. A worker that ends unexpectedly is replaced.
 * @throws ReadoutError START_FAILED where a worker can't serve. The worker has printed the reason.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { config, notice, onGiveUp } = options;
  const store = await prepareStore(options);
  const workerMetrics = new WorkerMetrics();
  workerMetrics.start();
  let metrics: MetricsServer | null = null;
  const env = { [STORE_URL_VARIABLE]: store.url };
  const servesSinceMs = new WeakMap<Worker, number>();
  /** Workers that were told to end, or that have not served yet. When they end, they are not replaced. */
  const unneeded = new WeakSet<Worker>();
  let stopping = false;
  let earlyEnds = 0;
  const stop = async (): Promise<void> => {
    stopping = true;
    const ended = Object.values(cluster.workers ?? {}).map((worker) => endWorker(worker as Worker));
    try {
      await Promise.all(ended);
    } finally {
      await metrics?.stop();
      workerMetrics.stop();
      await store.stop();
    }
  };
  const replace = (worker: Worker, code: number, signal: string): void => {
    if (stopping || unneeded.has(worker)) return;
    const servedMs = performance.now() - (servesSinceMs.get(worker) ?? performance.now());
    earlyEnds = servedMs < EARLY_END_MS ? earlyEnds + 1 : 0;
    const ended = `Worker ${worker.process.pid} ended (${signal || code})`;
    if (earlyEnds >= EARLY_ENDS_MAX) {
      const message = `${ended}. ${EARLY_ENDS_MAX} consecutive workers have served for less than ${EARLY_END_MS / 1_000} s, so the service stops. Their output names the reason.`;
      onGiveUp(startFailed(message));
      return;
    }
    const delayMs = Math.min(RESTART_DELAY_MIN_MS * 2 ** Math.max(0, earlyEnds - 1), RESTART_DELAY_MAX_MS);
    notice(`${ended} and is replaced in ${delayMs / 1_000} s.`);
    setTimeout(() => !stopping && cluster.fork(env), delayMs);
  };
  const replaceAll = async (): Promise<void> => {
    for (const old of Object.values(cluster.workers ?? {}) as Worker[]) {
      const next = cluster.fork(env);
      unneeded.add(next);
      await untilServing(next);
      unneeded.delete(next);
      unneeded.add(old);
      await endWorker(old);
    }
    notice('All workers were restarted.');
  };
  let restarting: Promise<void> | undefined;
  const restart = (): Promise<void> => {
    restarting ??= replaceAll()
      .catch(() => notice('A new worker did not serve, so the restart ends here and the others go on.'))
      .finally(() => {
        restarting = undefined;
      });
    return restarting;
  };
  const start = (): Promise<ServiceInfo> => untilServing(cluster.fork(env));
  cluster.on('message', (worker, message) => {
    if (isServing(message)) servesSinceMs.set(worker, performance.now());
  });
  try {
    const first = await start(); // the port is known once it serves
    await startOthers(config.workers - 1, start);
    cluster.on('exit', replace);
    cluster.on('message', (worker, message) => {
      if (isServing(message)) notice(`Worker ${worker.process.pid} serves in its place.`);
    });
    metrics = await serveMetrics(options, () => workerMetrics.scrape());
    return { ...first, stop, restart };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts workers, as many at a time as there are processors: more would slow one another down until connections time out. */
async function startOthers(count: number, start: () => Promise<unknown>): Promise<void> {
  let left = count;
  const startInTurn = async (): Promise<void> => {
    while (left > 0) {
      left--;
      await start().catch((error: unknown) => {
        left = 0;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, startInTurn));
}

/** Whether a message says that a worker serves. Others are about metrics. */
function isServing(message: unknown): message is ServiceInfo {
  return typeof message === 'object' && message !== null && 'origin' in message;
}

/** Waits for the message that a worker sends when it serves. */
function untilServing(worker: Worker): Promise<ServiceInfo> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: unknown) => {
      if (isServing(message)) resolve(message);
    });
    worker.once('exit', () => reject(startFailed('A worker ended before it served.')));
  });
}

async function endWorker(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.process.kill('SIGTERM');
  await within(STOP_TIMEOUT_MS, ended);
  if (!worker.isDead()) worker.process.kill('SIGKILL');
  await ended;
}
