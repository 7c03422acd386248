import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { GraphQLError } from 'graphql';
import type pg from 'pg';
import { Stops } from './base/stops.ts';
import type { Config } from './config/settings.ts';
import { Cancellation, Canceller } from './db/cancellation.ts';
import { type Database, openDatabase, openSidePool } from './db/client.ts';
import { isPooled } from './db/pooler.ts';
import { SqlClock } from './db/sqlClock.ts';
import { DatabaseWatch } from './db/watch.ts';
import { ownRecorderToken, setRecorderToken } from './domain/access/recorder.ts';
import { Bodies } from './http/body/bodies.ts';
import { JsonBodies } from './http/body/json.ts';
import { ClientAddresses } from './http/client/address.ts';
import { TokenAuth } from './http/client/auth.ts';
import { JwtIssuer } from './http/client/jwt.ts';
import { sourceRequest } from './http/client/operation.ts';
import { Sessions } from './http/client/sessions.ts';
import { budgetOf } from './http/cost/budget.ts';
import { Rate } from './http/cost/rate.ts';
import { maskErrors, type ReportError } from './http/errors.ts';
import { ResponseCache } from './http/graphql/cache.ts';
import { Execution } from './http/graphql/execution.ts';
import { graphqlRoute } from './http/graphql/route.ts';
import { createGraphql, type Graphql } from './http/graphql/yoga.ts';
import { Guard } from './http/limits/guard.ts';
import { RunningOperations } from './http/limits/running.ts';
import { readManifest, type TrustedDocuments } from './http/limits/trusted.ts';
import { type Batch, marksOfEntry, newBatch } from './http/live/feed.ts';
import { Live } from './http/live/live.ts';
import { Resumption } from './http/live/resumption.ts';
import { ServerSentEvents } from './http/live/sse/sse.ts';
import { WebSockets } from './http/live/websocket/websocket.ts';
import { Crowd } from './http/load/crowd.ts';
import { Load, unavailable } from './http/load/load.ts';
import { MemoryBudget } from './http/load/memory.ts';
import { Connections, limitConnections } from './http/load/sockets.ts';
import { Turns } from './http/load/turns.ts';
import { UnreadAnswers } from './http/load/unread.ts';
import { isProbe, requestCharge } from './http/server/charge.ts';
import { graphiqlRoute } from './http/server/graphiql.ts';
import { GRAPHQL_PATH } from './http/server/headers.ts';
import { healthRoutes, sdlRoute } from './http/server/health.ts';
import { type HttpServer, startHttpServer } from './http/server/server.ts';
import { StaticFiles, webRoute } from './http/server/static.ts';
import { readLog } from './log/change.ts';
import { Growth } from './log/growth.ts';
import { readDigest } from './log/head.ts';
import { Hub } from './log/hub/hub.ts';
import { Tailer } from './log/tailer.ts';
import { Catalog } from './read/memory/catalog.ts';
import { schema } from './schema/schema.ts';
import { addDrainSteps, STOP_STEPS_MS, type StopStep } from './stop.ts';
import { connect, prepareStore } from './store.ts';

/** Where the reader page is built to. */
const WEB_DIR = fileURLToPath(new URL('../dist/web', import.meta.url));
/** Connections to PostgreSQL that serve subscribers. Queries can't use them. */
const LIVE_CONNECTIONS_MAX = 2;
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
export interface App extends Service, Budgets, Databases, Log, Guarding, Servers {}

export interface AppOptions {
  readonly config: Config;
  /** Receives messages to the operator, in whole sentences. */
  readonly notice: (message: string) => void;
  readonly report: ReportError;
}

/** What each part of the service is constructed with. */
interface Setup extends AppOptions {
  readonly url: string;
  readonly stops: Stops<StopStep>;
}

/**
 * Serves a prepared database. Everything is constructed in this file: each function below makes one part of the service from
 * the parts before it, and adds the steps that stop it. The steps of a stop run in reverse order.
 * @throws ReadoutError START_FAILED where the service can't start. What has started is stopped again.
 */
