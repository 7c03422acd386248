import cluster from 'node:cluster';
import { once } from 'node:events';
import type { AppOptions } from './app/setup.ts';
import { answerSnapshots, scrapeWorkers } from './app/workerMetrics.ts';
import { type ServiceInfo, serve, startApp } from './app.ts';
import { ReadoutError } from './base/errors.ts';
import { Progress, type ProgressState } from './base/progress.ts';
import { type Config, loadConfig } from './config/config.ts';
import { VERSION } from './config/version.ts';
import { recorderTokenFile } from './domain/access/recorder.ts';
import { describeError } from './http/errors.ts';
import { type OperatorLog, openOperatorLog } from './observe/operatorLog.ts';
import { passwordsOf, redactor } from './observe/redaction.ts';
import type { Tracing } from './observe/tracing.ts';
import { STORE_URL_VARIABLE, startWorkers } from './workers.ts';

const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;

/** What the operator reads when the service has started. */
function summary(config: Config, { origin, recorderToken }: ServiceInfo): string {
  const lines = [
    `Endpoint   ${origin}/graphql   POST${config.explore ? '; the schema is at /schema.graphql' : ''}`,
    `Follow     ${origin}/live      server-sent events; over WebSocket at the endpoint`,
  ];
  if (config.explore) lines.unshift(...graphiqlLines(origin, recorderToken));
  lines.unshift(`Read       ${origin}/   in a browser: the statements, compared and live`);
  if (recorderToken !== null) {
    lines.push(`Record     with “Authorization: Bearer ${recorderToken}”`);
  } else if (config.recorderToken !== undefined) {
    lines.push('Record     with the recorder’s token');
  } else {
    lines.push('Record     with a token: npm run token -- create --name NAME --role recorder');
  }
  const processes = config.workers > 1 ? ` with ${config.workers} processes` : '';
  return `\nReadout is ready${processes}.\n\n${lines.map((line) => `  ${line}`).join('\n')}\n\nCtrl-C stops it.`;
}

/** The token is in the fragment, because browsers don't send fragments to servers. */
function graphiqlLines(origin: string, recorderToken: string | null): string[] {
  if (recorderToken === null) return [`GraphiQL   ${origin}/graphql   in a browser: examples to try`];
  return [
    `GraphiQL   ${origin}/graphql#token=${encodeURIComponent(recorderToken)}`,
    '           in a browser: examples to try. It lets anyone record, so keep it secret.',
  ];
}

/**
 * Stops the service at the first signal. A second Ctrl-C exits at once.
 * @returns a function that stops the service without a signal and exits with a code.
 */
function stopOnSignal(stop: () => Promise<void>, { notice, report }: AppOptions): (exitCode: number) => void {
  const onSignal = (): void => leave(0);
  const leave = (exitCode: number): void => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.once('SIGINT', () => process.exit(EXIT_INTERRUPTED));
    notice('Stopping …');
    stop().then(
      () => {
        notice('Stopped.');
        process.exit(exitCode);
      },
      (error: unknown) => {
        report(error, 'stop');
        process.exit(EXIT_FAILED);
      },
    );
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return leave;
}

/** Serves as one of several processes. Ctrl-C reaches this process, too, but the first process stops it. */
async function runWorker(options: AppOptions, url: string): Promise<void> {
  process.on('SIGINT', () => undefined);
  const app = await serve({ ...options, scrape: scrapeWorkers }, url);
  answerSnapshots(app.snapshot);
  const leave = (): void =>
    void app
      .stop()
      .finally(leaveCluster)
      .then(
        () => process.exit(0),
        () => process.exit(EXIT_FAILED), // the app has reported the reason
      );
  process.on('SIGTERM', leave);
  process.on('disconnect', leave);
  const { origin, recorderToken } = app;
  process.send?.({ origin, recorderToken } satisfies ServiceInfo);
}

/**
 * Waits until the first process gives this worker no more connections. A connection that is handed to a process while it exits is never
 * answered.
 */
async function leaveCluster(): Promise<void> {
  if (!process.connected) return;
  const left = once(process, 'disconnect');
  cluster.worker?.disconnect();
  await left;
}

/** Opens the log that the settings ask for. */
function openLogOf({ log, databaseUrl, recorderToken, metrics }: Config): Promise<OperatorLog> {
  const redact = redactor([...passwordsOf(databaseUrl), recorderToken, metrics.token]);
  return openOperatorLog({ ...log, format: formatOf(log.format), redact });
}

/** Loads the libraries for traces only where the operator wants traces. The first of several processes has none to send. */
async function tracingOf({ tracing, workers }: Config): Promise<Tracing | null> {
  if (tracing === null || (workers > 1 && !cluster.isWorker)) return null;
  const { startTracing } = await import('./observe/openTelemetry.ts');
  return startTracing({ ...tracing, version: VERSION });
}

/** `auto` is text on a terminal. */
function formatOf(format: string | undefined): 'json' | 'text' {
  if (format === 'json' || format === 'text') return format;
  return process.stdout.isTTY ? 'text' : 'json';
}

/** Says that the service has started. A person gets the addresses to try, the log of a machine only where the service is. */
function announce(config: Config, service: ServiceInfo, log: OperatorLog): void {
  if (formatOf(config.log.format) === 'text') {
    console.log(summary(config, service));
    return;
  }
  const { origin, recorderToken } = service;
  log.notice('Readout is ready.', {
    ...{ origin, endpoint: `${origin}/graphql`, live: `${origin}/live`, processes: config.workers },
    // A log is read by more people than may record, so it only says where the token is.
    ...(recorderToken !== null && { recorderTokenFile: recorderTokenFile(config.dataDir) }),
  });
}

async function main(): Promise<void> {
  const { config, notices } = loadConfig(process.env);
  const log = await openLogOf(config);
  const options: AppOptions = {
    config,
    notice: log.notice,
    report: (error, reference) => log.report(describeError(error), reference),
    logOperation: log.operation,
    tracing: await tracingOf(config),
  };
  try {
    await run(options, notices, log);
  } catch (error) {
    fail(error, formatOf(config.log.format) === 'text' ? null : log);
  }
}

async function run(options: AppOptions, notices: readonly string[], log: OperatorLog): Promise<void> {
  const { config } = options;
  const storeUrl = process.env[STORE_URL_VARIABLE];
  if (cluster.isWorker && storeUrl) return runWorker(options, storeUrl);
  for (const notice of notices) log.notice(notice);
  const onGiveUp = (error: ReadoutError): void => {
    log.fatal(error.message);
    leave(EXIT_FAILED);
  };
  const progress = new Progress(process.stderr);
  const onProgress = (state: ProgressState): void => progress.at(state);
  const start =
    config.workers > 1
      ? startWorkers({ ...options, onProgress, onGiveUp })
      : startApp({ ...options, onProgress });
  const service = await start.finally(() => progress.end());
  process.on('SIGUSR2', () => {
    if ('restart' in service) void service.restart();
    else log.notice('SIGUSR2 restarts workers one after the other, and there is one process. Set WORKERS.');
  });
  const leave = stopOnSignal(service.stop, options);
  announce(config, service, log);
}

/** Ends the process with the reason. @param log null to write it as plain text. */
function fail(error: unknown, log: Pick<OperatorLog, 'fatal'> | null): void {
  const reason = error instanceof ReadoutError ? error.message : error;
  if (log) log.fatal(error instanceof ReadoutError ? error.message : describeError(error));
  else console.error(reason);
  process.exit(EXIT_FAILED);
}

main().catch((error: unknown) => fail(error, null)); // the settings can't be used, so there is no log
