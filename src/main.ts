import cluster from 'node:cluster';
import type { AppOptions } from './app/setup.ts';
import { type ServiceInfo, serve, startApp } from './app.ts';
import { ReadoutError } from './base/errors.ts';
import { Progress, type ProgressState } from './base/progress.ts';
import { type Config, loadConfig } from './config/settings.ts';
import { describeError } from './http/errors.ts';
import { STORE_URL_VARIABLE, startWorkers } from './workers.ts';

const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;

const notice = (message: string): void => console.log(message);
const report = (error: unknown, reference: string): void =>
  console.error(`[${reference}] ${describeError(error)}`);

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
function stopOnSignal(stop: () => Promise<void>): (exitCode: number) => void {
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
        console.error(error);
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
  const app = await serve(options, url);
  const leave = (): void =>
    void app.stop().then(
      () => process.exit(0),
      () => process.exit(EXIT_FAILED), // the app has reported the reason
    );
  process.on('SIGTERM', leave);
  process.on('disconnect', leave);
  const { origin, recorderToken } = app;
  process.send?.({ origin, recorderToken } satisfies ServiceInfo);
}

async function main(): Promise<void> {
  const { config, notices } = loadConfig(process.env);
  const options = { config, notice, report };
  const storeUrl = process.env[STORE_URL_VARIABLE];
  if (cluster.isWorker && storeUrl) return runWorker(options, storeUrl);
  notices.forEach(notice);
  const onGiveUp = (error: ReadoutError): void => {
    console.error(error.message);
    leave(EXIT_FAILED);
  };
  const progress = new Progress(process.stderr);
  const onProgress = (state: ProgressState): void => progress.at(state);
  const start =
    config.workers > 1
      ? startWorkers({ ...options, onProgress, onGiveUp })
      : startApp({ ...options, onProgress });
  const service = await start.finally(() => progress.end());
  const leave = stopOnSignal(service.stop);
  console.log(summary(config, service));
}

main().catch((error: unknown) => {
  console.error(error instanceof ReadoutError ? error.message : error);
  process.exit(EXIT_FAILED);
});