export async function serve(options: AppOptions, url: string): Promise<App> {
  const stops = new Stops(STOP_STEPS_MS, (error, step) => options.report(error, `stop: ${step}`));
  const setup: Setup = { ...options, url, stops };
  try {
    const budgets = openBudgets(setup);
    const databases = await openDatabases(setup, budgets);
    const recorderToken = await connect(url, () => findRecorderToken(setup.config, databases.db));
    const log = await followLog(setup, budgets, databases);
    const guarding = guardOperations(setup, budgets, databases);
    const execution = executeOperations(setup, budgets, databases, log, guarding);
    const servers = await serveClients(setup, budgets, databases, log, guarding, execution);
    addDrainSteps(stops, { ...budgets, ...log, ...guarding, ...servers, report: options.report });
    const { origin } = servers.http;
    const stop = (): Promise<void> => stops.run();
    return { origin, recorderToken, stop, ...budgets, ...databases, ...log, ...guarding, ...servers };
  } catch (error) {
    await stops.run().catch(() => undefined); // already reported; the first error is the one to throw
    throw error;
  }
}

/** What clients share: points, turns and memory. */
interface Budgets {
  readonly crowd: Crowd;
  readonly rate: Rate;
  readonly turns: Turns;
  /** The memory that clients hold. */
  readonly memory: MemoryBudget;
  readonly connections: Connections;
}

function openBudgets({ config: { limits } }: Setup): Budgets {
  const crowd = new Crowd();
  const rate = new Rate((key) => budgetOf(key, limits).max);
  const turns = new Turns({ waitMs: limits.QUEUE_WAIT_MS, crowd });
  return { crowd, rate, turns, memory: new MemoryBudget(limits), connections: new Connections(limits) };
}

interface Databases {
  readonly db: Database;
  /** Connections that serve subscribers. */
  readonly liveDb: Database;
  /** Connections that check PostgreSQL and cancel SQL. */
  readonly sidePool: pg.Pool;
  readonly canceller: Canceller;
}

async function openDatabases({ config, notice, url, stops }: Setup, { crowd }: Budgets): Promise<Databases> {
  const options = {
    url,
    statementTimeoutMs: config.statementTimeoutMs,
    onConnectionError: (error: Error) =>
      notice(`A connection to PostgreSQL broke and is replaced: ${error.message}`),
  };
  const liveMax = Math.max(1, Math.min(LIVE_CONNECTIONS_MAX, Math.floor(config.poolMax / 4)));
  const db = openDatabase({
    ...options,
    isAlone: () => crowd.isAlone,
    poolMax: config.poolMax - liveMax,
    waitMs: config.limits.QUEUE_WAIT_MS,
  });
  stops.add('connections', () => db.close());
  const liveDb = openDatabase({ ...options, poolMax: liveMax });
  stops.add('connections for subscribers', () => liveDb.close());
  const sidePool = openSidePool(url);
  stops.add('side connections', () => sidePool.end());
  if (await connect(url, () => isPooled(db))) {
    notice(
      'There is a pooler before PostgreSQL, so queries can’t be cancelled; they run until their timeout. Connect directly, or let the pooler pool sessions (docs/operating.md, “A PostgreSQL of your own”).',
    );
  }
  return { db, liveDb, sidePool, canceller: new Canceller(sidePool, new SqlClock()) };
}

/** The log, and everything in this process that follows it. */
interface Log {
  readonly tailer: Tailer;
  readonly catalog: Catalog;
  readonly hub: Hub<Batch>;
  readonly growth: Growth;
}

