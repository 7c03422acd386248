import cluster, { type Worker } from 'node:cluster';
import type { AppOptions } from './app.ts';
import { ReadoutError } from './errors.ts';
import { prepareStore } from './store.ts';

const RESTART_DELAY_MS = 500;
const STOP_TIMEOUT_MS = 15_000;

/** Names the variable that tells a worker where the record is that the first process has prepared. */
export const STORE_URL_VARIABLE = 'READOUT_STORE_URL';

export interface Workers {
  /** `http://127.0.0.1:4000`, once every worker serves. */
  readonly origin: string;
  readonly recorderToken: string | null;
  stop(): Promise<void>;
}

/** What a worker tells the first process when it serves. */
export interface Serving {
  readonly origin: string;
  readonly recorderToken: string | null;
}

/**
 * Prepares the record and serves it with several processes on one port. A worker that ends unexpectedly is replaced.
 * @throws ReadoutError START_FAILED where a worker can't serve; it has said why itself.
 */
export async function startWorkers(options: AppOptions): Promise<Workers> {
  const { config, notice } = options;
  const store = await prepareStore(options);
  const env = { [STORE_URL_VARIABLE]: store.url };
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    const ended = Object.values(cluster.workers ?? {}).map((worker) => endWorker(worker as Worker));
    await Promise.all(ended);
    await store.stop();
  };
  const start = (): Promise<Serving> => untilServing(cluster.fork(env));
  try {
    const first = await start(); // the port is known once it serves
    await Promise.all(Array.from({ length: config.workers - 1 }, start));
    cluster.on('exit', (worker, code, signal) => {
      if (stopping) return;
      notice(`Worker ${worker.process.pid} ended (${signal || code}) and is replaced.`);
      setTimeout(() => !stopping && cluster.fork(env), RESTART_DELAY_MS);
    });
    cluster.on('message', (worker) => notice(`Worker ${worker.process.pid} serves in its place.`));
    return { ...first, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function untilServing(worker: Worker): Promise<Serving> {
  return new Promise((resolve, reject) => {
    worker.once('message', (serving: Serving) => resolve(serving));
    worker.once('exit', () => reject(new ReadoutError('START_FAILED', 'A worker ended before it served.')));
  });
}

async function endWorker(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.process.kill('SIGTERM');
  const timer = setTimeout(() => worker.process.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
