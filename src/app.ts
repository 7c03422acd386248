import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import { Canceller } from './db/cancellation.ts';
import { type Database, openDatabase, openSidePool } from './db/client.ts';
import { DatabaseWatch } from './db/watch.ts';
import { webRoute } from './http/assets.ts';
import { TokenAuth } from './http/auth.ts';
import { Bodies } from './http/bodies.ts';
import { ClientAddresses } from './http/clientAddress.ts';
import { Connections, limitConnections } from './http/connections.ts';
import { maskErrors, type ReportError } from './http/errors.ts';
import { type Batch, marksOfEntry, newBatch } from './http/feed.ts';
import { graphiqlRoute } from './http/graphiqlRoute.ts';
import { graphqlRoute } from './http/graphqlRoute.ts';
import { Guard } from './http/guard.ts';
import { JsonBodies } from './http/jsonBodies.ts';
import { Live } from './http/live.ts';
import { Load, unavailable } from './http/load.ts';
import { MemoryBudget } from './http/memory.ts';
import { healthRoutes, sdlRoute } from './http/pages.ts';
import { Rate } from './http/rate.ts';
import { type HttpServer, startHttpServer } from './http/server.ts';
import { Sessions } from './http/sessions.ts';
import { ServerSentEvents } from './http/sse.ts';
import { readManifest } from './http/trusted.ts';
import { UnreadAnswers } from './http/unread.ts';
import { WebSockets } from './http/websocket.ts';
import { createGraphql, GRAPHQL_PATH } from './http/yoga.ts';
import { readLog } from './log/change.ts';
import { Hub } from './log/hub.ts';
import { Tailer } from './log/tailer.ts';
import { Catalog } from './read/catalog.ts';
import { ownRecorderToken, type RecorderToken, setRecorderToken } from './recorderToken.ts';
import { connect, prepareStore } from './store.ts';

/** Where the reader page is built to. */
const WEB_DIR = fileURLToPath(new URL('../dist/web', import.meta.url));
const HTTP_GRACE_MS = 5_000;
/** Of the connections to PostgreSQL, those kept for what is delivered to subscribers. */
const LIVE_CONNECTIONS_MAX = 2;
/** How long a stop waits for what is committed to be delivered. */
const DRAIN_TIMEOUT_MS = 3_000;

/** A running service. */
export interface App {
  /** `http://127.0.0.1:4000` */
  readonly origin: string;
  readonly db: Database;
  /** What subscribers are served from. */
  readonly liveDb: Database;
  readonly http: HttpServer;
  readonly tailer: Tailer;
  readonly hub: Hub<Batch>;
  /** What is held for clients. */
  readonly memory: MemoryBudget;
  readonly recorderToken: RecorderToken | null;
  /** Stops what was started, in reverse; once, however often it is called. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  /** Told in a sentence of what the operator should know. */
  readonly notice: (message: string) => void;
  readonly report: ReportError;
}

/** What was started, to be stopped in reverse. */
type Stops = (() => Promise<unknown>)[];

