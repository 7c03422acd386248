import type { Config } from './config.ts';
import { type Database, openDatabase } from './db/client.ts';
import { startEmbeddedServer } from './db/embedded/server.ts';
import { migrate } from './db/migrate.ts';
import { ReadoutError } from './errors.ts';
import type { ReportError } from './http/errors.ts';
import { healthRoutes, sdlRoute } from './http/pages.ts';
import { type HttpServer, type Route, startHttpServer } from './http/server.ts';
import { createGraphql, GRAPHQL_PATH } from './http/yoga.ts';
import { loadSeeds } from './import/seed.ts';

const HTTP_GRACE_MS = 5_000;

/** A running service. */
export interface App {
  /** `http://127.0.0.1:4000` */
  readonly origin: string;
  readonly db: Database;
  readonly http: HttpServer;
  /** Stops what was started, in reverse; once, however often it is called. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  /** Told in a sentence of what the operator should know. */
  readonly notice: (message: string) => void;
  readonly report: ReportError;
}

type Step = () => Promise<unknown>;

/** Starts the service; everything is constructed here and nowhere else. What was started stops if a later step fails. */
export async function startApp({ config, notice, report }: AppOptions): Promise<App> {
  const stops: Step[] = [];
  const stop = async (): Promise<void> => {
    for (let step = stops.pop(); step; step = stops.pop()) await step();
  };
  try {
    const url = config.databaseUrl ?? (await startOwnServer(config.dataDir, notice, stops));
    for (const name of await connect(url, () => migrate(url))) notice(`Applied the migration ${name}.`);
    const db = openDatabase({
      url,
      poolMax: config.poolMax,
      statementTimeoutMs: config.statementTimeoutMs,
      onConnectionError: (error) =>
        notice(`A connection to PostgreSQL broke and is replaced: ${error.message}`),
    });
    stops.push(() => db.close());
    if (config.seed) {
      for (const { file, added } of await loadSeeds(db.prisma)) {
        if (added > 0) notice(`Loaded ${added} things from ${file}.`);
      }
    }
    const graphql = createGraphql({ db, report });
    const graphqlRoute: Route = async (request, response, { pathname }) => {
      if (pathname !== GRAPHQL_PATH) return false;
      await graphql(request, response);
      return true;
    };
    const http = await startHttpServer({
      port: config.port,
      host: config.host,
      routes: [graphqlRoute, healthRoutes(db), sdlRoute()],
      report: (error) => report(error, 'http'),
    });
    stops.push(() => http.stop(HTTP_GRACE_MS));
    let stopping: Promise<void> | undefined;
    return {
      origin: http.origin,
      db,
      http,
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startOwnServer(
  dataDir: string,
  notice: (message: string) => void,
  stops: Step[],
): Promise<string> {
  const server = await startEmbeddedServer({ dataDir, onNotice: notice });
  stops.push(() => server.stop());
  return server.url;
}

/** Says where PostgreSQL was looked for when it does not answer. */
async function connect<T>(url: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof ReadoutError || !(error instanceof Error) || !('code' in error)) throw error;
    const { host, pathname } = new URL(url);
    throw new ReadoutError(
      'START_FAILED',
      `PostgreSQL at ${host}${pathname} can't be used: ${error.message || error.code}. Check DATABASE_URL.`,
      undefined,
      undefined,
      { cause: error },
    );
  }
}
