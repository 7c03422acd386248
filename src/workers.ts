import cluster, { type Worker } from 'node:cluster';
import type { AppOptions } from './app.ts';
import { ReadoutError } from './errors.ts';
import { prepareStore } from './store.ts';

const RESTART_DELAY_MS = 500;
const STOP_TIMEOUT_MS = 15_000;

/** Names the variable that tells a worker where the record is that the first process has prepared. */
export const STORE_URL_VARIABLE = 'READOUT_STORE_URL';

export interface Workers {
  /** `http://127.0.0.1:4000`, once the first worker serves. */
  readonly origin: string;
  readonly recorderToken: { token: string; isNew: boolean } | null;
  stop(): Promise<void>;
}

/** What a worker tells the first process when it serves. */
export interface Serving {
  readonly origin: string;
  readonly recorderToken: { token: string; isNew: boolean } | null;
}

/**
 * Prepares the record and serves it with several processes on one port. A worker that ends unexpectedly is replaced.
 * @throws ReadoutError START_FAILED where the first worker can't serve; it has said why itself.
 */
export async function startWorkers(options: AppOptions): Promise<Workers> {
  const { config, notice } = options;
  const store = await prepareStore(options);
  const env = { [STORE_URL_VARIABLE]: store.url };
  let stopping = false;
  cluster.on('exit', (worker, code, signal) => {
    if (stopping) return;
    notice(`Worker ${worker.process.pid} ended (${signal || code}) and is replaced.`);
    setTimeout(() => !stopping && cluster.fork(env), RESTART_DELAY_MS);
  });
  const first = await firstServing(cluster.fork(env)).catch(async (error: unknown) => {
    stopping = true;
    await store.stop();
    throw error;
  });
  for (let i = 1; i < config.workers; i += 1) cluster.fork(env);
  const stop = async (): Promise<void> => {
    stopping = true;
    const ended = Object.values(cluster.workers ?? {}).map((worker) => endWorker(worker as Worker));
    await Promise.all(ended);
    await store.stop();
  };
  return { ...first, stop };
}

function firstServing(worker: Worker): Promise<Serving> {
  return new Promise((resolve, reject) => {
    worker.once('message', (serving: Serving) => resolve(serving));
    worker.once('exit', () =>
      reject(new ReadoutError('START_FAILED', 'The first worker ended before it served.')),
    );
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