async function followLog(setup: Setup, { rate, turns }: Budgets, databases: Databases): Promise<Log> {
  const { config, notice, report, url, stops } = setup;
  const { db, liveDb, canceller } = databases;
  const catalog = new Catalog();
  const growth = new Growth({ url, notice });
  const tailer: Tailer = new Tailer({
    db,
    onEntries: (entries) => {
      catalog.apply(entries);
      hub.publish(entries);
      growth.reached(tailer.head.position);
    },
    onHistory: (head) => {
      catalog.clear();
      hub.resync(head);
    },
    notice,
  });
  stops.add('log', () => Promise.all([tailer.stop(), growth.stop()]));
  const hub: Hub<Batch> = new Hub<Batch>({
    newBatch: () => newBatch(liveDb, catalog, () => new Cancellation(canceller)),
    marksOf: (entry) => marksOfEntry(entry, catalog.tree),
    charge: (payer, points) => {
      turns.charge(payer, points);
      return rate.settle(payer, points).within;
    },
    budgetOf: (payer) => budgetOf(payer, config.limits),
    readPage: (...range) => readLog(liveDb.pool, ...range),
    head: () => tailer.head,
    report: (error) => report(error, 'hub'),
  });
  // From here on the tailer publishes changes, so everything that receives them is constructed above.
  await connect(url, () => tailer.start());
  growth.reached(tailer.head.position);
  await connect(url, () => catalog.fill(db));
  return { tailer, catalog, hub, growth };
}

/** What decides whether, when and for how long a request is served. */
interface Guarding {
  readonly addresses: ClientAddresses;
  readonly auth: TokenAuth;
  readonly sessions: Sessions;
  readonly trusted: TrustedDocuments | null;
  readonly load: Load;
  readonly watch: DatabaseWatch;
  readonly running: RunningOperations;
  readonly guard: Guard;
  readonly unread: UnreadAnswers;
}

function guardOperations(setup: Setup, { rate, turns }: Budgets, databases: Databases): Guarding {
  const { config, notice, report, stops } = setup;
  const { limits, explore, trustProxy, exemptAddresses: exempt, jwt, readersNeedToken } = config;
  const { db, sidePool, canceller } = databases;
  const running = new RunningOperations();
  const load = new Load(limits);
  load.start();
  stops.add('load', () => load.stop());
  const watch = new DatabaseWatch({
    pool: sidePool,
    notice,
    onAway: () =>
      running.stopAll(unavailable('The database does not answer at the moment. Try again shortly.')),
  });
  watch.start();
  stops.add('watch', () => watch.stop());
  const trusted = config.trustedDocuments === undefined ? null : readManifest(config.trustedDocuments);
  if (trusted) notice(`Without a token only ${trusted.count} operations can be run.`);
  const issuer = jwt && new JwtIssuer({ ...jwt, report });
  const auth = new TokenAuth(db, { issuer, readersNeedToken });
  const sessions = new Sessions(auth, (error) => report(error, 'sessions'));
  stops.add('sessions', () => sessions.stop());
  const guard = new Guard({
    ...{ limits, load, watch, running, canceller, trusted, explore, rate, turns },
    tokens: auth,
  });
  const addresses = new ClientAddresses({ trustProxy, exempt, notice });
  const unread = new UnreadAnswers(limits.WRITE_TIMEOUT_MS);
  return { addresses, auth, sessions, trusted, load, watch, running, guard, unread };
}

/** What runs operations, whichever transport they come by. */
interface Executing {
  readonly graphql: Graphql;
  readonly live: Live;
  readonly mask: (error: unknown) => GraphQLError;
}

function executeOperations(
  { config, report }: Setup,
  { turns, memory }: Budgets,
  { db, liveDb }: Databases,
  { tailer, catalog, hub }: Log,
  { auth, guard, trusted }: Guarding,
): Executing {
  const hideSuggestions = !config.explore;
  const mask = maskErrors(report, { hideSuggestions });
  const graphql = createGraphql({
    ...{ db, tailer, catalog, auth, report },
    ...{ guard, trusted, hideSuggestions, bodyBytesMax: config.limits.BODY_BYTES_MAX },
  });
  const resumption = new Resumption({
    tailer,
    readDigest: (position) => readDigest(liveDb.pool, position),
  });
  const live = new Live({
    ...{ graphql: graphql.yoga, auth, hub, resumption, mask, turns, guard, trusted, memory },
    execution: new Execution(schema),
  });
  return { graphql, live, mask };
}

