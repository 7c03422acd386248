import { startApp } from './app.ts';
import { parseConfig } from './config.ts';
import { ReadoutError } from './errors.ts';

const notice = (message: string): void => console.log(message);
const report = (error: unknown, reference: string): void => console.error(`[${reference}]`, error);

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const app = await startApp({ config, notice, report });
  const leave = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT') console.log('');
    console.log('Stopping …');
    process.once('SIGINT', () => process.exit(130));
    app.stop().then(
      () => {
        console.log('Stopped.');
        process.exit(0);
      },
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  console.log(`
Readout is ready.

  GraphiQL   ${app.origin}/graphql   (in a browser: examples to try)
  Endpoint   ${app.origin}/graphql   (POST; the schema is at /schema.graphql)

Ctrl-C stops it.`);
}

main().catch((error: unknown) => {
  console.error(error instanceof ReadoutError ? error.message : error);
  process.exit(1);
});
