import type { Database } from '../db/client.ts';
import type { DatabaseWatch } from '../db/watch.ts';
import { printSdl } from '../schema/print.ts';
import type { Load } from './load.ts';
import { type Route, sendJson } from './server.ts';

const READY_TIMEOUT_MS = 2_000;

export interface HealthOptions {
  readonly db: Database;
  readonly watch: Pick<DatabaseWatch, 'away'>;
  readonly load: Pick<Load, 'busy'>;
}

/** `/health`: the process answers. `/ready`: it can also read the record, and has room for more work. */
export function healthRoutes(options: HealthOptions): Route {
  let looking: Promise<string | null> | undefined;
  return async (_, response, url) => {
    if (url.pathname === '/health') {
      sendJson(response, 200, { status: 'ok' });
      return true;
    }
    if (url.pathname !== '/ready') return false;
    // However many ask, PostgreSQL is asked once at a time.
    looking ??= unreadyReason(options).finally(() => {
      looking = undefined;
    });
    const reason = await looking;
    sendJson(response, reason === null ? 200 : 503, { status: reason ?? 'ready' });
    return true;
  };
}

/** Why new work had better go elsewhere; null where it is welcome. It is tried as new work would be. */
async function unreadyReason({ db, watch, load }: HealthOptions): Promise<string | null> {
  if (watch.away) return 'the database does not answer';
  if (load.busy) return 'there is too much to do';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, READY_TIMEOUT_MS, 'no connection to the database is free');
  });
  const answered = db.pool.query('SELECT 1').then(
    () => null,
    () => 'the database does not answer', // whatever the reason, it is not ready; the log has the pool's errors
  );
  const reason = await Promise.race([answered, late]);
  clearTimeout(timer);
  return watch.away ? 'the database does not answer' : reason;
}

/** `/schema.graphql` */
export function sdlRoute(): Route {
  let sdl: string | undefined;
  return (_, response, url) => {
    if (url.pathname !== '/schema.graphql') return false;
    sdl ??= printSdl();
    response.writeHead(200, {
      'content-type': 'application/graphql; charset=utf-8',
      'cache-control': 'no-cache',
    });
    response.end(sdl);
    return true;
  };
}