/** Serves a prepared record; everything is constructed here and nowhere else. */
export async function serve({ config, notice, report }: AppOptions, url: string): Promise<App> {
  const stops: Stops = [];
  try {
    const { limits, limitsSet } = config;
    const databaseOptions = {
      url,
      statementTimeoutMs: config.statementTimeoutMs,
      onConnectionError: (error: Error) =>
        notice(`A connection to PostgreSQL broke and is replaced: ${error.message}`),
    };
    const liveMax = Math.max(1, Math.min(LIVE_CONNECTIONS_MAX, Math.floor(config.poolMax / 4)));
    const db = openDatabase({
      ...databaseOptions,
      poolMax: config.poolMax - liveMax,
      waitMs: limits.QUEUE_WAIT_MS,
    });
    stops.push(() => db.close());
    // Subscribers are served from connections that no query can take from them.
    const liveDb = openDatabase({ ...databaseOptions, poolMax: liveMax });
    stops.push(() => liveDb.close());
    const sidePool = openSidePool(url);
    stops.push(() => sidePool.end());
    const recorderToken = await connect(url, () => findRecorderToken(config, db));

    const catalog = new Catalog();
    const rate = new Rate(limits.COST_PER_MINUTE);
    const tailer: Tailer = new Tailer({
      db,
      onEntries: (entries) => {
        catalog.apply(entries);
        hub.publish(entries);
      },
      onEpoch: (head) => {
        catalog.clear();
        hub.resync(head);
      },
      notice,
    });
    await connect(url, () => tailer.start());
    stops.push(() => tailer.stop());
    await connect(url, () => catalog.fill(db));
    const hub: Hub<Batch> = new Hub<Batch>({
      newBatch: () => newBatch(liveDb, catalog),
      marksOf: (entry) => marksOfEntry(entry, catalog.tree),
      charge: (holder, points) => rate.settle(holder, points).within,
      readEntries: async (...range) => (await readLog(liveDb.pool, ...range)).entries,
      head: () => tailer.head,
      report: (error) => report(error, 'hub'),
    });

    const hideSuggestions = !config.explore;
    const mask = maskErrors(report, { hideSuggestions });
    const load = new Load(limits);
    load.start();
    stops.push(async () => load.stop());
    const watch: DatabaseWatch = new DatabaseWatch({
      pool: sidePool,
      notice,
      onAway: () =>
        guard.stopAll(unavailable('The database does not answer at the moment. Try again shortly.')),
    });
    watch.start();
    stops.push(() => watch.stop());
    const trusted = config.trustedDocuments === undefined ? null : readManifest(config.trustedDocuments);
    if (trusted) notice(`Without a token only ${trusted.count} operations can be run.`);
    const guard = new Guard({
      limits,
      load,
      watch,
      canceller: new Canceller(sidePool),
      trusted,
      explore: config.explore,
      rate,
      countsLocal: limitsSet.has('COST_PER_MINUTE'),
    });
    const addresses = new ClientAddresses(config.trustProxy);
    const connections = new Connections(limits, limitsSet.has('SOCKETS_PER_ADDRESS_MAX'));

    const auth = new TokenAuth(db);
    const sessions = new Sessions(auth, (error) => report(error, 'sessions'));
    stops.push(async () => sessions.stop());
    const { jwt, readersNeedToken, corsOrigins, explore } = config;
    const memory = new MemoryBudget(limits);
    const unread = new UnreadAnswers(limits.WRITE_TIMEOUT_MS);
    stops.push(async () => unread.stop());
    const json = new JsonBodies();
    stops.push(() => json.stop());
    const graphql = createGraphql({
      ...{ db, tailer, catalog, auth, jwt, readersNeedToken, report },
      ...{ guard, trusted, hideSuggestions, bodyBytesMax: limits.BODY_BYTES_MAX },
    });
    const live = new Live({ graphql: graphql.yoga, hub, tailer, mask, guard, trusted, memory });
    const bodies = new Bodies({
      ...{ memory, json },
      bytesMax: limits.BODY_BYTES_MAX,
      anonymousBytesMax: limits.BODY_ANONYMOUS_BYTES_MAX,
      hasToken: async ({ headers: { authorization } }) => {
        if (authorization === undefined) return false;
        const request = { headers: new Headers({ authorization }) };
        const identity = await live.identify({ request: request as unknown as Request }).catch(() => null);
        return identity !== null && identity.role !== null;
      },
    });
    const sse = new ServerSentEvents({ live, sessions, mask, addresses, connections, bodies, unread });
    const graphiql = graphiqlRoute({
      path: GRAPHQL_PATH,
      token: recorderToken?.token,
      isPublic: !readersNeedToken,
      addresses,
    });
    const http = await startHttpServer({
      port: config.port,
      host: config.host,
      corsOrigins,
      routes: [
        sse.route(GRAPHQL_PATH),
        ...(explore ? [graphiql] : []),
        graphqlRoute({
          ...{ path: GRAPHQL_PATH, graphql, guard, tailer, addresses, bodies, unread, mask },
          cacheBytesMax: limits.CACHE_BYTES_MAX,
        }),
        healthRoutes({ db, watch, load }),
        ...(explore ? [sdlRoute()] : []),
        webRoute(WEB_DIR),
      ],
      report: (error) => report(error, 'http'),
    });
    // Each WebSocket and event stream has a connection, so the limit on these is never below the limit on those.
    limitConnections(
      http.server,
      addresses,
      limits.CONNECTIONS_PER_ADDRESS_MAX + limits.SOCKETS_PER_ADDRESS_MAX,
    );
    const sockets = new WebSockets({
      server: http.server,
      path: GRAPHQL_PATH,
      live,
      sessions,
      identify: (connectionParams) => live.identify({ connectionParams }),
      mask,
      ...{ guard, addresses, connections, corsOrigins, memory, unread },
    });
    stops.push(async () => {
      sockets.refuseNew();
      sse.refuseNew();
      await tailer.catchUp(DRAIN_TIMEOUT_MS).catch((error: unknown) => report(error, 'stop'));
      await hub.drain(DRAIN_TIMEOUT_MS);
      sse.stop();
      await sockets.stop();
      await http.stop(HTTP_GRACE_MS);
    });
    let stopping: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopping ??= stopAll(stops);
      return stopping;
    };
    return { origin: http.origin, db, liveDb, http, tailer, hub, memory, recorderToken, stop };
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

/** Prepares the record and serves it, in one process. */
export async function startApp(options: AppOptions): Promise<App> {
  const store = await prepareStore(options);
  try {
    const app = await serve(options, store.url);
    const stop = async (): Promise<void> => {
      await app.stop();
      await store.stop();
    };
    return { ...app, stop };
  } catch (error) {
    await store.stop();
    throw error;
  }
}

async function stopAll(stops: Stops): Promise<void> {
  for (let step = stops.pop(); step; step = stops.pop()) await step();
}

async function findRecorderToken(config: Config, db: Database): Promise<RecorderToken | null> {
  if (config.recorderToken !== undefined) return setRecorderToken(db.prisma, config.recorderToken);
  return config.databaseUrl === undefined ? ownRecorderToken(db.prisma, config.dataDir) : null;
}
