import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Bodies } from '../http/body/bodies.ts';
import { JsonBodies } from '../http/body/json.ts';
import type { ClientAddresses } from '../http/client/address.ts';
import type { TokenAuth } from '../http/client/auth.ts';
import { sourceRequest } from '../http/client/operation.ts';
import { exportRoute } from '../http/export/route.ts';
import { ResponseCache } from '../http/graphql/cache.ts';
import { graphqlRoute } from '../http/graphql/route.ts';
import { Imports } from '../http/import/imports.ts';
import { importRoute } from '../http/import/route.ts';
import { ServerSentEvents } from '../http/live/sse/sse.ts';
import { WebSockets } from '../http/live/websocket/websocket.ts';
import { Peers } from '../http/load/sockets.ts';
import { isProbe, RequestCharges } from '../http/server/charge.ts';
import { graphiqlRoute } from '../http/server/graphiql.ts';
import { GRAPHQL_PATH } from '../http/server/headers.ts';
import { healthRoutes, sdlRoute } from '../http/server/health.ts';
import { metricsRoute } from '../http/server/metrics.ts';
import { type HttpServer, startHttpServer } from '../http/server/server.ts';
import { StaticFiles, webRoute } from '../http/server/static.ts';
import type { Budgets } from './budgets.ts';
import type { Databases } from './databases.ts';
import type { Guards } from './guards.ts';
import type { Log } from './log.ts';
import type { Operations } from './operations.ts';
import type { Setup } from './setup.ts';

/** Where the reader page is built to. */
const WEB_DIR = fileURLToPath(new URL('../../dist/web', import.meta.url));

/** What listens for clients. */
export interface Servers {
  readonly http: HttpServer;
  readonly sse: ServerSentEvents;
  readonly sockets: WebSockets;
  readonly json: JsonBodies;
  readonly imports: Imports;
  /** Answers to queries. */
  readonly cache: ResponseCache;
}

export async function startServers(
  { config, report, observer }: Setup,
  scrape: () => Promise<string>,
  { turns, memory, connections }: Budgets,
  { db, exportPool, canceller }: Databases,
  { tailer, catalog }: Log,
  { addresses, auth, sessions, load, watch, billing, guard, unread }: Guards,
  { endpoint, known, live, mask }: Operations,
): Promise<Servers> {
  const { port, host, limits, corsOrigins, explore, readersNeedToken, metrics } = config;
  const path = GRAPHQL_PATH;
  const json = new JsonBodies();
  const bodies = new Bodies({
    ...{ memory, json },
    bytesMax: limits.BODY_BYTES_MAX,
    anonymousBytesMax: limits.BODY_ANONYMOUS_BYTES_MAX,
    hasToken: (request) => hasToken(request, addresses, auth),
  });
  const sse = new ServerSentEvents({
    ...{ live, sessions, mask, billing, addresses, connections, bodies, unread, observer },
  });
  const files = new StaticFiles(WEB_DIR);
  const cache = new ResponseCache(limits.CACHE_BYTES_MAX, () => tailer.head);
  const imports = new Imports({ db, canceller, billing, load, turns });
  const longRequests = new WeakSet<Socket>();
  // Each WebSocket and event stream needs a connection, so this limit includes SOCKETS_PER_ADDRESS_MAX.
  const peers = new Peers(addresses, limits.CONNECTIONS_PER_ADDRESS_MAX + limits.SOCKETS_PER_ADDRESS_MAX);
  const http = await startHttpServer({
    longRequests,
    peers,
    ...{ port, host, addresses, turns, isProbe, memory, unread, corsOrigins },
    charges: new RequestCharges({ billing, addresses }),
    routes: [
      sse.route(path),
      ...(explore ? [graphiqlRoute({ path, files, readersNeedToken })] : []),
      graphqlRoute({
        ...{ path, endpoint, known, auth, guard, billing, tailer, addresses },
        ...{ bodies, unread, cache, mask, observer },
      }),
      importRoute({
        ...{
          imports,
          addresses,
          auth,
          sessions,
          guard,
          billing,
          memory,
          unread,
          longRequests,
          mask,
          observer,
        },
      }),
      healthRoutes({ db, watch, load, addresses }),
      metricsRoute({ token: metrics.token, scrape, report }),
      exportRoute({
        ...{ db, pool: exportPool, canceller, catalog, addresses, auth, guard, billing, turns },
        ...{ memory, unread, waitMs: limits.QUEUE_WAIT_MS, mask, observer },
      }),
      ...(explore ? [sdlRoute({ auth, guard, addresses, mask })] : []),
      webRoute(files),
    ],
    report: (error) => report(error, 'http'),
  });
  peers.limit(http.server);
  const sockets = new WebSockets({
    ...{ server: http.server, path, live, sessions, mask, observer },
    ...{ billing, addresses, connections, corsOrigins, memory, unread },
  });
  return { http, sse, sockets, json, imports, cache };
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
