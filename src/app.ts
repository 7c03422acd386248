import { fileURLToPath } from 'node:url';
import type { ReadoutError } from './base/errors.ts';
import { Stops } from './base/stops.ts';
import type { Config } from './config/settings.ts';
import { Cancellation, Canceller, onBehalfOf } from './db/cancellation.ts';
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

import { Execution } from './http/graphql/execution.ts';

import { graphqlRoute } from './http/graphql/route.ts';
import { createGraphql } from './http/graphql/yoga.ts';
import { Guard } from './http/limits/guard.ts';
import { readManifest } from './http/limits/trusted.ts';
import { type Batch, marksOfEntry, newBatch } from './http/live/feed.ts';
import { Live } from './http/live/live.ts';
import { Resumption } from './http/live/resumption.ts';
import { ServerSentEvents } from './http/live/sse.ts';
import { WebSockets } from './http/live/websocket.ts';
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
import { connect, prepareStore } from './store.ts';

/** Where the reader page is built to. */
const WEB_DIR = fileURLToPath(new URL('../dist/web', import.meta.url));
/** Of the connections to PostgreSQL, those kept for what is delivered to subscribers. */
const LIVE_CONNECTIONS_MAX = 2;
/** How long a stop waits for running operations. Beyond it they get UNAVAILABLE. @limit ms */
export const OPERATIONS_GRACE_MS = 5_000;
/** The same for operations that arrive during the stop on kept connections. */
const LATE_OPERATIONS_GRACE_MS = 1_500;
/** How long a stop waits until committed changes are read, and then until they are delivered. */
const CATCH_UP_TIMEOUT_MS = 2_000;
const DRAIN_TIMEOUT_MS = 2_000;
/** How long a stop waits for the last answers to be sent. */
const ANSWERS_GRACE_MS = 1_000;
/** Time that a step has beyond the waits in it. */
const STEP_SLACK_MS = 500;
/** The steps of a stop in order, and the time that each has. After that time the next step begins. */
const STOP_STEPS_MS = {
  operations: OPERATIONS_GRACE_MS + STEP_SLACK_MS,
  'last changes': CATCH_UP_TIMEOUT_MS + STEP_SLACK_MS,
  delivery: DRAIN_TIMEOUT_MS + STEP_SLACK_MS,
  streams: STEP_SLACK_MS,
  sockets: 4_000, // a client has 3 s to close its socket
  answers: LATE_OPERATIONS_GRACE_MS + ANSWERS_GRACE_MS + STEP_SLACK_MS,
  sessions: STEP_SLACK_MS,
  watch: 1_000,
  load: STEP_SLACK_MS,
  log: 1_000,
  'side connections': 1_000,
  'connections for subscribers': 1_000,
  connections: 1_000,
} as const;
/** The longest that a stop can take. */
export const STOP_TIME_MAX_MS = Object.values<number>(STOP_STEPS_MS).reduce((sum, ms) => sum + ms);

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

/** A running service in this process. */
export interface App extends Service {
  readonly db: Database;
  /** Connections that serve subscribers. */
  readonly liveDb: Database;
  readonly http: HttpServer;
  readonly tailer: Tailer;
  readonly hub: Hub<Batch>;
  /** The memory that clients hold. */
  readonly memory: MemoryBudget;
  readonly growth: Growth;
}

export interface AppOptions {
  readonly config: Config;
  /** Told in a sentence of what the operator should know. */
  readonly notice: (message: string) => void;
  readonly report: ReportError;
}