/** What listens for clients. */
interface Servers {
  readonly http: HttpServer;
  readonly sse: ServerSentEvents;
  readonly sockets: WebSockets;
  readonly json: JsonBodies;
  /** Answers to anonymous queries. */
  readonly cache: ResponseCache;
}

async function serveClients(
  { config, report }: Setup,
  { turns, memory, connections }: Budgets,
  { db }: Databases,
  { tailer }: Log,
  { addresses, auth, sessions, load, watch, guard, unread }: Guarding,
  { graphql, live, mask }: Executing,
): Promise<Servers> {
  const { port, host, limits, corsOrigins, explore, readersNeedToken } = config;
  const path = GRAPHQL_PATH;
  const json = new JsonBodies();
  const bodies = new Bodies({
    ...{ memory, json },
    bytesMax: limits.BODY_BYTES_MAX,
    anonymousBytesMax: limits.BODY_ANONYMOUS_BYTES_MAX,
    hasToken: (request) => hasToken(request, addresses, auth),
  });
  const sse = new ServerSentEvents({
    ...{ live, sessions, mask, guard, addresses, connections, bodies, unread },
  });
  const files = new StaticFiles(WEB_DIR);
  const cache = new ResponseCache(limits.CACHE_BYTES_MAX, () => tailer.head);
  const http = await startHttpServer({
    ...{ port, host, addresses, turns, isProbe, memory, unread, corsOrigins },
    charge: requestCharge({ guard, addresses }),
    routes: [
      sse.route(path),
      ...(explore ? [graphiqlRoute({ path, files, readersNeedToken })] : []),
      graphqlRoute({ path, graphql, guard, tailer, addresses, bodies, unread, cache, mask }),
      healthRoutes({ db, watch, load }),
      ...(explore ? [sdlRoute({ auth, guard, addresses, mask })] : []),
      webRoute(files),
    ],
    report: (error) => report(error, 'http'),
  });
  // Each WebSocket and event stream needs a connection, so this limit includes SOCKETS_PER_ADDRESS_MAX.
  const connectionsMax = limits.CONNECTIONS_PER_ADDRESS_MAX + limits.SOCKETS_PER_ADDRESS_MAX;
  limitConnections(http.server, addresses, connectionsMax);
  const sockets = new WebSockets({
    ...{ server: http.server, path, live, sessions, mask },
    ...{ guard, addresses, connections, corsOrigins, memory, unread },
  });
  return { http, sse, sockets, json, cache };
}

/** Prepares the database and serves it in this process. */
export async function startApp(options: AppOptions): Promise<App> {
  const store = await prepareStore(options);
  try {
    const app = await serve(options, store.url);
    const stop = async (): Promise<void> => {
      try {
        await app.stop();
      } finally {
        await store.stop();
      }
    };
    return { ...app, stop };
  } catch (error) {
    await store.stop();
    throw error;
  }
}

async function findRecorderToken(config: Config, db: Database): Promise<string | null> {
  if (config.recorderToken !== undefined) {
    await setRecorderToken(db.prisma, config.recorderToken);
    return null;
  }
  return config.databaseUrl === undefined ? ownRecorderToken(db.prisma, config.dataDir) : null;
}

/** Whether a request has a valid token. */
async function hasToken(
  request: IncomingMessage,
  addresses: ClientAddresses,
  auth: TokenAuth,
): Promise<boolean> {
  if (request.headers.authorization === undefined) return false;
  const source = { client: addresses.of(request), request: sourceRequest(request) };
  const identity = await auth.identityOf(source).catch(() => null);
  return identity !== null && identity.role !== null;
}
