import { type Budgets, openBudgets } from './app/budgets.ts';
import { type Databases, openDatabases } from './app/databases.ts';
import { createGuards, type Guards } from './app/guards.ts';
import { followLog, type Log } from './app/log.ts';
import type { ProcessMetrics } from './app/metrics.ts';
import { createOperations } from './app/operations.ts';
import { type Servers, startServers } from './app/servers.ts';
import type { AppOptions, Setup } from './app/setup.ts';
import { addDrainSteps, STOP_STEPS_MS } from './app/stop.ts';
import { Stops } from './base/stops.ts';
import type { Config } from './config/config.ts';
import type { Database } from './db/client.ts';
import { ownRecorderToken, setRecorderToken } from './domain/access/recorder.ts';
import { METRICS_PATH, type MetricsServer, startMetricsServer } from './http/server/metrics.ts';
import type { Snapshot } from './observe/metric.ts';
import { OperationObserver } from './observe/operations.ts';
import { prepareStore, usingDatabase } from './store.ts';

/** How to use a running service. A worker sends it to the first process. */
export interface ServiceInfo {
  /** `http://127.0.0.1:4000` */
  readonly origin: string;
  /** A recorder's token that the service has created, for the operator; null where it has created none. */
  readonly recorderToken: string | null;
}

/** A running service, in one process or several. */
export interface Service extends ServiceInfo {
  /** Stops everything in reverse order. Further calls return the same promise. */
  stop(): Promise<void>;
}

/** A running service in this process, with the parts that are constructed here. */
export interface App extends Service, Budgets, Databases, Log, Guards, Servers {
  /** The metrics in the text format of Prometheus. */
  scrape(): Promise<string>;
  /** The metrics of this process. */
  snapshot(): Promise<Snapshot>;
}

/**
 * Serves a prepared database. This function constructs the service: each function of `app/` makes one part from the parts before it, and
 * adds the steps that stop it. A stop runs these steps in reverse order.
 * @throws ReadoutError START_FAILED where the service can't start. What has started is stopped again.
 */
export async function serve(options: AppOptions, url: string): Promise<App> {
  const stops = new Stops(STOP_STEPS_MS, (error, step) => options.report(error, `stop: ${step}`));
  const { logOperation = null, tracing = null } = options;
  if (tracing) stops.add('traces', () => tracing.stop());
  const observer = new OperationObserver(logOperation, tracing);
  const setup: Setup = { ...options, url, stops, observer };
  let metrics: ProcessMetrics | null = null;
  const snapshot = async (): Promise<Snapshot> => (await metrics?.snapshot()) ?? [];
  const scrape = options.scrape ?? (async () => (await metrics?.text()) ?? '');
  try {
    const budgets = openBudgets(setup);
    const databases = await openDatabases(setup, budgets);
    const recorderToken = await usingDatabase(url, () => findRecorderToken(setup.config, databases.db));
    const log = await followLog(setup, budgets, databases);
    const guards = createGuards(setup, budgets, databases);
    const operations = createOperations(setup, budgets, databases, log, guards);
    const servers = await startServers(setup, scrape, budgets, databases, log, guards, operations);
    addDrainSteps(stops, { ...budgets, ...log, ...guards, ...servers, report: options.report });
    if (isMetered(options.config)) {
      const parts = { ...budgets, ...databases, ...log, ...guards, ...operations, ...servers };
      const { openMetrics } = await import('./app/metrics.ts');
      metrics = openMetrics(observer, parts);
    }
    const { origin } = servers.http;
    const stop = (): Promise<void> => stops.run();
    return {
      origin,
      recorderToken,
      stop,
      scrape,
      snapshot,
      ...budgets,
      ...databases,
      ...log,
      ...guards,
      ...servers,
    };
  } catch (error) {
    await stops.run().catch(() => undefined); // already reported; the first error is the one to throw
    throw error;
  }
}

/** Prepares the database and serves it in this process. */
export async function startApp(options: AppOptions): Promise<App> {
  const store = await prepareStore(options);
  try {
    const app = await serve(options, store.url);
    const metrics = await serveMetrics(options, app.scrape);
    const stop = async (): Promise<void> => {
      try {
        await app.stop();
      } finally {
        await metrics?.stop();
        await store.stop();
      }
    };
    return { ...app, stop };
  } catch (error) {
    await store.stop();
    throw error;
  }
}

/** Whether the metrics of this process can be read. If not, nothing is loaded for them. */
function isMetered({ metrics: { port, token } }: Config): boolean {
  return port !== undefined || token !== undefined;
}

/** Serves the metrics at a separate address, if the operator has set one. @throws ReadoutError START_FAILED */
export async function serveMetrics(
  { config: { metrics }, notice, report }: AppOptions,
  scrape: () => Promise<string>,
): Promise<MetricsServer | null> {
  const { port, address, token } = metrics;
  if (port === undefined) return null;
  const server = await startMetricsServer({ port, address, token, scrape, report });
  notice(`Metrics are at ${server.origin}${METRICS_PATH}.`);
  return server;
}

async function findRecorderToken(config: Config, db: Database): Promise<string | null> {
  if (config.recorderToken !== undefined) {
    await setRecorderToken(db.prisma, config.recorderToken);
    return null;
  }
  return config.databaseUrl === undefined ? ownRecorderToken(db.prisma, config.dataDir) : null;
}