/** Serves a prepared record; everything is constructed here and nowhere else. */
export async function serve({ config, notice, report }: AppOptions, url: string): Promise<App> {
  const stops = new Stops(STOP_STEPS_MS, (error, step) => report(error, `stop: ${step}`));
  try {
    const { limits } = config;
    const databaseOptions = {
      url,
      statementTimeoutMs: config.statementTimeoutMs,
      onConnectionError: (error: Error) =>
        notice(`A connection to PostgreSQL broke and is replaced: ${error.message}`),
    };
    const liveMax = Math.max(1, Math.min(LIVE_CONNECTIONS_MAX, Math.floor(config.poolMax / 4)));
    const crowd = new Crowd();
    const db = openDatabase({
      ...databaseOptions,
      isAlone: () => crowd.isAlone,
      poolMax: config.poolMax - liveMax,
      waitMs: limits.QUEUE_WAIT_MS,
    });
    stops.add('connections', () => db.close());
    // Subscribers are served from connections that no query can take from them.
    const liveDb = openDatabase({ ...databaseOptions, poolMax: liveMax });
    stops.add('connections for subscribers', () => liveDb.close());
    const sidePool = openSidePool(url);
    stops.add('side connections', () => sidePool.end());
    const canceller = new Canceller(sidePool, new SqlClock());
    if (await connect(url, () => isPooled(db))) {
      notice(
        'There is a pooler before PostgreSQL, so queries can’t be cancelled; they run until their timeout. Connect directly, or let the pooler pool sessions (README, “A PostgreSQL of your own”).',
      );
    }
    const recorderToken = await connect(url, () => findRecorderToken(config, db));

    const growth = new Growth({ url, notice });
    const catalog = new Catalog();
    const rate = new Rate((key) => budgetOf(key, limits).max);
    const turns = new Turns({ waitMs: limits.QUEUE_WAIT_MS, crowd });
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
      budgetOf: (payer) => budgetOf(payer, limits),
      readPage: (...range) => readLog(liveDb.pool, ...range),
      head: () => tailer.head,
      report: (error) => report(error, 'hub'),
    });
    // From here on the tailer publishes changes. Everything that receives them exists, and drops what it read before a change.
    await connect(url, () => tailer.start());
    growth.reached(tailer.head.position);
    await connect(url, () => catalog.fill(db));

    const hideSuggestions = !config.explore;
    const mask = maskErrors(report, { hideSuggestions });
    const load = new Load(limits);
    load.start();
    stops.add('load', () => load.stop());
    const watch: DatabaseWatch = new DatabaseWatch({
      pool: sidePool,
      notice,
      onAway: () =>
        guard.stopAll(unavailable('The database does not answer at the moment. Try again shortly.')),
    });
    watch.start();
    stops.add('watch', () => watch.stop());
    const trusted = config.trustedDocuments === undefined ? null : readManifest(config.trustedDocuments);
    if (trusted) notice(`Without a token only ${trusted.count} operations can be run.`);
    const { jwt, readersNeedToken, corsOrigins, explore } = config;
    const issuer = jwt && new JwtIssuer({ ...jwt, report });
    const auth = new TokenAuth(db, { issuer, readersNeedToken });
    const guard = new Guard({
      limits,
      load,
      watch,
      canceller,
      trusted,
      explore: config.explore,
      rate,
      turns,
      tokens: auth,
    });
    const { trustProxy, exemptAddresses: exempt } = config;
    const addresses = new ClientAddresses({ trustProxy, exempt, notice });
    const connections = new Connections(limits);

    const sessions = new Sessions(auth, (error) => report(error, 'sessions'));
    stops.add('sessions', () => sessions.stop());
    const memory = new MemoryBudget(limits);
    const unread = new UnreadAnswers(limits.WRITE_TIMEOUT_MS);
    const json = new JsonBodies();
    const graphql = createGraphql({
      ...{ db, tailer, catalog, auth, report },
      ...{ guard, trusted, hideSuggestions, bodyBytesMax: limits.BODY_BYTES_MAX },
    });
    const resumption = new Resumption({
      tailer,
      readDigest: (position) => readDigest(liveDb.pool, position),
    });
    const live = new Live({
      ...{ graphql: graphql.yoga, auth, hub, resumption, mask, turns, guard, trusted, memory },
      execution: new Execution(schema),
    });
    const bodies = new Bodies({
      ...{ memory, json },
      bytesMax: limits.BODY_BYTES_MAX,
      anonymousBytesMax: limits.BODY_ANONYMOUS_BYTES_MAX,
      hasToken: async (request) => {
        if (request.headers.authorization === undefined) return false;
        const identity = await onBehalfOf(addresses.of(request).key, () =>
          auth.identityOf({ request: sourceRequest(request) }),
        ).catch(() => null);
        return identity !== null && identity.role !== null;
      },
    });
    const sse = new ServerSentEvents({
      ...{ live, sessions, mask, guard, addresses, connections, bodies, unread },
    });
    const files = new StaticFiles(WEB_DIR);
    const graphiql = graphiqlRoute({ path: GRAPHQL_PATH, files, readersNeedToken });
    const http = await startHttpServer({
      port: config.port,
      host: config.host,
      addresses,
      turns,
      isProbe,
      memory,
      unread,
      corsOrigins,
      charge: requestCharge({ guard, addresses }),
      routes: [
        sse.route(GRAPHQL_PATH),
        ...(explore ? [graphiql] : []),
        graphqlRoute({
          ...{ path: GRAPHQL_PATH, graphql, guard, tailer, addresses, bodies, unread, mask },
          cacheBytesMax: limits.CACHE_BYTES_MAX,
        }),
        healthRoutes({ db, watch, load }),
        ...(explore ? [sdlRoute({ auth, guard, addresses, mask })] : []),
        webRoute(files),
      ],
      report: (error) => report(error, 'http'),
    });
    // Each WebSocket and event stream needs a connection, so this limit includes SOCKETS_PER_ADDRESS_MAX.
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
    // Steps run in reverse: the last one added runs first.
    const stopping = (): ReadoutError => unavailable('The service is stopping. Send it again shortly.');
    stops.add('answers', async () => {
      await guard.finish(LATE_OPERATIONS_GRACE_MS, stopping());
      await http.stop(ANSWERS_GRACE_MS);
      unread.stop();
      await json.stop();
    });
    stops.add('sockets', () => sockets.stop());
    stops.add('streams', () => sse.stop());
    stops.add('delivery', () => hub.drain(DRAIN_TIMEOUT_MS));
    stops.add('last changes', () =>
      // If the log can't be read now, subscribers resume from their cursors.
      tailer.catchUp(CATCH_UP_TIMEOUT_MS).catch((error: unknown) => report(error, 'stop: last changes')),
    );
    stops.add('operations', async () => {
      http.refuseNew();
      sockets.refuseNew();
      sse.refuseNew();
      turns.release();
      await guard.finish(OPERATIONS_GRACE_MS, stopping());
    });
    const stop = (): Promise<void> => stops.run();
    return { origin: http.origin, db, liveDb, http, tailer, hub, memory, growth, recorderToken, stop };
  } catch (error) {
    await stops.run().catch(() => undefined); // already reported; the first error is the one to throw
    throw error;
  }
}

/** Prepares the record and serves it, in one process. */
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
